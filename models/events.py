"""What reaches a lifecycle by signal."""

import json
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, StringConstraints, model_validator

from models.base import Model, Moment
from models.notice_types import JobNoticeType
from models.overlay import Overlay, OverlayLocation, OverlaySalary
from models.scrubbing import Said
from models.states import BoardName, Intent
from models.texts import clipped
from models.timing import Timing

REOPENED = "LinkedIn lists the job again after it was closed"


class Hire(Model):
    """A candidate who entered or left a status that fills a position."""

    key: Annotated[str, StringConstraints(max_length=128)]
    """Stands for the recruiting workflow: a keyed hash, as candidates' ids stay out of Temporal."""
    other_keys: tuple[str, ...] = ()
    """The same under the previous secret, while the secret is being changed."""
    filled: bool
    close_when: Literal["first_hire", "all_positions_filled"] = "first_hire"
    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived."""


class AtsEvent(Model):
    """An event of the ATS about one job, verified and reduced to what the lifecycle needs."""

    event_type: str
    intent: Intent | None = None
    """What the ATS wants; None where a hire decides."""
    edited: bool = False
    """The posting was edited: the boards are to be compared anew even if the intent is the same."""
    looked: bool = False
    """Somebody looked at a posting, perhaps after an edit: no intent, but a reason to read iCIMS's fields anew."""
    hire: Hire | None = None
    user_id: str | None = None
    portal_url: str | None = None
    """Where candidates apply, by the ATS; None where that is not told."""
    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived; seen only where others want to be told."""
    received_at: AwareDatetime
    """By the gateway's clock: of two wishes the one that was received later counts."""
    boards: tuple[BoardName, ...] | None = None
    """The boards that the customer uses now; None where that is not told."""
    report: bool | None = None
    """Whether changes of state are reported back to the ATS now."""
    notify: bool | None = None
    """Whether others are to be told now."""
    notices: tuple[JobNoticeType, ...] | None = None
    """What they want to be told now; None where that is not told."""
    timing: Timing | None = None
    """The waits that are configured now; None where that is not told."""
    known_attributes: tuple[str, ...] | None = None
    """The search attributes that the namespace has; None where that is not told."""


class StatusDetail(Model):
    """One status of a LinkedIn notification, with what LinkedIn says of it (job-status-change-notifications)."""

    status: str
    """As LinkedIn sent it: LISTED, NOT_LISTED, ENABLED, PROMOTED … or a value that is not documented."""
    code: int | None = None
    type: str | None = None
    """CUSTOMER_ERROR, PARTNER_ERROR or LINKEDIN_ERROR; no alarm by itself, as successes carry one too."""
    name: str | None = None
    """The symbolic name before the message's colon, such as MEMBER_REPORTED."""
    message: Said | None = None

    @property
    def short(self) -> str:
        """Return the status with its symbolic name."""
        name = f" ({self.name})" if self.name else ""
        return f"{self.status[:50]}{name[:50]}"


class BoardHint(Model):
    """What a board says of a job, verified: a reason to read the job there, never a proof."""

    after_close: bool = False
    """The job's lifecycle had already ended as closed when this arrived."""
    received_at: Moment

    @property
    def words(self) -> str:
        """Return in a few words what was said, for the list of what a lifecycle received."""
        raise NotImplementedError


class LinkedInStatus(BoardHint):
    """A JOB_POSTING_STATUS notification."""

    listing: StatusDetail | None = None
    apply: StatusDetail | None = None
    promotion: StatusDetail | None = None
    url: str | None = None
    """The posting's page at LinkedIn."""

    @property
    def says_listed(self) -> bool:
        """Return whether it gives reason to doubt that a job is closed."""
        return self.listing is not None and self.listing.status != "NOT_LISTED"

    @property
    def words(self) -> str:
        """Return what LinkedIn says, by the names of its statuses."""
        if self.after_close and self.says_listed:
            return REOPENED
        said = [each.short for each in (self.listing, self.apply, self.promotion) if each is not None]
        return f"LinkedIn says: {', '.join(said) or 'something has changed'}"


class LinkedInResync(BoardHint):
    """LinkedIn asks for an open job to be sent again as UPDATE; a job that is closed or closing ignores it."""

    @property
    def words(self) -> str:
        """Return what LinkedIn asks for."""
        return "LinkedIn asks for the job to be sent again"


class IndeedChange(BoardHint):
    """An event of Indeed that a job changed."""

    employer_job_id: str
    event_id: str | None = None

    @property
    def words(self) -> str:
        """Return what Indeed says."""
        return "Indeed says that the job has changed"


class ManualAction(Model):
    """What a person may say with a signal; every field is optional.

    Read as people write it: nothing at all, a name alone ("Ana"), an object in quotes, null or empty fields.
    """

    by: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_people_write(cls, said: Any) -> Any:
        return as_people_write(said)

    @property
    def words(self) -> str:
        """Return who acts and why, in one line."""
        who = f"by {self.by}" if self.by else "by hand"
        # Kept in the state of a lifecycle, which must stay small.
        return clipped(f"{who}: {self.reason}" if self.reason else who)


def as_people_write(said: Any) -> Any:
    """Make an object of nothing at all, of a name alone and of an object in quotes; empty fields are left out.

    Raises ValueError for text that looks like an object and is none.
    """
    if isinstance(said, str):
        said = _from_text(said)
    if said is None:
        return {}
    if isinstance(said, dict):
        return {key: value for key, value in said.items() if value is not None and value != ""}
    return said


def _from_text(said: str) -> Any:
    text = said.strip()
    if not text.startswith("{"):
        return {"by": text}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("text that looks like an object, but is not valid JSON") from None


class UpdateAction(ManualAction):
    """What a person wants set on Indeed: `{"by", "reason", "fields": {"title": "…", "salary": null}}`.

    A null takes back what an earlier signal set; names that are not known are errors, as they may be misspelt.
    """

    fields: Overlay = Overlay()
    removed: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, said: Any) -> Any:
        said = as_people_write(said)
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
