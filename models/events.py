"""What reaches a lifecycle by signal."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, StringConstraints, model_validator

from models.base import Model
from models.lifecycle import Intent


class Hire(Model):
    """A candidate who entered or left a status that fills a position."""

    key: str
    """Stands for the recruiting workflow: a keyed hash, as candidates' ids stay out of Temporal."""
    filled: bool
    close_when: Literal["first_hire", "all_positions_filled"] = "first_hire"
    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived."""


class AtsEvent(Model):
    """An event of the ATS about one job, verified and reduced to what the lifecycle needs."""

    event_type: str
    intent: Intent | None = None
    """What the ATS wants; null where a hire decides."""
    edited: bool = False
    """The posting was edited: the boards are to be compared anew even if the intent is the same."""
    hire: Hire | None = None
    user_id: str | None = None
    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived; seen only where others want to be told."""
    received_at: AwareDatetime


class StatusDetail(Model):
    """One status of a LinkedIn notification, with what LinkedIn says of it (job-status-change-notifications)."""

    status: str
    """As LinkedIn sent it: LISTED, NOT_LISTED, ENABLED, PROMOTED … or a value that is not documented."""
    code: int | None = None
    type: str | None = None
    """CUSTOMER_ERROR, PARTNER_ERROR or LINKEDIN_ERROR; no alarm by itself, as successes carry one too."""
    name: str | None = None
    """The symbolic name before the message's colon, such as MEMBER_REPORTED."""
    message: str | None = None


class LinkedInStatus(Model):
    """A verified JOB_POSTING_STATUS notification: a hint to read the job at LinkedIn, never a proof."""

    listing: StatusDetail | None = None
    apply: StatusDetail | None = None
    promotion: StatusDetail | None = None
    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived."""
    received_at: datetime


class LinkedInResync(Model):
    """LinkedIn asks for an open job to be sent again as UPDATE; a job that is closed or closing ignores it."""

    received_at: datetime


class IndeedChange(Model):
    """A verified event of Indeed that a job changed: a hint to read it, never a proof."""

    employer_job_id: str
    event_id: str | None = None
    received_at: datetime


class ManualAction(Model):
    """What a person may say with a signal; every field is optional.

    Read as people write it: nothing at all, a name alone ("Ana"), an object in quotes, null or empty fields.
    """

    by: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_people_write(cls, said: Any) -> Any:
        if isinstance(said, str):
            said = _from_text(said)
        if said is None:
            return {}
        if isinstance(said, dict):
            return {key: value for key, value in said.items() if value is not None and value != ""}
        return said

    @property
    def words(self) -> str:
        """Say who acts and why, in one line."""
        who = f"by {self.by}" if self.by else "by hand"
        return f"{who}: {self.reason}" if self.reason else who


def _from_text(said: str) -> Any:
    text = said.strip()
    if not text.startswith("{"):
        return {"by": text}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("text that looks like an object, but is not valid JSON") from None
