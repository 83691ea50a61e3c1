"""Indeed's track: find the job, set or clear the agency's overlay, read back that it took."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow

from models.calls import IndeedFind, IndeedJob, IndeedReadBack
from models.lifecycle import BoardName, BoardState, IndeedTrack, Outcome
from models.problems import Category
from models.temporal import CLEAR, UPDATE, Queue
from workflows.track import Stuck, Track

with workflow.unsafe.imports_passed_through():
    from activities.indeed import IndeedActivities

FIND_TIMEOUT = timedelta(minutes=30)
"""A listing of 2,000 pages at 2.5 requests a second takes 14 minutes, behind another one twice that."""


class Indeed(Track[IndeedTrack]):
    """Bring the agency's overlay onto a posted job at Indeed, and take it off an unposted one."""

    board = BoardName.INDEED
    signals_by_hand = Track.signals_by_hand | {UPDATE, CLEAR}

    def _start_over(self) -> dict[str, Any]:
        # The job's id stays: it belongs to the job, not to the intent.
        return {"submitted": False, "submitted_at": None, "ats_title": None, "posting": None}

    async def _bring_up(self) -> Outcome | None:
        return await self._with_the_job(self._update_known, expected=True)

    async def _take_down(self) -> Outcome | None:
        return await self._with_the_job(self._clear_known, expected=False)

    async def _with_the_job(
        self, work: Callable[[str], Awaitable[Outcome | None]], *, expected: bool
    ) -> Outcome | None:
        known = self.view.employer_job_id
        if known is not None:
            try:
                return await work(known)
            except Stuck as stuck:
                if stuck.problem.category is not Category.NOT_FOUND:
                    raise
        # Indeed may have given the job a new id, or dropped it: only a fresh listing tells.
        found = await self._find(fresh=known is not None, expected=expected)
        return Outcome.ABSENT if found is None else await work(found)

    async def _find(self, *, fresh: bool, expected: bool) -> str | None:
        self._enter(BoardState.WORKING, awaiting="Indeed's listing is searched for the job")
        if self.view.submitted_at is None:
            self._update(submitted_at=workflow.now())
        found = await self._call(
            IndeedActivities.find,
            IndeedFind(
                customer_id=self._job.customer_id,
                job_id=self._job.job_id,
                fresh=fresh,
                expected=expected,
                backoff=self._job.backoff,
            ),
            queue=Queue.INDEED_SEARCH,
            summary="Find the job on Indeed",
            deadline=self._job.timing.confirm_within if expected else None,
            heartbeats_for=FIND_TIMEOUT,
        )
        self._update(employer_job_id=found.employer_job_id)
        return found.employer_job_id

    async def _update_known(self, employer_job_id: str) -> Outcome | None:
        if not self.view.submitted:
            self._enter(BoardState.WORKING, awaiting="Indeed is given what the agency sets on the job")
            await self._call(
                IndeedActivities.update,
                self._indeed_job(employer_job_id),
                queue=Queue.INDEED_MUTATIONS,
                summary="Set the agency's changes on Indeed",
            )
            self._submitted()
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until it shows the agency's changes")
        return await self._read_back(IndeedActivities.confirm_updated, employer_job_id, "does it show the changes?")

    async def _clear_known(self, employer_job_id: str) -> Outcome | None:
        if not self.view.submitted:
            self._enter(BoardState.WORKING, awaiting="Indeed is asked to clear the agency's changes")
            cleared = await self._call(
                IndeedActivities.clear,
                self._indeed_job(employer_job_id),
                queue=Queue.INDEED_MUTATIONS,
                summary="Clear the agency's changes on Indeed",
            )
            self._submitted(ats_title=cleared.ats_title)
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until nothing of the agency's changes is left")
        return await self._read_back(IndeedActivities.confirm_cleared, employer_job_id, "is it clear?")

    async def _read_back(self, activity: Any, employer_job_id: str, question: str) -> Outcome | None:
        call = IndeedReadBack(
            **self._indeed_job(employer_job_id).model_dump(), ats_title=self.view.ats_title, backoff=self._job.backoff
        )
        confirmed = await self._call(
            activity,
            call,
            queue=Queue.INDEED_READS,
            summary=f"Read Indeed back: {question}",
            deadline=self._job.timing.confirm_within,
        )
        self._update(posting=confirmed.posting)
        outcome: Outcome | None = confirmed.outcome
        return outcome

    def _indeed_job(self, employer_job_id: str) -> IndeedJob:
        return IndeedJob(customer_id=self._job.customer_id, job_id=self._job.job_id, employer_job_id=employer_job_id)
