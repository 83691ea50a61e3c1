"""How iCIMS's events are given to Temporal: at once, or later out of the inbox."""

import logging
from datetime import datetime
from typing import ClassVar

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.events import AtsEvent
from models.notice_types import NoticeType
from models.states import Intent
from models.temporal import ATS_EVENT
from webhook_gateway.dispatch import Dispatcher, LifecycleStatus
from webhook_gateway.handover import Handover, NotDeliverable
from webhook_gateway.hints import Hints

ACCEPTED, IGNORED = "accepted", "ignored"

logger = logging.getLogger(__name__)


class IcimsHandover(Handover):
    """An event of the ATS about one job."""

    sender: ClassVar[str] = "icims"
    kind: ClassVar[str] = "icims"

    customer_id: str
    job_id: str
    event: AtsEvent

    @property
    def received_at(self) -> datetime:
        """Return when the gateway received it."""
        return self.event.received_at

    @property
    def job_key(self) -> str:
        """Return the lifecycle that it is for."""
        return workflow_id(self.customer_id, self.job_id)


class IcimsDelivery:
    """Give events to the lifecycle of their job."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, hints: Hints) -> None:
        """Serve the customers of the settings."""
        self._settings, self._dispatcher, self._hints = settings, dispatcher, hints

    async def deliver(self, what: IcimsHandover) -> str:
        """Return ACCEPTED, or IGNORED for what changes nothing.

        Raises TemporalUnavailable, and NotDeliverable where the customer is not configured any more.
        """
        customer = self._settings.customer(what.customer_id)
        if customer is None:
            raise NotDeliverable(f"customer {what.customer_id} is not configured")
        if what.event.looked:
            return await self._look(what)
        event = await self._as_it_stands(what)
        if event is None:
            return IGNORED
        id_ = await self._dispatcher.ats_event(customer, what.job_id, event)
        logger.info("%s accepted for %s", event.event_type, id_, extra={"workflow_id": id_})
        return ACCEPTED

    async def _look(self, what: IcimsHandover) -> str:
        """Have an open job's fields read anew; a look starts no lifecycle and changes no intent."""
        is_open = await self._hints.signal(what.job_key, ATS_EVENT, what.event)
        said = "read anew" if is_open else "not open: nothing to do"
        logger.info("%s: %s is %s", what.event.event_type, what.job_key, said)
        return ACCEPTED

    async def _as_it_stands(self, what: IcimsHandover) -> AtsEvent | None:
        """Return an event with whether the job had been closed; None for a hire taken back of a job nobody knows."""
        event = what.event
        if event.hire is not None and not event.hire.filled:
            status = await self._dispatcher.status(what.customer_id, what.job_id)
            if status is LifecycleStatus.UNKNOWN:
                return None
            hire = event.hire.model_copy(update={"after_close": status is LifecycleStatus.CLOSED})
            return event.model_copy(update={"hire": hire})
        # Asked only where somebody wants to be told.
        if event.intent is Intent.POSTED and NoticeType.REOPENED in self._settings.notices_of(what.customer_id):
            status = await self._dispatcher.status(what.customer_id, what.job_id)
            return event.model_copy(update={"after_close": status is LifecycleStatus.CLOSED})
        return event


def handover(customer: Customer, job_id: str, event: AtsEvent) -> IcimsHandover:
    """Return what there is to hand over of an event."""
    return IcimsHandover(customer_id=customer.id, job_id=job_id, event=event)
