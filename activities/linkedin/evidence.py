"""What LinkedIn answered, as a lifecycle keeps it."""

from datetime import UTC, datetime
from typing import Any

from activities.linkedin.judgement import takes_applications
from clients.linkedin.protocol import PostingStatus, TaskStatus
from models.boards import Evidence
from models.calls.linkedin import LinkedInPlan
from models.events import StatusDetail
from models.linkedin_statuses import APPLY, LISTING, PROMOTION, note_of
from models.states import Operation

ASKED = {
    Operation.CREATE: "Create",
    Operation.UPDATE: "Update",
    Operation.RENEW: "Renew",
    Operation.CLOSE: "Close",
}


def submission_evidence(operation: Operation, external_id: str, answered: str, task_id: str | None = None) -> Evidence:
    """Keep what LinkedIn answered to a submission."""
    ids = {"task": task_id} if task_id is not None else {}
    return Evidence(at=_now(), asked=f"{ASKED[operation]} {external_id}", answered=answered, ids=ids)


def task_evidence(task_id: str, task: TaskStatus | None) -> Evidence:
    """Keep what became of a submission."""
    answered = "no longer known" if task is None else task.state.value
    if task is not None and task.error:
        answered += f": {task.error}"
    ids = {"task": task_id}
    if task is not None and task.job_posting:
        ids["job_posting"] = task.job_posting
    return Evidence(at=_now(), asked="Task status", answered=answered, ids=ids)


def listing_evidence(external_id: str, status: PostingStatus | None) -> Evidence:
    """Keep whether LinkedIn lists a job."""
    answered = "no such job" if status is None else status.listing.value
    ids = {"external_job_posting_id": external_id}
    if status is not None and status.detail is not None:
        answered += f" ({status.detail.message or status.detail.code})"
    if status is not None and status.url:
        ids["url"] = status.url
    return Evidence(at=_now(), asked="Listing status", answered=answered, ids=ids)


def not_sent_again(status: PostingStatus, call: LinkedInPlan) -> tuple[Evidence, ...]:
    """Say why a job that LinkedIn asks for is not sent again; nothing where it did not ask."""
    if not call.resync:
        return ()
    why = "the ATS's own feed posts this customer's jobs, and Boardsync does not know all that LinkedIn has of them"
    if takes_applications(status):
        why = "members apply by LinkedIn Apply, which an update by Boardsync would switch off"
    return (skipped(why),)


def skipped(why: str) -> Evidence:
    """Say that a job which LinkedIn asks for is not sent again."""
    return Evidence(at=_now(), asked="LinkedIn asks for the job again", answered=f"skipped: {why}")


def shown(status: PostingStatus | None) -> dict[str, Any]:
    """Return what LinkedIn shows of a job, as answers have it: its page and its three statuses."""
    if status is None:
        return {}
    listing = status.detail or StatusDetail(status=status.listing.value)
    return {
        "url": status.url,
        "listing": note_of(LISTING, listing),
        "apply": None if status.apply is None else note_of(APPLY, status.apply),
        "promotion": None if status.promotion is None else note_of(PROMOTION, status.promotion),
    }


def _now() -> datetime:
    return datetime.now(UTC)
