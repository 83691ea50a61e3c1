"""`GET /jobs/{customerId}/{jobId}`, and what people do there: Retry, Confirm, Close and Clear, as signals."""

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from boardsync.console.context import Context
from boardsync.console.rendering import reply, trouble
from boardsync.console.security import FIELD
from boardsync.exits import CommandFailed
from boardsync.jobs.actions import Action, Result, Sending, act
from boardsync.jobs.dossier import read_dossier
from boardsync.jobs.references import JobRef
from models.base import is_id
from models.receipts import StoredReceipt
from models.states import BoardName
from models.temporal import CLEAR, CLOSE, CONFIRM, RETRY
from store.checks import Check
from store.errors import StoreUnavailable, within
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import Moment, Page

logger = logging.getLogger(__name__)
T = TypeVar("T")

STORE_WITHIN = 2.0
LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something that a person may do, and what comes of it."""

    signal: str
    label: str
    means: str


OFFERS: Mapping[str, Offer] = {
    each.signal: each
    for each in (
        Offer(signal=RETRY, label="Retry", means="Begins again on every board that is not done."),
        Offer(signal=CONFIRM, label="Confirm", means="Reads the boards now. Changes nothing on them."),
        Offer(
            signal=CLOSE,
            label="Close",
            means="Takes the job down as if iCIMS had unposted it: off LinkedIn, and our changes off Indeed.",
        ),
        Offer(signal=CLEAR, label="Clear", means="Takes our changes off Indeed, and leaves LinkedIn as it is."),
    )
}
SENT: Mapping[str, str] = {
    Sending.SENT: "was sent. What comes of it shows here within seconds.",
    Sending.STARTED: "was sent, and the job's lifecycle was started for it.",
}


def offers(page: Page) -> Sequence[Offer]:
    """Return what makes sense for a job as it stands: one that has ended can only be taken down again."""
    if page.stopped or page.closed_at is not None:
        return [OFFERS[CLOSE]]
    indeed = any(board.anchor == BoardName.INDEED for board in page.boards)
    return [each for each in OFFERS.values() if indeed or each.signal != CLEAR]


class JobHandlers:
    """One job."""

    def __init__(self, context: Context) -> None:
        """Read from there, and send signals by its client."""
        self._context = context

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the job's page."""
        job = job_of(request)
        page = await self._context.reader.read(job.customer_id, job.job_id)
        receipts = await self._from_store(
            self._context.stored.ledger.receipts(job.customer_id, job.job_id, limit=20), ()
        )
        if page is None:
            return self._unknown(request, job, receipts)
        checks = await self._from_store(self._context.stored.checks.of_job(job.customer_id, job.job_id), ())
        said = request.query.get("sent", ""), request.query.get("how", "")
        return reply(
            request,
            "console_job.html",
            renew=page.refresh,
            job=job,
            page=page,
            offers=offers(page),
            token=self._context.forms.token_for(request, _place(job)),
            field=FIELD,
            longest=LONGEST_REASON,
            sent=f"{OFFERS[said[0]].label} {SENT[said[1]]}" if said[0] in OFFERS and said[1] in SENT else None,
            receipts=[ReceiptLine.of(each) for each in receipts],
            checks=[CheckLine.of(each) for each in checks],
        )

    async def steps(self, request: web.Request) -> web.Response:
        """Answer with every step of the lifecycle's newest run."""
        job = job_of(request)
        try:
            dossier = await read_dossier(self._context.client, job, self._context.settings)
        except CommandFailed as error:
            return trouble(request, f"No steps of job {job.job_id} are known", f"{error}.", status=404)
        moments = [(Moment.of(each.at), each.what) for each in reversed(dossier.timeline)]
        return reply(request, "steps.html", job=job, moments=moments, links=dossier.links)

    async def act(self, request: web.Request) -> web.Response:
        """Send a signal to the job's lifecycle, in the name of who is logged in."""
        job, offer = job_of(request), OFFERS.get(request.match_info["signal"])
        if offer is None:
            raise web.HTTPNotFound
        form = await request.post()
        user, reason = self._context.forms.sender(request, form, _place(job)), form.get("reason")
        if not isinstance(reason, str) or not reason.strip() or len(reason) > LONGEST_REASON:
            return trouble(request, "Nothing was sent", NO_REASON, status=400)
        result = await self._send(job, Action(signal=offer.signal, by=user, reason=reason.strip()))
        if result.sending is Sending.FAILED:
            return trouble(request, "Nothing was sent", f"{result.problem}.", status=409)
        logger.info("%s of job %s was sent from the console", offer.signal, job)
        raise web.HTTPSeeOther(f"/jobs/{job}?sent={offer.signal}&how={result.sending}")

    async def _send(self, job: JobRef, action: Action) -> Result:
        found: list[Result] = []

        def told(_: JobRef, result: Result) -> None:
            found.append(result)

        await act(self._context.client, [job], action, wait=False, told=told, settings=self._context.settings)
        return found[-1]

    def _unknown(self, request: web.Request, job: JobRef, receipts: Sequence[StoredReceipt]) -> web.Response:
        if not receipts:
            said = "No event of this job has reached Boardsync, or it was so long ago that the record has been removed."
            return trouble(request, f"Nothing is known of job {job.job_id}", said, status=404)
        return reply(
            request,
            "forgotten.html",
            job=job,
            customer=customer_name(self._context.settings, job.customer_id),
            receipts=[ReceiptLine.of(each) for each in receipts],
        )

    async def _from_store(self, ask: Awaitable[T], otherwise: T) -> T:
        try:
            async with within(STORE_WITHIN):
                return await ask
        except StoreUnavailable:
            return otherwise


NO_REASON = f"A reason is needed, of at most {LONGEST_REASON} characters: it is kept as evidence. Go back and say why."


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """A receipt of a job in the ledger."""

    leaf: int
    ended: Moment
    stored: Moment
    kept: bool
    """Its body was not removed after its time."""

    @classmethod
    def of(cls, receipt: StoredReceipt) -> "ReceiptLine":
        """Take an entry of the ledger."""
        ended, stored = Moment.of(receipt.ended_at), Moment.of(receipt.stored_at)
        return cls(leaf=receipt.leaf, ended=ended, stored=stored, kept=receipt.body is not None)


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    """A look at a board after the close."""

    board: str
    due: Moment
    done: Moment | None
    found: str | None

    @classmethod
    def of(cls, check: Check) -> "CheckLine":
        """Take a check."""
        board = BoardName(check.board).label if check.board in set(BoardName) else check.board
        done = Moment.of(check.done_at) if check.done_at is not None else None
        return cls(board=board, due=Moment.of(check.due_at), done=done, found=check.found)


def job_of(request: web.Request) -> JobRef:
    """Return the job that an address names."""
    ids = request.match_info["customer_id"], request.match_info["job_id"]
    if not all(is_id(each) for each in ids):
        raise web.HTTPNotFound
    return JobRef(*ids)


def _place(job: JobRef) -> str:
    return f"/jobs/{job}"
