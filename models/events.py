"""What reaches a lifecycle by signal."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from models.base import Model
from models.lifecycle import Intent
from models.overlay import Overlay, OverlayLocation, OverlaySalary


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
    received_at: datetime


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
    """What a person may say with a signal; every field is optional."""

    by: str | None = Field(default=None, max_length=200)
    reason: str | None = Field(default=None, max_length=2000)


class UpdateAction(ManualAction):
    """What a person wants set on Indeed: `{"by", "reason", "fields": {"title": "…", "salary": null}}`.

    A null takes back what an earlier signal set; names that are not known are errors, as they may be misspelt.
    """

    fields: Overlay = Overlay()
    removed: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        _refuse_unknown(said, ("by", "reason", "fields"), 'at the top; an overlay\'s fields go into "fields"')
        fields = {} if said.get("fields") is None else said["fields"]
        if not isinstance(fields, dict):
            raise ValueError('"fields" must be an object')  # noqa: TRY004 -- what a pydantic validator raises
        _refuse_unknown(fields, tuple(Overlay.model_fields), "in fields")
        for name, model in (("location", OverlayLocation), ("salary", OverlaySalary)):
            if isinstance(fields.get(name), dict):
                _refuse_unknown(fields[name], tuple(model.model_fields), f"in {name}")
        removed = tuple(name for name, value in fields.items() if value is None)
        return {**said, "fields": fields, "removed": removed}


def _refuse_unknown(said: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := sorted(set(said) - set(known)):
        raise ValueError(f"unknown {unknown[0][:50]!r} {where}; known: {', '.join(known)}")
