"""How Indeed's events are given to Temporal: at once, or later out of the inbox."""

import logging
from datetime import datetime
from typing import ClassVar

from models.events import IndeedChange
from models.temporal import INDEED_CHANGED
from webhook_gateway.handover import Handover
from webhook_gateway.hints import Hints
from webhook_gateway.indeed.index import JobIndex

ACCEPTED, UNKNOWN_JOB = "accepted", "unknown_job"

logger = logging.getLogger(__name__)


class IndeedHandover(Handover):
    """A posting changed; which jobs it is of is looked up when it is told."""

    sender: ClassVar[str] = "indeed"
    kind: ClassVar[str] = "indeed"

    customer_ids: tuple[str, ...]
    change: IndeedChange

    @property
    def received_at(self) -> datetime:
        """Return when the gateway received it."""
        return self.change.received_at

    @property
    def job_key(self) -> str:
        """Return the posting: its events keep their order."""
        return f"indeed-{'-'.join(self.customer_ids)}-{self.change.employer_job_id}"

    @property
    def repeat_key(self) -> str | None:
        """Return the event's id: of each sender its own, so that nobody can have another's taken for a repeat."""
        if self.change.event_id is None:
            return None
        return f"indeed-{'-'.join(self.customer_ids)}-{self.change.event_id}"


class IndeedDelivery:
    """Tell the running lifecycles that know a posting."""

    def __init__(self, hints: Hints, index: JobIndex) -> None:
        """Find them in this index."""
        self._hints, self._index = hints, index

    async def deliver(self, what: IndeedHandover) -> str:
        """Return ACCEPTED, or UNKNOWN_JOB where none of them runs.

        Raises TemporalUnavailable.
        """
        found = await self._index.lifecycles_of(what.change.employer_job_id, what.customer_ids)
        told = [each for each in found if await self._hints.signal(each, INDEED_CHANGED, what.change)]
        if not told:
            return UNKNOWN_JOB
        logger.info("an event of Indeed accepted for %s", ", ".join(told))
        return ACCEPTED
