"""The signals of a lifecycle: each only appends to the inbox, and none fails whatever it is sent."""

from typing import Any

from temporalio import workflow

from models.causes import GoOn
from models.events import AtsEvent, IndeedChange, LinkedInResync, LinkedInStatus, UpdateAction
from models.temporal import (
    ATS_EVENT,
    CLEAR,
    CLOSE,
    CONFIRM,
    GO_ON,
    INDEED_CHANGED,
    LINKEDIN_RESYNC,
    LINKEDIN_STATUS,
    RETRY,
    UPDATE,
)
from workflows.inbox import Inbox


class Signals:
    """Handle what the gateway and people send."""

    _inbox: Inbox

    # --- from the gateway -----------------------------------------------------------------------------------

    @workflow.signal(name=ATS_EVENT, description="Sent by the gateway, not by people: an event of the ATS")
    def ats_event(self, *said: Any) -> None:
        """Take an event of the ATS."""
        self._inbox.read(ATS_EVENT, said, AtsEvent)

    @workflow.signal(
        name=LINKEDIN_STATUS, description="Sent by the gateway, not by people: LinkedIn says how the job stands"
    )
    def linkedin_status(self, *said: Any) -> None:
        """Take a notification of LinkedIn."""
        self._inbox.read(LINKEDIN_STATUS, said, LinkedInStatus)

    @workflow.signal(name=LINKEDIN_RESYNC, description="Sent by `LinkedInResync`: LinkedIn wants an open job again")
    def linkedin_resync(self, *said: Any) -> None:
        """Take LinkedIn's wish to have the job sent again."""
        self._inbox.read(LINKEDIN_RESYNC, said, LinkedInResync)

    @workflow.signal(name=GO_ON, description="Sent by `CommonCause`: what has stopped the job may be over")
    def go_on(self, *said: Any) -> None:
        """Take word that a cause may be over."""
        self._inbox.read(GO_ON, said, GoOn)

    @workflow.signal(name=INDEED_CHANGED, description="Sent by the gateway, not by people: Indeed says the job changed")
    def indeed_changed(self, *said: Any) -> None:
        """Take a hint of Indeed."""
        self._inbox.read(INDEED_CHANGED, said, IndeedChange)

    # --- from people ----------------------------------------------------------------------------------------

    @workflow.signal(
        name=CLOSE,
        description="Take the job down from its boards, as if the ATS had unposted it. "
        'Input, optional: {"by": "Ana", "reason": "filled by phone"}',
    )
    def close(self, *said: Any) -> None:
        """Take the job down by hand."""
        self._inbox.read(CLOSE, said)

    @workflow.signal(
        name=RETRY,
        description="Begin again on every board that is not done: read it, write if needed, read it back. "
        'Input, optional: {"by": "Ana", "reason": "slots bought"}',
    )
    def retry(self, *said: Any) -> None:
        """Begin again on every board that is not done."""
        self._inbox.read(RETRY, said)

    @workflow.signal(
        name=CONFIRM,
        description="Read every board that is not done, now, and write nothing: after you closed the job by hand. "
        'Input, optional: {"by": "Ana", "reason": "closed it on LinkedIn"}',
    )
    def confirm(self, *said: Any) -> None:
        """Read every board that is not done, now."""
        self._inbox.read(CONFIRM, said)

    @workflow.signal(
        name=UPDATE,
        description="Set fields on the posted job at Indeed, over what the ATS and the templates say; null takes one "
        'back. Input: {"by": "Ana", "reason": "…", "fields": {"title": "…", "tracking_url": null}}. Fields: url, '
        "campaign_categories, tracking_url, title, description, description_formatting (TEXT or HTML), location "
        "{city_region_postal, street_address}, salary {currency, minimum_minor, maximum_minor, period}, company_name",
    )
    def update(self, *said: Any) -> None:
        """Set fields on Indeed by hand."""
        self._inbox.read(UPDATE, said, UpdateAction)

    @workflow.signal(
        name=CLEAR,
        description="Take the agency's changes off the job at Indeed, until something new is wanted. "
        'Input, optional: {"by": "Ana", "reason": "client paused"}',
    )
    def clear(self, *said: Any) -> None:
        """Take the agency's changes off Indeed by hand."""
        self._inbox.read(CLEAR, said)
