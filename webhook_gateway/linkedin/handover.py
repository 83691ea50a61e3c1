"""How LinkedIn's notifications are given to Temporal: at once, or later out of the inbox."""

import logging
from datetime import datetime
from typing import ClassVar

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.events import LinkedInStatus
from models.operations import ResyncRequest
from models.temporal import LINKEDIN_STATUS
from webhook_gateway.dispatch import Dispatcher, LifecycleStatus
from webhook_gateway.handover import Handover, NotDeliverable
from webhook_gateway.hints import Hints
from webhook_gateway.linkedin.events import JOB_POSTING_STATUS, RESYNC_JOBS

ACCEPTED, REOPENED, UNKNOWN_JOB = "accepted", "reopened", "unknown_job"
LISTED = "LISTED"

logger = logging.getLogger(__name__)


class StatusHandover(Handover):
    """A job's status changed."""

    sender: ClassVar[str] = "linkedin"
    kind: ClassVar[str] = "linkedin_status"

    customer_id: str
    job_id: str
    status: LinkedInStatus

    @property
    def received_at(self) -> datetime:
        """Return when the gateway received it."""
        return self.status.received_at

    @property
    def job_key(self) -> str:
        """Return the lifecycle that it is for."""
        return workflow_id(self.customer_id, self.job_id)


class ResyncHandover(Handover):
    """LinkedIn wants jobs of a customer again."""

    sender: ClassVar[str] = "linkedin"
    kind: ClassVar[str] = "linkedin_resync"

    customer_id: str
    request: ResyncRequest

    @property
    def received_at(self) -> datetime:
        """Return when the gateway received it."""
        return self.request.received_at

    @property
    def job_key(self) -> str:
        """Return the workflow that passes it on."""
        return f"linkedin-resync-{self.customer_id}-{self.request.digest}"


class LinkedInDelivery:
    """Give notifications to the lifecycles that they are about."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, hints: Hints) -> None:
        """Serve the customers of the settings."""
        self._settings, self._dispatcher, self._hints = settings, dispatcher, hints

    async def tell(self, what: StatusHandover) -> str:
        """Return ACCEPTED, REOPENED where a closed job is taken up again, or UNKNOWN_JOB.

        Raises TemporalUnavailable, and NotDeliverable where the customer is not configured any more.
        """
        if await self._hints.signal(what.job_key, LINKEDIN_STATUS, what.status):
            logger.info("%s accepted for %s", JOB_POSTING_STATUS, what.job_key)
            return ACCEPTED
        if what.status.listing is None or what.status.listing.status.upper() != LISTED:
            return UNKNOWN_JOB
        # A lifecycle that ended with the job closed takes it up again; one that began this moment reads it anyway.
        if await self._dispatcher.status(what.customer_id, what.job_id) is not LifecycleStatus.CLOSED:
            return UNKNOWN_JOB
        again = what.status.model_copy(update={"after_close": True})
        id_ = await self._dispatcher.listed_again(self._customer(what.customer_id), what.job_id, again)
        logger.info("LinkedIn lists a closed job: %s", id_)
        return REOPENED

    async def resync(self, what: ResyncHandover) -> str:
        """Return ACCEPTED.

        Raises TemporalUnavailable, and NotDeliverable where the customer is not configured any more.
        """
        id_ = await self._hints.resync(self._customer(what.customer_id), what.request)
        logger.info("%s accepted for %s", RESYNC_JOBS, id_)
        return ACCEPTED

    def _customer(self, customer_id: str) -> Customer:
        customer = self._settings.customer(customer_id)
        if customer is None:
            raise NotDeliverable(f"customer {customer_id} is not configured")
        return customer
