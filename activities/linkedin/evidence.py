"""What LinkedIn answered, as a lifecycle keeps it."""

from datetime import UTC, datetime

from clients.linkedin.protocol import PostingStatus, TaskStatus
from models.boards import Evidence
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


def _now() -> datetime:
    return datetime.now(UTC)
