"""One cause that holds up jobs of a customer, such as a refused secret: asked of a person once, tried by one job."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate, VersioningBehavior

from models.base import workflow_id
from models.boards import Attention
from models.causes import CauseInput, CauseNews, CauseReport, GoOn, WaitingJob
from models.notices import JobNotice
from models.states import Phase
from models.temporal import (
    ASKED,
    ATTENTION,
    CAUSE,
    COMMON_CAUSE,
    GO_ON,
    NOTIFICATION,
    PHASE,
    RETRY,
    TOLD,
    WAITS_FOR,
    Queue,
    updates_known,
)
from workflows.attributes import known_attributes
from workflows.broadcast import signal_each
from workflows.causes.details import asked_once, details
from workflows.inputs import read
from workflows.waits import holds_within

GATHER = timedelta(seconds=2)
"""Jobs meet a cause together: others are told of it once it is known how many wait."""
WAVE = 50
"""Jobs that are told at a time: some 30 a second, as LinkedIn takes 2,000 records a minute."""
NEXT_WAVE = timedelta(seconds=10)
"""When the next ones are told at the latest."""
MOSTLY = 4
"""The next ones are told once no more than this part, a fourth, of those before still waits."""
SELDOM = 60
"""Times the usual wait between two probes, where all jobs go on trying by themselves."""
KEPT = 20_000
"""Jobs that are known by their ids: beyond, the state would grow too large; they tell again once a day."""
EXAMPLE = '{"customer_id": "1234", "cause": "linkedin.credentials"}'
NOBODY = CauseInput(customer_id="0", cause="none")


@workflow.defn(name=COMMON_CAUSE, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class CommonCause:
    """Stand for one cause until no job waits for it any more.

    One of the jobs that wait tries again at intervals; as soon as one gets through, by whatever way, all are told to.
    """

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Begin, or take up what an earlier run has left."""
        self._given, self._unreadable = read(CauseInput, given, example=EXAMPLE, instead=NOBODY)
        self._customer_id, self._cause, self._every = self._given.customer_id, self._given.cause, self._given.every
        self._jobs = {each.job_id: each.trying for each in self._given.jobs}
        self._attention, self._problem = self._given.attention, self._given.problem
        self._notice, self._told = self._given.notice, self._given.told
        self._freed = self._given.freed
        self._known: tuple[str, ...] | None = ()
        self._sent_on: set[str] = set()
        """Those that were told to go on since the last probe."""
        self._passed = self._woken = False
        self._probe_at = workflow.now() + self._every

    @workflow.run
    async def run(self, *_: Any) -> CauseReport:
        """Stay while a job waits."""
        if self._unreadable is not None:
            raise self._unreadable
        self._known = await known_attributes()
        self._publish()
        if not self._told:
            await holds_within(lambda: not self._jobs or self._passed, GATHER, "Until it is known how many jobs wait")
        while self._jobs:
            self._publish()
            await self._tell()
            await self._act()
            if workflow.info().is_continue_as_new_suggested() and not (self._passed or self._woken):
                # What is not carried over was followed; no await from here on: news would be lost.
                workflow.continue_as_new(self._state())
            if self._must_wake:
                continue
            await holds_within(lambda: self._must_wake or self._untold, self._time_left, "Until one of them tries")
        self._publish()
        return self.cause()

    @workflow.signal(name=TOLD, description="Sent by the jobs' lifecycles: which wait, and which do not any more")
    def told(self, *said: Any) -> None:
        """Take news of jobs."""
        news, unreadable = read(CauseNews, said, example="{}", instead=CauseNews())
        if unreadable is not None:
            workflow.logger.warning("signal %s: %s", TOLD, unreadable.message)
            return
        trying = set(news.trying)
        for each in news.waiting:
            if each in self._jobs or len(self._jobs) < KEPT:
                self._jobs[each] = each in trying
        for each in (*news.passed, *news.left):
            self._freed += self._jobs.pop(each, None) is not None
        self._passed |= bool(news.passed)
        self._problem = self._problem or news.problem
        self._notice = self._notice or news.notice

    @workflow.signal(name=RETRY, description="Have one of the jobs that wait try again now")
    def retry(self, *_: Any) -> None:
        """Have one of the jobs try now."""
        self._woken = True

    @workflow.query(name=ASKED, description="What needs a person, if anything does")
    def attention(self) -> Attention | None:
        """Return what needs a person, with the number of jobs that wait by now."""
        return self._asked()

    @workflow.query(name=CAUSE, description="The cause, what it asks, and which jobs wait")
    def cause(self) -> CauseReport:
        """Return how the cause stands."""
        return CauseReport(
            customer_id=self._customer_id,
            cause=self._cause,
            attention=self._asked(),
            job_ids=tuple(self._jobs),
            freed=self._freed,
        )

    # --- the loop's parts -----------------------------------------------------------------------------------

    @property
    def _must_wake(self) -> bool:
        if not self._jobs or self._woken or workflow.now() >= self._probe_at:
            return True
        return self._passed or workflow.info().is_continue_as_new_suggested()

    @property
    def _time_left(self) -> timedelta:
        return self._probe_at - workflow.now()

    async def _act(self) -> None:
        """Have all jobs go on where one got through, or else one of them where it is time."""
        if self._passed:
            self._passed = False
            await self._send_on([each for each in self._jobs if each not in self._sent_on])
            # Those that were told last are at it: a probe now would have them told once more.
            self._probe_at = workflow.now() + self._every
        elif self._woken or workflow.now() >= self._probe_at:
            self._woken = False
            self._sent_on.clear()
            await self._probe()

    async def _probe(self) -> None:
        stopped = [each for each, trying in self._jobs.items() if not trying]
        self._probe_at = workflow.now() + (self._every if stopped else SELDOM * self._every)
        job_id = next(iter(stopped or self._jobs), None)
        if job_id is None:
            return
        # The next probe is another job's: this one may be a special case.
        self._jobs[job_id] = self._jobs.pop(job_id)
        if not await self._signal([job_id]):
            self._woken = bool(self._jobs)

    async def _send_on(self, job_ids: list[str]) -> None:
        """Tell jobs to go on, some at a time: a step that no worker takes up soon has its lifecycle loaded anew."""
        self._sent_on.update(job_ids)
        for first in range(0, len(job_ids), WAVE):
            wave = job_ids[first : first + WAVE]
            await self._signal(wave)
            if first + WAVE < len(job_ids):
                await holds_within(partial(self._mostly_gone, wave), NEXT_WAVE, "Until the first ones are through")

    def _mostly_gone(self, wave: list[str]) -> bool:
        return sum(each in self._jobs for each in wave) <= len(wave) // MOSTLY

    async def _signal(self, job_ids: list[str]) -> int:
        """Tell jobs to go on, and forget those whose lifecycles do not run; return how many were told."""
        by_id = {workflow_id(self._customer_id, each): each for each in job_ids}
        told = await signal_each(tuple(by_id), GO_ON, GoOn(received_at=workflow.now(), cause=self._cause))
        for each in told.missing:
            self._jobs.pop(by_id[each], None)
        return told.reached

    @property
    def _untold(self) -> bool:
        return self._notice is not None and not self._told

    async def _tell(self) -> None:
        """Have others told, once."""
        if self._notice is None or self._told:
            return
        self._told = True
        notice = self._notice.model_copy(update={"attention": self._asked(), "jobs": len(self._jobs)})
        await self._start_telling(notice)

    async def _start_telling(self, notice: JobNotice) -> None:
        await workflow.start_child_workflow(
            NOTIFICATION,
            notice,
            id=f"notification-{workflow_id(notice.customer_id, notice.job_id)}-attention-{notice.id[-12:]}",
            task_queue=Queue.NOTIFICATIONS.value,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=f"Tell of customer {notice.customer_id}: {self._cause}",
        )

    # --- the state ------------------------------------------------------------------------------------------

    def _asked(self) -> Attention | None:
        if not self._jobs or self._problem is None:
            return None
        problem, since = asked_once(self._problem, len(self._jobs)), self._since
        attention = Attention.of(problem, now=since, retrying=True)
        return attention.model_copy(update={"jobs": len(self._jobs)})

    @property
    def _since(self) -> datetime:
        return self._attention.since if self._attention is not None else workflow.info().start_time

    def _publish(self) -> None:
        before, self._attention = self._attention, self._asked()
        workflow.set_current_details(details(self._customer_id, self._cause, tuple(self._jobs), self._attention))
        updates: list[SearchAttributeUpdate[Any]] = []
        if self._attention is None:
            if before is not None:
                updates = [PHASE.value_unset(), ATTENTION.value_unset(), WAITS_FOR.value_unset()]
        elif before is None:
            category = self._attention.category.value
            updates = [PHASE.value_set(Phase.ATTENTION.value), ATTENTION.value_set(category)]
            updates.append(WAITS_FOR.value_set([self._cause]))
        if updates := updates_known(updates, self._known):
            workflow.upsert_search_attributes(updates)

    def _state(self) -> CauseInput:
        jobs = tuple(WaitingJob(job_id=each, trying=trying) for each, trying in self._jobs.items())
        return self._given.model_copy(
            update={
                "jobs": jobs,
                "attention": self._attention,
                "problem": self._problem,
                "notice": self._notice,
                "told": self._told,
                "freed": self._freed,
            }
        )
