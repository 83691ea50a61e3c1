"""Leaving a client: everything the agency has set on its jobs at Indeed is cleared, and read back."""

from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.bulk import BulkResult, Fate
from models.events import ManualAction
from models.offboarding import (
    Awaited,
    Cursor,
    JobsListed,
    ListJobs,
    NameJobs,
    OffboardingInput,
    OffboardingState,
    OverlaidJob,
)
from models.problems import Category
from models.temporal import CLEAR, CLIENT_OFFBOARDING, CUSTOMER_ID, RUNNING, Queue
from workflows.broadcast import lifecycles, signal_each
from workflows.bulk.clearing import Clearing
from workflows.bulk.run import EXAMPLE, BulkRun, Failed, Stopping
from workflows.inputs import read

with workflow.unsafe.imports_passed_through():
    from activities.indeed.offboarding import OffboardingActivities

AWAITED_AT_MOST = 1_000
"""Jobs that were cleared and do not read as clear: the listing waits for them, as a new run carries them over."""
ROUNDS = 10
FULL = 0.99
"""Of Indeed's own estimate that a listing must reach: it is called an estimate."""
LISTS_NOTHING = (
    "Indeed lists no job at all for this advertiser, so that nothing is known of any. Check advertiser_id, feed_types "
    "and legacy_source_id in [customers.indeed], then start it again."
)
LISTED_ANEW = 5
"""Tries to list without a person, where Indeed does not accept the place to go on from."""
FIRST_PAGES, PAGES, PAGES_AGAIN = 1, 10, 25
"""Of the listing, in one step: the first takes one, so that clearing begins at once; a later listing tells little."""


@workflow.defn(name=CLIENT_OFFBOARDING, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class ClientOffboarding(BulkRun):
    """Clear what an agency has set on a client's jobs at Indeed, prove it, and list what became of each job.

    The listing is read again until it brings nothing new. A job with an open lifecycle is cleared by that: it is told,
    so that it sets nothing again, and no two write to one job.
    """

    @workflow.init
    def __init__(self, *asked: Any) -> None:
        """Read what a person gave, or what an earlier run has left."""
        self._asked, self._unreadable = read(
            OffboardingInput, asked, example=EXAMPLE, instead=OffboardingInput(customer_id="0")
        )
        self._state = self._asked.state or OffboardingState(started_at=workflow.now())
        super().__init__(self._asked, self._state, self._asked.customer_id)
        self._told = dict(self._state.told)
        self._clearing = Clearing(
            self, self._asked.customer_id, self._asked.batch_size, self._state.refused, self._state.done
        )

    @workflow.run
    async def run(self, *asked: Any) -> BulkResult:
        """List, clear, read back, list again."""
        if self._unreadable is not None:
            raise self._unreadable
        await self.show()
        terms = await self.call(
            OffboardingActivities.terms,
            self._asked.customer_id,
            queue=Queue.OPERATIONS,
            summary="What is configured for the customer?",
            reads=True,
        )
        self.timing = terms.timing
        self._clearing.add(self._state.to_clear)
        self._clearing.wait_for(self._state.awaited)
        self._clearing.start()
        try:
            while await self._round() and self._state.round < ROUNDS:
                self._set(round=self._state.round + 1, at=Cursor(), found_work=False)
        except Stopping:
            await self._continue_as_new()
        self.publish(ended=True)
        return self.result(self._notes())

    # --- the rounds -----------------------------------------------------------------------------------------

    async def _round(self) -> bool:
        """Go through the listing once; tell whether it brought work."""
        while self._state.at is not None:
            await self._clearing.until(lambda: self._clearing.hungry and len(self._clearing.awaited) < AWAITED_AT_MOST)
            if self._state.at == Cursor():
                await self._begin_listing()
            self._take(await self._list())
        await self._clearing.until(lambda: not self._clearing.busy)
        return self._state.found_work and not self.dry_run

    async def _begin_listing(self) -> None:
        if self._counts_clear:
            self.tally.forget(Fate.ALREADY_CLEAR)
        self._set(unreadable=0, listed=0)
        if not self.dry_run:
            await self._tell_lifecycles()

    async def _list(self) -> JobsListed:
        tries = 0
        while True:
            at = self._state.at or Cursor()
            tries += 1
            try:
                return await self.call(
                    OffboardingActivities.list,
                    ListJobs(customer_id=self._asked.customer_id, at=at, pages=self._pages),
                    queue=Queue.OPERATIONS,
                    summary="List the advertiser's jobs",
                    takes=frozenset({Category.INVALID_POSTING}) if tries < LISTED_ANEW else frozenset(),
                )
            except Failed:
                # A place in the listing may be gone, with the job by which Indeed remembered it.
                self._count_anew()

    @property
    def _pages(self) -> int:
        if self._state.round > 1:
            return PAGES_AGAIN
        return FIRST_PAGES if self._state.at == Cursor() else PAGES

    @property
    def _counts_clear(self) -> bool:
        """Return whether jobs that are clear can be told from those that this run has cleared: by their names."""
        return self._state.round == 1 or self.tally.names_all(Fate.CLEARED)

    def _count_anew(self) -> None:
        if self._counts_clear:
            self.tally.forget(Fate.ALREADY_CLEAR)
        self.tally.forget(Fate.WOULD_CLEAR)
        self._set(at=Cursor(), unreadable=0, listed=0)

    def _take(self, page: JobsListed) -> None:
        if self._counts_clear:
            # What the run itself has cleared, or is about to prove clear, is counted as that.
            ours = self.tally.has(Fate.CLEARED) | self.tally.refused | self._clearing.names
            self.tally.add(Fate.ALREADY_CLEAR, [name for name in page.unmarked if name not in ours])
        new = [each for each in page.marked if not self._clearing.knows(each)]
        self._set(
            at=page.next,
            unreadable=self._state.unreadable + page.unreadable,
            listed=self._state.listed + page.count,
            estimated_total=page.estimated_total,
            found_work=self._state.found_work or bool(new),
        )
        if self.dry_run:
            self.tally.add(Fate.WOULD_CLEAR, [each.name for each in new])
        else:
            self._share_out(new)
        self.publish()

    def _share_out(self, jobs: list[OverlaidJob]) -> None:
        """Clear the jobs; one whose lifecycle does that is only read, until it is clear."""
        mine: list[OverlaidJob] = []
        theirs: list[Awaited] = []
        for each in jobs:
            told = None if each.known_as is None else self._told.get(each.known_as)
            if told is None:
                mine.append(each)
            elif told == self._state.round:
                theirs.append(Awaited(**each.model_dump(), since=workflow.now(), by_lifecycle=True))
        # The lifecycles of the others have set something again since: the next round tells them once more.
        stale = {name for name, told in self._told.items() if told != self._state.round}
        for name in stale & {each.known_as for each in jobs}:
            del self._told[name]
        self._clearing.wait_for(theirs)
        self._clearing.add(mine)

    async def _tell_lifecycles(self) -> None:
        """Tell the customer's open lifecycles to clear their jobs and to set nothing more; each once."""
        said = ManualAction(by=self._asked.by, reason=self._asked.reason or "the agency leaves the client")
        token: str | None = None
        while True:
            query = f"{RUNNING} AND {CUSTOMER_ID.name} = '{self._asked.customer_id}'"
            page = await lifecycles(query, token)
            named = await self.call(
                OffboardingActivities.names,
                NameJobs(customer_id=self._asked.customer_id, workflow_ids=page.workflow_ids),
                queue=Queue.OPERATIONS,
                summary="How are these jobs called at Indeed?",
            )
            pairs = zip(page.workflow_ids, named.names, strict=True)
            new = {id_: name for id_, name in pairs if name not in self._told}
            if new:
                missing = (await signal_each(tuple(new), CLEAR, said)).missing
                self._told |= {name: self._state.round for id_, name in new.items() if id_ not in missing}
            token = page.next_page_token
            if token is None:
                return

    # --- the end --------------------------------------------------------------------------------------------

    async def _continue_as_new(self) -> None:
        await self._clearing.stop()
        carried = {
            **self._state.model_dump(),
            **self.carried(),
            "to_clear": self._clearing.to_do,
            "awaited": self._clearing.awaited,
            "refused": self._clearing.refused,
            "done": self._clearing.done,
            "told": self._told,
        }
        # No await from here on: a signal that came in between would be lost.
        workflow.continue_as_new(self._asked.model_copy(update={"state": OffboardingState.model_validate(carried)}))

    def _notes(self) -> list[str]:
        notes = []
        if not self._state.listed:
            notes.append(LISTS_NOTHING)
        elif self._state.listed < FULL * (self._state.estimated_total or 0):
            notes.append(
                f"Indeed's listing had {self._state.listed} entries, and says that there are about "
                f"{self._state.estimated_total}: some jobs may have been missed. Start it again."
            )
        if self._state.unreadable:
            notes.append(f"{self._state.unreadable} entries of Indeed's listing could not be read: they may be jobs.")
        if self._state.found_work and not self.dry_run:
            notes.append(f"After {ROUNDS} listings there were still jobs on which something was set: start it again.")
        return notes

    # --- what people see ------------------------------------------------------------------------------------

    @property
    def _step(self) -> str:
        which = "" if self._state.round == 1 else f", listing {self._state.round}"
        return f"Leaving a client at Indeed{which}"

    @property
    def _waiting(self) -> int:
        return len(self._clearing.awaited)

    @property
    def _of_about(self) -> int | None:
        return self._state.estimated_total

    def _set(self, **fields: Any) -> None:
        self._state = self._state.model_copy(update=fields)
