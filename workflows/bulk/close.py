"""Closing many jobs: those of a list, or those whose lifecycles a query finds."""

from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.bulk import BulkResult, Fate
from models.closing import JOBS_AT_MOST, BeginClosing, BulkCloseInput, BulkCloseState, JobToClose
from models.problems import Category
from models.temporal import BULK_CLOSE, CUSTOMER_ID, RUNNING, Queue
from workflows.broadcast import lifecycles
from workflows.bulk.closing import Closes
from workflows.bulk.run import EXAMPLE, BulkRun, Failed, Stopping
from workflows.inputs import read, refused

with workflow.unsafe.imports_passed_through():
    from activities.closing import ClosingActivities


@workflow.defn(name=BULK_CLOSE, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class BulkClose(BulkRun):
    """Have each job's own lifecycle close it, as if the ATS had unposted it, and list what became of each."""

    @workflow.init
    def __init__(self, *asked: Any) -> None:
        """Read what a person gave, or what an earlier run has left."""
        self._asked, self._unreadable = read(
            BulkCloseInput, asked, example=EXAMPLE, instead=BulkCloseInput.model_construct(customer_id=None)
        )
        self._state = self._asked.state or BulkCloseState(started_at=workflow.now())
        super().__init__(self._asked, self._state, self._asked.customer_id)
        self._closes = Closes(self, self._asked.by, self._asked.reason)
        self._total = self._state.total

    @workflow.run
    async def run(self, *asked: Any) -> BulkResult:
        """Find the jobs, tell their lifecycles, look until all are done."""
        if self._unreadable is not None:
            raise self._unreadable
        await self.show()
        await self._begin()
        jobs = await self._find() if self._asked.state is None else self._state.to_close
        if self.dry_run:
            self.tally.add(Fate.WOULD_CLOSE, [each.name for each in jobs])
        else:
            self._closes.add(jobs)
            self._closes.wait_for(self._state.watched)
            self._closes.start()
            try:
                await self._closes.until(lambda: not self._closes.busy)
            except Stopping:
                await self._continue_as_new()
        self.publish(ended=True)
        return self.result(())

    async def _begin(self) -> None:
        try:
            terms = await self.call(
                ClosingActivities.terms,
                BeginClosing(customer_id=self._asked.customer_id, query=self._query),
                queue=Queue.OPERATIONS,
                summary="What is configured, and can the query be read?",
                reads=True,
                takes=frozenset({Category.REFUSED}),
            )
        except Failed as failed:
            raise refused(f"{failed.problem.reason} {failed.problem.provider_text}".rstrip(". ")) from None
        self.timing = terms.timing

    async def _find(self) -> tuple[JobToClose, ...]:
        """Name the jobs, each once; all before the first is closed, as a query finds open lifecycles only."""
        found: dict[str, JobToClose] = {}
        if self._asked.customer_id is not None:
            named = (JobToClose(customer_id=self._asked.customer_id, job_id=each) for each in self._asked.job_ids)
            found |= {each.key: each for each in named}
        token, more = None, self._query is not None
        while more:
            page = await lifecycles(self._query or "", token)
            found |= {id_: job for id_ in page.workflow_ids if (job := JobToClose.of(id_)) is not None}
            token = page.next_page_token
            more = token is not None
            if len(found) > JOBS_AT_MOST:
                raise refused(f"the query finds more than {JOBS_AT_MOST} jobs; close them in parts")
        self._total = len(found)
        return tuple(found.values())

    @property
    def _query(self) -> str | None:
        """Return the query for the open lifecycles that are meant."""
        if self._asked.query is None:
            return None
        whose = "" if self._asked.customer_id is None else f" AND {CUSTOMER_ID.name} = '{self._asked.customer_id}'"
        return f"{RUNNING}{whose} AND ({self._asked.query})"

    async def _continue_as_new(self) -> None:
        await self._closes.stop()
        state = BulkCloseState(
            **self.carried(), to_close=self._closes.to_do, watched=self._closes.awaited, total=self._total
        )
        # The list of jobs is in the state now. No await from here on: a signal that came in between would be lost.
        workflow.continue_as_new(self._asked.model_copy(update={"state": state}))

    # --- what people see ------------------------------------------------------------------------------------

    @property
    def _step(self) -> str:
        return "Closing many jobs"

    @property
    def _waiting(self) -> int:
        return len(self._closes.awaited)

    @property
    def _of_about(self) -> int | None:
        return self._total or None
