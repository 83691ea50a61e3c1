"""What a job's lifecycle before this one has left: needed where a closed job may be back, or an event is late."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.base import Model
from models.boards import Boards, LinkedInRecord
from models.by_hand import taken
from models.events import AtsEvent, BoardHint
from models.lifecycle import Decision, Lifecycle, Receipt
from models.operations import Earlier, FindEarlier
from models.states import ENDED, BoardState, Intent, Outcome
from models.temporal import CLOSE, Queue
from workflows.boards.job import Job

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities

PROMPT = timedelta(seconds=1)
"""An event that took longer from the gateway to Temporal may have been overtaken by a whole lifecycle."""
REMEMBERED = timedelta(minutes=30)
"""For so long, at the least, Temporal knows of a lifecycle that has ended: no retention is shorter than an hour."""


async def state_before(job: Job, first: Model | None, *, first_of_job: bool) -> Lifecycle | None:
    """Return the state to take up where the first message is about a job that had ended already; else None.

    A late event that began the first lifecycle of a job, as far as Temporal remembers, was overtaken by none.
    """
    if isinstance(first, BoardHint) and first.after_close:
        receipt = await _receipt(job, expected=True)
        return _unknown(job) if receipt is None else _state_of(receipt)
    longest = REMEMBERED if first_of_job else PROMPT
    if isinstance(first, AtsEvent) and first.intent is not None and _took(first.received_at) > longest:
        receipt = await _receipt(job, expected=False)
        decided = receipt.decided if receipt is not None else None
        if receipt is not None and decided is not None and decided.at > first.received_at:
            return _state_of(receipt)
    return None


def _took(received_at: datetime) -> timedelta:
    # When Temporal took the event up, not when a worker did: until then none of the job's lifecycles could begin.
    return workflow.info().workflow_start_time - received_at


async def _receipt(job: Job, *, expected: bool) -> Receipt | None:
    call = FindEarlier(customer_id=job.customer_id, job_id=job.job_id, run_id=workflow.info().run_id, expected=expected)
    try:
        found: Earlier = await workflow.execute_activity_method(
            LifecycleActivities.earlier,
            call,
            task_queue=Queue.JOB_POSTINGS.value,
            summary="How did the job's earlier lifecycle end?",
            start_to_close_timeout=job.timing.call_timeout,
            schedule_to_close_timeout=2 * job.timing.call_timeout,
            retry_policy=job.retry_policy,
        )
    except ActivityError:
        return None
    receipt = found.receipt
    return receipt if receipt is not None and receipt.phase in ENDED else None


def _state_of(receipt: Receipt) -> Lifecycle:
    return Lifecycle(
        customer_id=receipt.customer_id,
        job_id=receipt.job_id,
        intent=receipt.intent,
        decided=receipt.decided or _guess(receipt),
        phase=receipt.phase,
        boards=receipt.boards,
        reported=receipt.reported,
        reopened=receipt.reopened,
    )


def _guess(receipt: Receipt) -> Decision:
    """Return what decided, as an older release did not write it down."""
    by_hand = any(each.what == taken(CLOSE) for each in receipt.received)
    return Decision(at=receipt.received[-1].at if receipt.received else receipt.closed_at, by_event=not by_hand)


def _unknown(job: Job) -> Lifecycle:
    """Return the state of a closed job of which no receipt is left: LinkedIn alone says how it stands."""
    linkedin = LinkedInRecord(since=workflow.now(), state=BoardState.SETTLED, outcome=Outcome.NOT_FOUND)
    return Lifecycle(
        customer_id=job.customer_id,
        job_id=job.job_id,
        intent=Intent.UNPOSTED,
        boards=Boards(linkedin=linkedin),
    )
