"""Keep what a lifecycle has come to: in the ledger, the job index, and as checks that look again later."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue
from temporalio import activity

from activities.metrics import KEPT, LATE, UNPROVEN, count_close
from activities.providers import Providers
from activities.stored import asked_of_store
from clients.icims.protocol import IcimsJob
from config.values import fill
from models.base import workflow_id
from models.boards import BoardRecord, IndeedRecord, LinkedInRecord
from models.calls.store import ReceiptStored, StoreReceipt
from models.lifecycle import Receipt, Stop
from models.receipts import BoardClose, LedgerEntry
from models.states import BoardName, Live
from store.checks import Check
from store.ends import End
from store.jobs import IndexedJob, Posting

FORM = "boardsync receipt 1"
_LIVE = {Live.LIVE: True, Live.NOT_LIVE: False, Live.UNKNOWN: None}


class ReceiptActivities:
    """What a lifecycle asks of the store at its end."""

    def __init__(self, providers: Providers) -> None:
        """Use the worker's own settings and store.

        Raises ValueError where it has opened none: no lifecycle could complete.
        """
        if providers.stored is None:
            raise ValueError("A worker needs an open store: Providers(…, stored=Stored(settings))")
        self._providers, self._stored = providers, providers.stored

    @activity.defn(name="store_receipt")
    async def store(self, call: StoreReceipt) -> ReceiptStored:
        """Keep the receipt once, however often it is asked to; note the job and when to look again.

        Fails while the store cannot take it: Temporal asks again until it has.
        """
        receipt = call.receipt
        run_id = call.run_id if call.number == 1 else f"{call.run_id}/{call.number}"
        said = self._said(receipt)
        entry = ledger_entry(receipt, run_id, said.title)
        with asked_of_store():
            await self._stored.prepared()
            indexed = _indexed(receipt, said, self._postings(receipt))
            checks = () if receipt.stopped is not None else tuple(self._checks(receipt, run_id))
            leaf = await self._stored.ends.keep(End(entry, indexed, checks))
        self._count(entry)
        return ReceiptStored(leaf=leaf)

    def _count(self, entry: LedgerEntry) -> None:
        """Count how the promise was kept. Last: a try that failed before is counted once."""
        promise = self._providers.settings.timing.promise
        for close in entry.closes:
            if not close.proven:
                count_close(close.board, UNPROVEN)
            else:
                count_close(close.board, KEPT if close.settled_at - close.asked_at <= promise else LATE)

    def _said(self, receipt: Receipt) -> IcimsJob:
        """Return what iCIMS has said of the job to this process; it is not asked."""
        if self._providers.settings.customer(receipt.customer_id) is None:
            return IcimsJob(title=None)
        return self._providers.icims(receipt.customer_id).said_before(receipt.job_id)

    def _postings(self, receipt: Receipt) -> tuple[Posting, ...]:
        customer = self._providers.settings.customer(receipt.customer_id)
        template = None if customer is None or customer.linkedin is None else customer.linkedin.external_job_posting_id
        found: list[Posting] = []
        for board, record in receipt.boards.used:
            if isinstance(record, IndeedRecord):
                found += (Posting(board=board, posting_id=each.id, live=_LIVE[each.live]) for each in record.postings)
            elif template is not None and (record.seen or record.proven):
                id_ = fill(template, customer_id=receipt.customer_id, job_id=receipt.job_id)
                url = _last_id(record, "url")
                found.append(Posting(board=board, posting_id=id_, url=url, live=_LIVE[record.live]))
        return tuple(found)

    def _checks(self, receipt: Receipt, run_id: str) -> Iterable[Check]:
        # Also where nothing was proven: a job that was not found may turn up.
        return [
            Check(
                customer_id=receipt.customer_id,
                job_id=receipt.job_id,
                board=board,
                run_id=run_id,
                due_at=receipt.closed_at + after,
            )
            for board, _ in receipt.boards.used
            for after in self._providers.settings.timing.recheck_after
        ]


def ledger_entry(receipt: Receipt, run_id: str, title: str | None) -> LedgerEntry:
    """Return what the ledger keeps of a lifecycle that ended."""
    return LedgerEntry(
        workflow_id=workflow_id(receipt.customer_id, receipt.job_id),
        run_id=run_id,
        customer_id=receipt.customer_id,
        job_id=receipt.job_id,
        ended_at=receipt.closed_at,
        receipt=_body(receipt, title),
        closes=tuple(_close(board, record, asked) for board, record, asked in _asked(receipt)),
    )


def _indexed(receipt: Receipt, said: IcimsJob, postings: tuple[Posting, ...]) -> IndexedJob:
    """Return what the job index learns from a receipt."""
    return IndexedJob(
        customer_id=receipt.customer_id,
        job_id=receipt.job_id,
        title=said.title,
        number=said.number,
        intent=receipt.intent,
        phase=receipt.phase,
        postings=postings,
    )


def _body(receipt: Receipt, title: str | None) -> dict[str, JsonValue]:
    """Write the receipt for people and programs of years to come: nothing of how the work was done inside."""
    stopped: dict[str, JsonValue] = {} if receipt.stopped is None else {"stopped": _stopped(receipt.stopped)}
    return stopped | {
        "form": FORM,
        "title": title,
        "intent": receipt.intent,
        "phase": receipt.phase,
        "closed_at": receipt.closed_at.isoformat(),
        "decided": _decided(receipt),
        "boards": {board.value: _board(board, record, receipt) for board, record in _all(receipt)},
        "heard": [
            {
                "at": each.at.isoformat(),
                "what": each.what,
                "by": each.by,
                "reason": each.reason,
                "count": each.count,
            }
            for each in receipt.received
        ],
        "told_icims": dict(receipt.reported) if receipt.reported is not None else None,
        "icims_not_told": receipt.report_failed,
        "reopened": receipt.reopened,
    }


def _stopped(stop: Stop) -> dict[str, JsonValue]:
    return {"at": stop.at.isoformat(), "by": stop.by, "reason": stop.reason}


def _decided(receipt: Receipt) -> dict[str, JsonValue] | None:
    decided = receipt.decided
    return None if decided is None else {"at": decided.at.isoformat(), "by_event": decided.by_event}


def _board(board: BoardName, record: BoardRecord, receipt: Receipt) -> dict[str, JsonValue]:
    answers: list[JsonValue] = [
        {"at": each.at.isoformat(), "asked": each.asked, "answered": each.answered, "ids": dict(each.ids)}
        for each in record.evidence
        if not each.by_hand
    ]
    by_hand: list[JsonValue] = [
        {"at": each.at.isoformat(), "asked": each.asked, "said": each.answered}
        for each in record.evidence
        if each.by_hand
    ]
    found: dict[str, JsonValue] = {
        "outcome": record.outcome,
        "proven": receipt.proven.get(board, record.proven),
        "live": record.live,
        "seen": record.seen or record.proven,
        "in_use": not record.set_aside,
        "reopened": record.reopened,
        "asked_at": _moment(record.reached_asked_at),
        "settled_at": record.since.isoformat(),
        "answers": answers,
        "by_hand": by_hand,
    }
    if isinstance(record, IndeedRecord):
        found["postings"] = [
            {"id": each.id, "live": each.live, "posted_at": _moment(each.posted_at)} for each in record.postings
        ]
    if isinstance(record, LinkedInRecord):
        found |= {
            "task": record.task_id,
            "task_operation": record.operation,
            "listed_at": _moment(record.listed_at),
            "listed_again_at": [at.isoformat() for at in record.relisted],
            "created": record.created,
            "taken_down": record.taken_down,
        }
    return found


def _all(receipt: Receipt) -> Iterable[tuple[BoardName, BoardRecord]]:
    """Return every board, those that the customer uses no more included."""
    return (*receipt.boards.used, *receipt.boards.set_aside)


def _asked(receipt: Receipt) -> Iterable[tuple[BoardName, BoardRecord, datetime]]:
    return (
        (board, record, record.reached_asked_at)
        for board, record in receipt.boards.used
        # A lifecycle that a person stopped has promised nothing.
        if record.reached_asked_at is not None and receipt.stopped is None
    )


def _close(board: BoardName, record: BoardRecord, asked_at: datetime) -> BoardClose:
    outcome = "" if record.outcome is None else record.outcome.value
    return BoardClose(board=board, outcome=outcome, proven=record.proven, asked_at=asked_at, settled_at=record.since)


def _last_id(record: BoardRecord, name: str) -> str | None:
    return next((each.ids[name] for each in reversed(record.evidence) if name in each.ids), None)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
