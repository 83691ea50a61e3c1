"""The postings that LinkedIn holds and the tasks that change them."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.timeline import Timeline

Outcome = Literal["SUCCEEDED", "FAILED", "PROCESSED", "PROCESSED_WITH_ERROR"]
LISTED_FOR = 180 * 86_400.0


@dataclass(frozen=True, slots=True)
class Detail:
    """A status beside the plain one, with what LinkedIn says of it."""

    status: str
    code: int | None
    kind: str | None
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return it as jobPostingStatus shows it."""
        return {"errorCode": self.code, "errorType": self.kind, "statusMessage": self.message}


NO_APPLY = Detail("NOT_ENABLED", None, "PARTNER_ERROR", "No attempt to enable LinkedInApply was found for this job.")
NOT_PROMOTED = Detail("NOT_PROMOTED", None, None, "")


@dataclass(slots=True)
class Posting:
    """One job posting of one child application; ``listed`` is None as long as nobody can see it at all."""

    client_id: str
    external_id: str
    number: int
    location: str
    listed_at: float
    listed: Timeline[bool | None]
    expires_at: float = 0.0
    premium: bool = False
    job_code: str | None = None
    detail: Detail | None = None
    apply: Detail = NO_APPLY
    promotion: Detail = NOT_PROMOTED
    workplace: str = "on-site"
    """Where people work; no API shows it."""
    last_task: str | None = None
    sent: dict[str, Any] = field(default_factory=dict)
    """The last element that was taken, without its text."""

    def begin(self, now: float) -> None:
        """Begin the time for which the job is listed."""
        self.listed_at, self.expires_at = now, now + LISTED_FOR

    def holds_slot(self, now: float) -> bool:
        """Return whether it takes one of the contract's job slots, or will."""
        return self.premium and self.listed.planned() is not False and now < self.expires_at

    @property
    def url(self) -> str:
        """Return the public page."""
        return f"https://www.linkedin.com/jobs/view/{self.number}"


@dataclass(frozen=True, slots=True)
class Task:
    """What became of one submitted element."""

    urn: str
    client_id: str
    external_id: str
    operation: str
    location: str
    created_at: float
    settles_at: float
    outcome: Outcome
    error_message: str
    posting_number: int | None

    def status(self, now: float) -> str:
        """Return the task's status as LinkedIn names it."""
        if now < self.settles_at:
            return "IN_PROGRESS"
        return "PROCESSED" if self.outcome == "PROCESSED_WITH_ERROR" else self.outcome

    def as_json(self, now: float) -> dict[str, Any]:
        """Return the task as simpleJobPostingTasks shows it."""
        status = self.status(now)
        shown: dict[str, Any] = {
            "externalJobPostingId": self.external_id,
            "location": self.location,
            "id": self.urn,
            "status": status,
        }
        if status == "SUCCEEDED" and self.posting_number is not None:
            shown["jobPosting"] = f"urn:li:jobPosting:{self.posting_number}"
        if status != "IN_PROGRESS" and self.outcome in {"FAILED", "PROCESSED_WITH_ERROR"}:
            shown["errorMessage"] = self.error_message
        return shown


class LinkedInState:
    """Everything LinkedIn knows."""

    def __init__(self) -> None:
        self._postings: dict[tuple[str, str], Posting] = {}
        self._tasks: dict[str, Task] = {}
        self._job_ids: dict[tuple[str, str], str] = {}
        self._next_number = 4_217_555_213

    def put(self, client_id: str, external_id: str, *, location: str, now: float, listed: bool | None) -> Posting:
        """Create or replace a posting; ``listed=None`` leaves it unseen until its timeline says otherwise."""
        self._next_number += 1
        posting = Posting(client_id, external_id, self._next_number, location, now, Timeline(listed))
        posting.begin(now)
        self._postings[client_id, external_id] = posting
        return posting

    def remove(self, client_id: str, external_id: str) -> None:
        """Forget a posting, as if it had never been there."""
        self._postings.pop((client_id, external_id), None)

    def get(self, client_id: str, external_id: str) -> Posting | None:
        """Return the posting of that child application."""
        return self._postings.get((client_id, external_id))

    def of_client(self, client_id: str) -> list[Posting]:
        """Return every posting of a child application."""
        return [posting for (owner, _), posting in self._postings.items() if owner == client_id]

    def name(self, client_id: str, external_id: str, job_id: str) -> None:
        """Remember the job that an external id means, for faults and records."""
        self._job_ids[client_id, external_id] = job_id

    def job_id(self, client_id: str, external_id: str) -> str:
        """Return the job that an external id means, or the external id itself."""
        return self._job_ids.get((client_id, external_id), external_id)

    def add_task(self, task: Task) -> None:
        """Keep a task."""
        self._tasks[task.urn] = task

    def task(self, urn: str) -> Task | None:
        """Return the task with that URN."""
        return self._tasks.get(urn)


def new_task_urn() -> str:
    """Return a fresh task URN."""
    return f"urn:li:simpleJobPostingTask:{uuid.uuid4()}"
