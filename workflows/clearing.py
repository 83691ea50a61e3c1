"""Clear jobs at Indeed in small groups, side by side, and read each back until it is clear."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence

from temporalio import workflow

from models.bulk import Fate
from models.offboarding import Awaited, ClearJobs, ConfirmJobs, JobsCleared, OverlaidJob
from models.problems import Category, Problem
from models.temporal import Queue
from workflows.bulk import BulkRun, Failed, Stopping

with workflow.unsafe.imports_passed_through():
    from activities.offboarding import OffboardingActivities

STREAMS = 8
"""Groups that are cleared side by side: enough to use the whole rate while each waits for its answers."""
GROUP = 25
"""Jobs in a group: a pause or a crash concerns no more than these."""
OF_ONE_JOB = frozenset(Category) - {Category.CREDENTIALS, Category.CONFIGURATION}
"""What ends the tries for a job that is cleared on its own."""


class Clearing:
    """The jobs that are to be cleared, and those that were and do not read as clear yet."""

    def __init__(self, run: BulkRun, customer_id: str, batch_size: int) -> None:
        """Begin with no job."""
        self._run, self._customer_id, self._batch_size = run, customer_id, batch_size
        self._to_clear: deque[tuple[OverlaidJob, ...]] = deque()
        self._in_hand: set[str] = set()
        self._awaited: dict[str, Awaited] = {}
        self.refused: dict[str, None] = {}
        """Keys of jobs that are not tried again; a dict, as its order is kept."""
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, awaited: Iterable[Awaited], to_clear: Iterable[OverlaidJob], refused: Iterable[str]) -> None:
        """Take up what an earlier run has left, and begin."""
        self.refused = dict.fromkeys(refused)
        self.add(list(to_clear))
        self.wait_for(list(awaited))
        self._tasks += [asyncio.create_task(self._stream()) for _ in range(STREAMS)]

    def add(self, jobs: Sequence[OverlaidJob]) -> None:
        """Have jobs cleared."""
        self._to_clear += [tuple(jobs[at : at + GROUP]) for at in range(0, len(jobs), GROUP)]

    def wait_for(self, jobs: Sequence[Awaited]) -> None:
        """Read jobs until they are clear."""
        self._awaited |= {each.key: each for each in jobs}
        groups = [jobs[at : at + GROUP] for at in range(0, len(jobs), GROUP)]
        self._tasks += [asyncio.create_task(self._read_back([each.key for each in group])) for group in groups]

    def knows(self, job: OverlaidJob) -> bool:
        """Tell whether nothing is to be begun with a job."""
        waiting = any(job.key == each.key for group in self._to_clear for each in group)
        return waiting or job.key in self._in_hand or job.key in self._awaited or job.key in self.refused

    @property
    def to_clear(self) -> tuple[OverlaidJob, ...]:
        """Give the jobs with which nothing was begun."""
        return tuple(each for group in self._to_clear for each in group)

    @property
    def awaited(self) -> tuple[Awaited, ...]:
        """Give the jobs that do not read as clear yet."""
        return tuple(self._awaited.values())

    @property
    def busy(self) -> bool:
        """Tell whether any job is not done."""
        return bool(self._to_clear or self._in_hand or self._awaited)

    @property
    def ready(self) -> bool:
        """Tell whether a stream will soon be without work."""
        return len(self._to_clear) < STREAMS

    @property
    def broken(self) -> bool:
        """Tell whether a task has died."""
        return any(task.done() and task.exception() is not None for task in self._tasks)

    def check(self) -> None:
        """Raise what a task died of: a bug must show, not hang."""
        for task in self._tasks:
            if task.done():
                task.result()
        self._tasks = [task for task in self._tasks if not task.done()]

    async def stop(self) -> None:
        """Let the groups in hand finish and call off the reads; the run is stopping."""
        for task in self._tasks:
            await task

    # --- the tasks ------------------------------------------------------------------------------------------

    async def _stream(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._to_clear) or self._run.stopping)
            if self._run.stopping:
                return
            if not self._to_clear:
                # All streams wake at once, and another one was quicker.
                continue
            group = self._to_clear.popleft()
            self._in_hand |= {each.key for each in group}
            try:
                await self._clear(group)
            except Stopping:
                self._to_clear.appendleft(group)
                return
            finally:
                self._in_hand -= {each.key for each in group}
                self._run.publish()

    async def _clear(self, group: tuple[OverlaidJob, ...]) -> None:
        alone = len(group) == 1
        names = group[0].name if alone else f"{len(group)} jobs"
        try:
            done = await self._run.call(
                OffboardingActivities.clear,
                ClearJobs(customer_id=self._customer_id, jobs=group, batch_size=self._batch_size),
                queue=Queue.INDEED_MUTATIONS,
                summary=f"Clear what the agency has set on {names}",
                takes=OF_ONE_JOB if alone else frozenset(),
            )
        except Failed as failed:
            done = JobsCleared()
            self._refuse(group[0], failed.problem)
        jobs = {each.key: each for each in group}
        self._run.tally.add(Fate.CLEARED, [jobs[key].name for key in done.clear])
        for refused in done.refused:
            self._refuse(jobs[refused.key], refused.problem)
        self._to_clear += [(jobs[key],) for key in done.failed]
        now = workflow.now()
        self.wait_for([Awaited(**jobs[key].model_dump(), since=now) for key in done.sent])

    def _refuse(self, job: OverlaidJob, problem: Problem) -> None:
        self.refused[job.key] = None
        self._run.tally.refuse(job.name, problem)

    async def _read_back(self, keys: list[str]) -> None:
        while left := [self._awaited[key] for key in keys if key in self._awaited]:
            until = min(each.since for each in left) + self._run.timing.confirm_within
            try:
                seen = await self._run.call(
                    OffboardingActivities.confirm,
                    ConfirmJobs(
                        customer_id=self._customer_id, jobs=tuple(left), until=until, backoff=self._run.backoff
                    ),
                    queue=Queue.INDEED_READS,
                    summary=f"Read {len(left)} jobs back: are they clear?",
                    reads=True,
                )
            except Stopping:
                return
            cleared = [self._awaited.pop(key) for key in seen.clear]
            self._run.tally.add(Fate.CLEARED, [each.name for each in cleared])
            if not seen.clear:
                # Only when it is too late is nothing told.
                for each in left:
                    del self._awaited[each.key]
                    self._refuse(each, STILL_SHOWN_BY_LIFECYCLE if each.by_lifecycle else STILL_SHOWN)
            self._run.publish()


STILL_SHOWN = Problem(
    category=Category.STILL_SHOWN,
    reason="Indeed accepted the clear, and still shows what the agency has set.",
    remedy="Open the job in Indeed and remove what is left, or ask Indeed's support.",
)
STILL_SHOWN_BY_LIFECYCLE = Problem(
    category=Category.STILL_SHOWN,
    reason="The job's own lifecycle was told to clear it, and Indeed still shows what the agency has set.",
    remedy="Open the job's lifecycle, job-{customer}-{job}, and do what it asks for.",
)
