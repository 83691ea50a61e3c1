"""Read a receipt back from the ledger: enough of it for a lifecycle that takes up where an earlier one has ended."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from models.boards import Boards, Evidence, IndeedPosting, IndeedRecord, LinkedInRecord
from models.lifecycle import Decision, Receipt, Received, Stop
from models.receipts import StoredReceipt
from models.states import BoardName, BoardState
from store.ledger.canonical import NotCanonicalError, parsed


def receipt_of(kept: StoredReceipt) -> Receipt | None:
    """Return what an entry of the ledger says; None where its body was removed, or is of a form that is not known."""
    if kept.body is None:
        return None
    try:
        return _receipt(parsed(kept.body))
    except (NotCanonicalError, ValidationError, KeyError, TypeError, AttributeError):
        return None


def _receipt(said: Any) -> Receipt:
    boards = Boards.model_validate({name: _board(BoardName(name), each) for name, each in said["boards"].items()})
    return Receipt(
        customer_id=said["customer_id"],
        job_id=said["job_id"],
        intent=said["intent"],
        decided=None if said.get("decided") is None else Decision.model_validate(said["decided"]),
        phase=said["phase"],
        closed_at=said["closed_at"],
        boards=boards,
        proven={BoardName(name): each["proven"] for name, each in said["boards"].items()},
        received=tuple(Received.model_validate(each) for each in said["heard"]),
        reported=said["told_icims"],
        report_failed=said["icims_not_told"],
        reopened=said["reopened"],
        stopped=None if said.get("stopped") is None else Stop.model_validate(said["stopped"]),
    )


def _board(board: BoardName, said: Mapping[str, Any]) -> LinkedInRecord | IndeedRecord:
    common: dict[str, Any] = {
        "state": BoardState.SETTLED,
        "outcome": said["outcome"],
        "evidence": _evidence(said),
        "since": said["settled_at"],
        "reached_asked_at": said["asked_at"],
        "seen": said.get("seen", said["proven"]),
        "set_aside": not said.get("in_use", True),
        "reopened": said.get("reopened", 0),
    }
    if board is BoardName.INDEED:
        postings = tuple(IndeedPosting.model_validate(each) for each in said["postings"])
        return IndeedRecord(**common, postings=postings)
    return LinkedInRecord(
        **common,
        task_id=said["task"],
        operation=said.get("task_operation"),
        listed_at=said["listed_at"],
        relisted=said.get("listed_again_at", ()),
        created=said.get("created", False),
        taken_down=said.get("taken_down", False),
    )


def _evidence(said: Mapping[str, Any]) -> Sequence[Evidence]:
    answers = [Evidence.model_validate(each) for each in said["answers"]]
    by_hand = [
        Evidence(at=each["at"], asked=each["asked"], answered=each["said"], by_hand=True) for each in said["by_hand"]
    ]
    return sorted([*answers, *by_hand], key=lambda each: each.at)
