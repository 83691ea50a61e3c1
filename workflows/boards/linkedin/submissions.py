"""What is recorded of submissions to LinkedIn: a newer intent supersedes one, and LinkedIn may carry it out later."""

from datetime import datetime
from typing import Any

from models.boards import EarlierWrite, LinkedInRecord
from models.calls.linkedin import LinkedInSubmitted
from models.states import Operation

# Operations are compared by value: in the SDK's sandbox an activity's answer has classes of its own.
EARLIER_KEPT = 10


def begun_anew(record: LinkedInRecord, *, unsettled: bool, now: datetime) -> dict[str, Any]:
    """Return the fields of a record whose intent is new: a submission that is under way is remembered.

    So is a close that was refused as done already: an earlier try of it, whose answer was lost, may be what did it.
    """
    earlier = record.earlier
    if unsettled and record.operation is not None and (record.task_id is not None or record.conflict):
        earlier = with_earlier(record, record.operation, record.task_id, now)
    return {
        "submitted": False,
        "submitted_at": None,
        "task_id": None,
        "operation": None,
        "moved_from": None,
        "conflict": False,
        "look": False,
        "ask_ats": False,
        "earlier": earlier,
    }


def answered(record: LinkedInRecord, answer: LinkedInSubmitted) -> dict[str, Any]:
    """Return what an answered submission says of the job, as fields of the record."""
    closed = answer.operation == Operation.CLOSE and answer.task_id is not None
    return {
        "task_id": answer.task_id,
        "operation": answer.operation,
        "listed_at": answer.listed_at or record.listed_at,
        "sent_location": answer.location or record.sent_location,
        "created": record.created or answer.operation == Operation.CREATE,
        "seen": record.seen or answer.seen,
        "taken_down": record.taken_down or closed,
    }


def superseded(
    record: LinkedInRecord, operation: Operation, answer: LinkedInSubmitted | None, *, begun: bool, now: datetime
) -> dict[str, Any]:
    """Return the fields of a record whose submission is no longer wanted; `begun` where it may have been sent."""
    if answer is None:
        return {"earlier": with_earlier(record, operation, None, now)} if begun else {}
    fields = answered(record, answer)
    if answer.task_id is not None or answer.conflict:
        fields["earlier"] = with_earlier(record, operation, answer.task_id, now)
    return fields | {"task_id": None, "operation": None}


def with_earlier(
    record: LinkedInRecord, operation: Operation, task_id: str | None, now: datetime
) -> tuple[EarlierWrite, ...]:
    """Return the earlier writes with one more."""
    return (*record.earlier, EarlierWrite(operation=operation, task_id=task_id, at=now))[-EARLIER_KEPT:]


def listing_writes(record: LinkedInRecord) -> tuple[EarlierWrite, ...]:
    """Return the earlier writes that may yet list the job."""
    return tuple(write for write in record.earlier if write.operation != Operation.CLOSE)
