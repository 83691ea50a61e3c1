"""What LinkedIn's answers mean for a job, and what is to be done about them: pure."""

from datetime import datetime

from clients.linkedin.errors import CONFLICT, says, task_error
from clients.linkedin.protocol import Listing, PostingStatus, TaskState, TaskStatus
from models.calls.linkedin import LinkedInPlan
from models.linkedin_statuses import LISTING, MIGRATION, NAME_OF_A_CLOSE, Meaning, meaning_of
from models.problems import Category, Problem
from models.states import Operation
from models.texts import folded

LOOK = "Look at the job on LinkedIn."


def next_operation(
    status: PostingStatus | None, call: LinkedInPlan, *, creates: bool, now: datetime
) -> Operation | None:
    """Choose what to ask of LinkedIn for a job that the ATS wants posted; None for nothing.

    A listed job is sent again only where it was edited, a missing one only where the ATS has just asked for it. One
    that Boardsync created and whose time has run out is renewed whenever that is seen.
    """
    if not creates:
        return None
    if status is None:
        return Operation.CREATE if call.fresh else None
    if status.listing is Listing.LISTED:
        return Operation.UPDATE if call.resend and not takes_applications(status) else None
    # With any other value LinkedIn is still at work on the job.
    return _for_unlisted(status, call, now) if status.listing is Listing.NOT_LISTED else None


def takes_applications(status: PostingStatus) -> bool:
    """Return whether members apply on LinkedIn itself, which others have set up.

    An update re-posts the whole job (update-renew-jobs): one of ours, which knows no questions and no webhook for
    applications, would switch LinkedIn Apply off.
    """
    return status.apply is not None and status.apply.status.upper() in {"ENABLED", "IN_PROGRESS"}


def would_be_lost(status: PostingStatus, call: LinkedInPlan, *, creates: bool) -> Problem | None:
    """Return what a person is asked where an edit is not sent, as it would take off what others have set up."""
    if not (creates and call.resend and takes_applications(status)) or call.resync:
        return None
    return Problem(
        category=Category.NOT_TAKEN,
        reason="The job was edited in iCIMS, but not sent to LinkedIn: members apply there by LinkedIn Apply, which an "
        "update by Boardsync would switch off.",
        remedy="Have whoever set LinkedIn Apply up send the job again with the edit, or switch it off at LinkedIn; "
        "then send `retry`.",
    )


def _for_unlisted(status: PostingStatus, call: LinkedInPlan, now: datetime) -> Operation | None:
    if call.created and plainly_closed(status) and not call.taken_down and expiry_passed(status, now):
        return Operation.RENEW
    if not call.fresh:
        return None
    # A job that LinkedIn withholds is there, so its data are mended; a closed one is listed anew.
    withheld = status.detail is not None and status.detail.name != NAME_OF_A_CLOSE
    return Operation.UPDATE if withheld else Operation.CREATE


def expiry_passed(status: PostingStatus, now: datetime) -> bool:
    """Return whether the time for which LinkedIn lists the job has run out."""
    return status.expires_at is not None and status.expires_at <= now


def plainly_closed(status: PostingStatus) -> bool:
    """Return whether a job is closed rather than withheld: that one may appear later, so CLOSE is needed."""
    return status.listing is Listing.NOT_LISTED and status.detail is None


def same_place(one: str | None, other: str | None) -> bool:
    """Return whether two locations, where both are known, read the same."""
    return one is not None and other is not None and folded(one) == folded(other)


def moved_from(before: PostingStatus | None, *, last: str | None, now: str | None) -> str | None:
    """Return the location that LinkedIn must no longer show, once another one than the last was sent; None for none.

    LinkedIn may write a location in its own way, so only the old one says that the new one is not there yet.
    """
    if before is None or last is None or same_place(last, now) or same_place(before.location, now):
        return None
    return before.location


def close_problem(task: TaskStatus | None) -> Problem | None:
    """Judge the task of a close: None lets the read-back decide, which it does alone for an expired task id."""
    problem = _task_problem(task, Category.STILL_SHOWN)
    if task is not None and task.state is TaskState.FAILED and says(CONFLICT, task.error):
        return None
    return problem


def post_problem(task: TaskStatus | None) -> Problem | None:
    """Judge the task of a create, update or renewal: None lets the read-back decide."""
    return _task_problem(task, Category.NOT_TAKEN)


def _task_problem(task: TaskStatus | None, unfinished: Category) -> Problem | None:
    if task is None or task.state is TaskState.SUCCEEDED:
        return None
    if task.state is TaskState.FAILED:
        return task_error(task.error or "").problem
    if task.state is TaskState.PROCESSED:
        return _fed_from_elsewhere(task)
    return Problem(
        category=unfinished,
        reason="LinkedIn has not finished the task yet.",
        remedy=f"{LOOK} If it is not as the ATS wants it, mend it there by hand, then send `confirm`.",
    )


def _fed_from_elsewhere(task: TaskStatus) -> Problem:
    fault = f" It also found fault with the posting: {task_error(task.error).problem.reason}" if task.error else ""
    return Problem(
        category=Category.FED_FROM_ELSEWHERE,
        reason="LinkedIn took the request, but still feeds this customer's jobs from an XML feed or the "
        f"career site: the public posting is not under Boardsync's control.{fault}",
        remedy="Remove the job from that feed or career site, or ask LinkedIn to finish the migration; "
        "then send `retry`.",
        provider_text=task.error or "",
        cause=MIGRATION,
    )


def task_is(task: TaskStatus | None, state: TaskState) -> bool:
    """Return whether a task is known and in this state."""
    return task is not None and task.state is state


def unfinished(task: TaskStatus | None) -> bool:
    """Return whether LinkedIn is still at work on a task."""
    return task is not None and task.state in {TaskState.IN_PROGRESS, TaskState.UNKNOWN}


def still_listed(status: PostingStatus, *, conflict: bool) -> Problem:
    """Return the problem that a closed job is still shown."""
    but = ', although it refused the close as "already closed or does not exist"' if conflict else ""
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"LinkedIn still shows the job ({status.listing.value}){but}.",
        remedy="Open the job on LinkedIn. If it is open, close it there by hand and send `confirm`; if it is "
        "another job, check external_job_posting_id in [customers.linkedin].",
        provider_text=_words(status),
        shown=True,
    )


def not_known() -> Problem:
    """Return the problem that LinkedIn knows no such job: one answer of many servers proves no absence."""
    return Problem(
        category=Category.STILL_SHOWN,
        reason="LinkedIn knows no such job, and is asked once more: one answer alone does not prove that.",
        remedy=f"{LOOK} If it is open, close it there by hand, then send `confirm`.",
    )


def not_shown_yet(status: PostingStatus | None, *, location: str | None = None) -> Problem:
    """Return the problem that LinkedIn does not show what was sent."""
    shown = "it knows no such job" if status is None else status.listing.value
    reason = f"LinkedIn does not list the job ({shown})."
    if location is not None and status is not None:
        reason = f"LinkedIn still shows the job at {status.location}, not at {location} as it was sent."
    return Problem(
        category=Category.NOT_TAKEN,
        reason=reason,
        remedy=f"{LOOK} Send `retry` to send it once more; Boardsync goes on reading.",
        provider_text=_words(status),
    )


def under_way(operation: Operation, category: Category) -> Problem:
    """Return the problem that an earlier write may still take effect."""
    return Problem(
        category=category,
        reason=f"LinkedIn is still at work on an earlier request ({operation.value}): it proves nothing yet.",
        remedy=f"{LOOK} Boardsync reads it once the earlier request is done.",
    )


def unanswered(operation: Operation) -> Problem:
    """Return the problem that a submission may or may not have been taken."""
    return Problem(
        category=Category.TEMPORARY,
        reason=f"LinkedIn did not answer the request ({operation.value}), and may have taken it all the same.",
        remedy="Boardsync reads LinkedIn until that is certain, and only then sends the request again.",
    )


def gone(status: PostingStatus | None, *, taken_down: bool, creates: bool) -> Problem:
    """Return why LinkedIn does not list a job that the ATS wants posted."""
    meaning = meaning_of(LISTING, status.detail) if status is not None and status.detail is not None else None
    if meaning is not None:
        return _withheld(meaning, _words(status))
    again = "Send `retry` to list it again" if creates else "Have the ATS's feed list it again, or list it by hand"
    if taken_down:
        reason = "LinkedIn does not list the job: Boardsync had closed it before the ATS wanted it posted again."
    elif status is None:
        reason = "LinkedIn no longer knows the job, although the ATS wants it posted."
    else:
        reason = "LinkedIn no longer lists the job, although the ATS wants it posted, and gives no reason."
    return Problem(
        category=Category.CLOSED_BY_BOARD,
        reason=reason,
        remedy=f"{again}; if it is to stay off LinkedIn, unpost it in iCIMS. Boardsync goes on reading.",
    )


def _withheld(meaning: Meaning, words: str) -> Problem:
    return Problem(
        category=meaning.category or Category.CLOSED_BY_BOARD,
        reason=f"LinkedIn does not list the job, although the ATS wants it posted. {meaning.meaning}",
        remedy=meaning.remedy,
        provider_text=words,
        cause=meaning.cause,
    )


def _words(status: PostingStatus | None) -> str:
    return (status.detail.message or "") if status is not None and status.detail is not None else ""
