"""`GET /events`: what the senders sent, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from boardsync.console.asked import customer_in, job_in, number_in
from boardsync.console.context import Context
from boardsync.console.rendering import reply
from boardsync.console.words import RESULTS, event_words
from store.events import LoggedEvent, Result
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import Moment

PAGE = 100
SENDERS: Mapping[str, str] = {"icims": "iCIMS", "linkedin": "LinkedIn", "indeed": "Indeed"}


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """An event that was taken or refused."""

    id: int
    at: Moment
    sender: str
    customer: str | None
    job: str | None
    """Customer and id, where both are known."""
    type: str
    refused: bool
    reason: str | None
    replayable: bool
    replayed_at: Moment | None


class EventsPage:
    """The event log."""

    def __init__(self, context: Context) -> None:
        """Read from there."""
        self._context = context

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with a page of events, newest first."""
        job, refused = job_in(request.query), request.query.get("refused") == "1"
        customer = job.customer_id if job is not None else customer_in(request.query)
        found = await self._context.events.find(
            refused=refused,
            customer_id=customer,
            job_id=job.job_id if job is not None else None,
            before=number_in(request.query, "before"),
            limit=PAGE,
        )
        said = {"job": str(job) if job else "", "customer": customer or "", "refused": "1" if refused else ""}
        kept = {key: value for key, value in said.items() if value}
        return reply(
            request,
            "events.html",
            events=[self._line(each) for each in found],
            said=said,
            misread=bool(request.query.get("job")) and job is None,
            customers=sorted((each.name, each.id) for each in self._context.settings.customers),
            next_page=_next(kept, found),
            first_page=f"/events?{urlencode(kept)}" if "before" in request.query else None,
        )

    def _line(self, event: LoggedEvent) -> EventLine:
        known = event.customer_id is not None and event.job_id is not None
        linked = known and f"{event.customer_id}{event.job_id}".isdigit()
        return EventLine(
            id=event.id,
            at=Moment.of(event.at),
            sender=SENDERS.get(event.sender, event.sender),
            customer=customer_name(self._context.settings, event.customer_id) if event.customer_id else None,
            job=f"{event.customer_id}/{event.job_id}" if linked else None,
            type=event_words(event.type),
            refused=event.result is Result.REFUSED,
            reason=RESULTS.get(event.reason or "", event.reason) or None,
            replayable=event.replayable and event.replayed_at is None,
            replayed_at=Moment.of(event.replayed_at) if event.replayed_at is not None else None,
        )


def _next(kept: Mapping[str, str], found: Sequence[LoggedEvent]) -> str | None:
    if len(found) < PAGE:
        return None
    return f"/events?{urlencode({**kept, 'before': str(found[-1].id)})}"
