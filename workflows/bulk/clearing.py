"""Clear jobs at Indeed in small groups, side by side, and read each back until it is clear."""

from collections.abc import Iterable, Sequence

from temporalio import workflow

from models.bulk import Fate
from models.offboarding import Awaited, ClearJobs, ConfirmJobs, JobsCleared, OverlaidJob
from models.problems import Category, Problem
from models.temporal import Queue
from workflows.bulk.groups import Groups
from workflows.bulk.run import BulkRun, Failed

with workflow.unsafe.imports_passed_through():
    from activities.indeed.offboarding import OffboardingActivities

OF_ONE_JOB = frozenset(Category) - {Category.CREDENTIALS, Category.CONFIGURATION}
"""What ends the tries for a job that is cleared on its own."""


class Clearing(Groups[OverlaidJob, Awaited]):
    """The jobs that are to be cleared, and those that were and do not read as clear yet."""

    group = 10
    streams = 20
    """Enough to use the whole rate while each waits for its answers, also where a worker has died with most of them."""

    def __init__(
        self, run: BulkRun, customer_id: str, batch_size: int, refused: Iterable[str], done: Iterable[str]
    ) -> None:
        """Begin with no job but those that an earlier run saw refused, or cleared without a mark that would tell."""
        super().__init__(run)
        self._done = dict.fromkeys(done)
        self._customer_id, self._batch_size = customer_id, batch_size
        self._refused = dict.fromkeys(refused)

    @property
    def refused(self) -> tuple[str, ...]:
        """Return the keys of the jobs that are not tried again."""
        return tuple(self._refused)

    @property
    def done(self) -> tuple[str, ...]:
        """Return the keys of the jobs that are cleared, though no read would tell if they had to be again."""
        return tuple(self._done)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the jobs that are under way."""
        return frozenset(each.name for each in (*self.to_do, *self.in_hand, *self.awaited))

    def knows(self, job: OverlaidJob) -> bool:
        """Return whether nothing is to be begun with a job."""
        return job.key in self._refused or job.key in self._done or self.has(job.key)

    async def _take_up(self, group: tuple[OverlaidJob, ...]) -> None:
        alone = len(group) == 1
        names = group[0].name if alone else f"{len(group)} jobs"
        try:
            done = await self._run.call(
                OffboardingActivities.clear,
                ClearJobs(customer_id=self._customer_id, jobs=group, batch_size=self._batch_size),
                queue=Queue.OPERATIONS,
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
        for key in done.failed:
            self.add([jobs[key]])
        now = workflow.now()
        self.wait_for(Awaited(**jobs[key].model_dump(), since=now) for key in done.sent)

    async def _watch(self, awaited: Sequence[Awaited]) -> None:
        call = ConfirmJobs(
            customer_id=self._customer_id,
            jobs=tuple(awaited),
            until=min(each.since for each in awaited) + self._run.timing.confirm_within,
            backoff=self._run.backoff,
        )
        seen = await self._run.call(
            OffboardingActivities.confirm,
            call,
            queue=Queue.OPERATIONS,
            summary=f"Read {len(awaited)} jobs back: are they clear?",
            reads=True,
        )
        cleared = [self._settle(key) for key in seen.clear]
        self._done |= {each.key: None for each in cleared if each.unmarked}
        self._run.tally.add(Fate.CLEARED, [each.name for each in cleared])
        if not seen.clear:
            # Nothing is told only when it is too late.
            for each in awaited:
                self._settle(each.key)
                self._refuse(each, STILL_SHOWN_BY_LIFECYCLE if each.by_lifecycle else STILL_SHOWN)

    def _refuse(self, job: OverlaidJob, problem: Problem) -> None:
        self._refused[job.key] = None
        self._run.tally.refuse(job.name, problem)


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
