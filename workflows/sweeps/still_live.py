"""Postings at Indeed that are live a week after their jobs were unposted: one attention for a customer."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributeUpdate, VersioningBehavior
from temporalio.exceptions import ActivityError

from models.boards import Attention
from models.problems import Category, Problem
from models.states import Phase
from models.sweeps import StillLiveInput, StillLiveJobs
from models.temporal import ASKED, ATTENTION, CONFIRM, JOBS, PHASE, RETRY, STILL_LIVE, Queue, Urgency, updates_known
from models.words import moment
from workflows.attributes import known_attributes
from workflows.inputs import read
from workflows.patience import retries
from workflows.problems import problem_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.sweeps.recheck import RecheckActivities

CALL_TIMEOUT = timedelta(minutes=30)
HEARTBEAT = timedelta(seconds=30)
SHOWN = 50
KEPT = 20_000
EXAMPLE = '{"customer_id": "1234"}'
EXAMPLE_JOBS = '{"job_ids": ["1209"]}'
NOBODY = StillLiveInput(customer_id="0")


@workflow.defn(name=STILL_LIVE, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class StillLive:
    """Ask a person once for all of a customer's jobs, and end as soon as none of their postings is live any more."""

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Begin, or take up what an earlier run has left."""
        self._asked, self._unreadable = read(StillLiveInput, given, example=EXAMPLE, instead=NOBODY)
        self._customer_id, self._every = self._asked.customer_id, self._asked.every
        self._jobs = dict.fromkeys(self._asked.job_ids)
        self._attention = self._asked.attention
        self._known: tuple[str, ...] | None = ()
        self._new = self._woken = self._accepted = False

    @workflow.run
    async def run(self, *_: Any) -> StillLiveJobs:
        """Read the postings at intervals, and stay while one is live; return those that a person has accepted."""
        if self._unreadable is not None:
            raise self._unreadable
        self._known = await known_attributes()
        await workflow.wait_condition(lambda: bool(self._jobs))
        while True:
            self._publish()
            await holds_within(
                lambda: self._woken or self._new or self._accepted, self._every, "The postings are read again"
            )
            if self._accepted:
                break
            asked = self._woken or not self._new
            self._new = self._woken = False
            if asked:
                await self._read()
            # What a person accepts meanwhile counts, also where a new run would follow.
            if self._accepted or not self._jobs:
                break
            if workflow.info().is_continue_as_new_suggested() and not self._woken:
                # No await from here on: a signal that came in between would be lost.
                workflow.continue_as_new(
                    self._asked.model_copy(update={"job_ids": tuple(self._jobs), "attention": self._attention})
                )
        left = StillLiveJobs(job_ids=tuple(self._jobs))
        self._jobs.clear()
        self._publish()
        return left

    @workflow.signal(name=JOBS, description="Further jobs whose postings are still live")
    def further(self, *said: Any) -> None:
        """Take up further jobs."""
        jobs, unreadable = read(StillLiveJobs, said, example=EXAMPLE_JOBS, instead=StillLiveJobs(job_ids=()))
        if unreadable is not None:
            workflow.logger.warning("signal %s: %s", JOBS, unreadable.message)
            return
        for each in jobs.job_ids[: KEPT - len(self._jobs)]:
            self._jobs.setdefault(each)
        self._new = True

    @workflow.signal(name=RETRY, description="Read the postings now")
    def retry(self, *_: Any) -> None:
        """Read the postings now."""
        self._woken = True

    @workflow.signal(name=CONFIRM, description="Accept that these postings stay; ask no more")
    def confirm(self, *_: Any) -> None:
        """Accept that these postings stay live."""
        self._accepted = True

    @workflow.query(name=ASKED, description="What needs a person, if anything does")
    def attention(self) -> Attention | None:
        """Return what needs a person."""
        return self._attention

    async def _read(self) -> None:
        call = StillLiveInput(customer_id=self._customer_id, job_ids=tuple(self._jobs))
        try:
            left: StillLiveJobs = await workflow.execute_activity_method(
                RecheckActivities.still_live,
                call,
                task_queue=Queue.OPERATIONS.value,
                summary="Are the postings still live?",
                start_to_close_timeout=CALL_TIMEOUT,
                schedule_to_close_timeout=max(self._every, 2 * CALL_TIMEOUT),
                heartbeat_timeout=HEARTBEAT,
                retry_policy=retries(self._every),
                priority=Priority(priority_key=Urgency.CHECK),
            )
        except ActivityError as error:
            workflow.logger.info("not read: %s", problem_of(error).words)
            return
        over = set(call.job_ids) - set(left.job_ids)
        self._jobs = {job: None for job in self._jobs if job not in over}

    def _publish(self) -> None:
        before = self._attention
        self._attention = (
            Attention.of(_problem(len(self._jobs)), now=workflow.now(), before=before, retrying=True)
            if self._jobs
            else None
        )
        workflow.set_current_details(details(self._customer_id, tuple(self._jobs), self._attention))
        updates: list[SearchAttributeUpdate[Any]] = []
        if self._attention is None:
            updates = [PHASE.value_unset(), ATTENTION.value_unset()]
        elif before is None:
            category = self._attention.category.value
            updates = [PHASE.value_set(Phase.ATTENTION.value), ATTENTION.value_set(category)]
        if updates := updates_known(updates, self._known):
            workflow.upsert_search_attributes(updates)


def details(customer_id: str, job_ids: tuple[str, ...], attention: Attention | None) -> str:
    """Render what people read of it: Markdown."""
    if attention is None:
        return "### None of the customer's closed jobs is still shown on Indeed"
    lines = [
        f"### {len(job_ids)} closed job(s) are still shown on Indeed",
        "",
        f"Since {moment(attention.since)}.",
        "",
        f"- What happened: {attention.reason}",
        f"- What to do: {attention.remedy}",
        "",
        *(f"- {customer_id}/{each}" for each in job_ids[:SHOWN]),
    ]
    if len(job_ids) > SHOWN:
        lines.append(f"- and {len(job_ids) - SHOWN} more")
    return "\n".join(lines)


def _problem(count: int) -> Problem:
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"{count} job(s) were unposted and our changes are off Indeed, but their postings are still live "
        "there: their feed decides.",
        remedy="Have whoever runs the feed (iCIMS or the career site) take the jobs out of it; send `retry` to look "
        "again. If they are to stay, send `confirm`.",
    )
