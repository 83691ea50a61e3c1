"""Have the lifecycles of many jobs close them, and look at them until each is closed or needs a person."""

from collections.abc import Sequence

from temporalio import workflow

from models.bulk import Fate, JobRefused
from models.closing import Closing, JobToClose, SendCloses, WatchCloses
from models.temporal import Queue
from workflows.bulk.groups import Groups
from workflows.bulk.run import BulkRun

with workflow.unsafe.imports_passed_through():
    from activities.closing import ClosingActivities

UNFINISHED_AT_MOST = 2_000
"""Jobs that are being closed at the same time for one run: others' unposts must not wait for all of them."""


class Closes(Groups[JobToClose, Closing]):
    """The jobs that are to be closed, and those whose lifecycles were told."""

    group = 50
    streams = 2

    def __init__(self, run: BulkRun, by: str | None, reason: str | None) -> None:
        """Begin with no job."""
        super().__init__(run)
        self._by, self._reason = by, reason

    async def _take_up(self, group: tuple[JobToClose, ...]) -> None:
        await workflow.wait_condition(lambda: len(self._awaited) < UNFINISHED_AT_MOST or self._run.stopping)
        now = workflow.now()
        told = await self._run.call(
            ClosingActivities.send,
            SendCloses(jobs=group, by=self._by, reason=self._reason),
            queue=Queue.OPERATIONS,
            summary=f"Have {len(group)} jobs closed",
        )
        jobs = {each.key: each for each in group}
        for refused in told.refused:
            self._run.tally.refuse(jobs[refused.key].name, refused.problem)
        self.wait_for(Closing(**jobs[key].model_dump(), since=now) for key in told.sent)

    async def _watch(self, awaited: Sequence[Closing]) -> None:
        seen = await self._run.call(
            ClosingActivities.watch,
            WatchCloses(jobs=tuple(awaited), backoff=self._run.backoff),
            queue=Queue.OPERATIONS,
            summary=f"Are these {len(awaited)} jobs closed?",
            reads=True,
        )
        for fate, keys in ((Fate.CLOSED, seen.closed), (Fate.NOT_FOUND, seen.not_found)):
            self._run.tally.add(fate, [self._settle(key).name for key in keys])
        for refused in seen.refused:
            self._note(refused)

    def _note(self, refused: JobRefused) -> None:
        self._run.tally.refuse(self._settle(refused.key).name, refused.problem)
