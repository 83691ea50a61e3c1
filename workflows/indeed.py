"""Indeed's track: find the job, clear the overlay, read back that nothing of it is left."""

from datetime import timedelta
from typing import Any

from temporalio import workflow

from models.calls import IndeedClear, IndeedConfirm, IndeedFind
from models.lifecycle import BoardName, BoardState, IndeedTrack, Outcome
from models.problems import Category
from models.temporal import Queue
from workflows.track import Stuck, Track

with workflow.unsafe.imports_passed_through():
    from activities.indeed import IndeedActivities

FIND_TIMEOUT = timedelta(minutes=15)
"""A listing of 2,000 pages at 5 requests a second takes 7 minutes, behind another one twice that."""


class Indeed(Track[IndeedTrack]):
    """Take the agency's overlay off a job at Indeed."""

    board = BoardName.INDEED

    def _start_over(self) -> dict[str, Any]:
        # The job's id stays: it belongs to the job, not to the intent.
        return {"submitted": False, "submitted_at": None, "ats_title": None, "posting": None}

    async def _take_down(self) -> Outcome:
        known = self.view.employer_job_id
        try:
            return await self._clear_known(known) if known is not None else await self._find_and_clear()
        except Stuck as stuck:
            if known is None or stuck.problem.category is not Category.NOT_FOUND:
                raise
        # Indeed may have given the job a new id, or dropped it: only a fresh listing tells.
        return await self._find_and_clear(fresh=True)

    async def _find_and_clear(self, *, fresh: bool = False) -> Outcome:
        self._enter(BoardState.WORKING, awaiting="Indeed's listing is searched for the job")
        found = await self._call(
            IndeedActivities.find,
            IndeedFind(customer_id=self._job.customer_id, job_id=self._job.job_id, fresh=fresh),
            queue=Queue.INDEED_SEARCH,
            summary="Find the job on Indeed",
            heartbeats_for=FIND_TIMEOUT,
        )
        self._update(employer_job_id=found.employer_job_id)
        if found.employer_job_id is None:
            return Outcome.ABSENT
        return await self._clear_known(found.employer_job_id)

    async def _clear_known(self, employer_job_id: str) -> Outcome:
        ids = {"customer_id": self._job.customer_id, "job_id": self._job.job_id, "employer_job_id": employer_job_id}
        if not self.view.submitted:
            self._enter(BoardState.WORKING, awaiting="Indeed is asked to clear the agency's changes")
            cleared = await self._call(
                IndeedActivities.clear,
                IndeedClear(**ids),
                queue=Queue.INDEED_MUTATIONS,
                summary="Clear the agency's changes on Indeed",
            )
            self._submitted(ats_title=cleared.ats_title)
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until nothing of the agency's changes is left")
        confirmed = await self._call(
            IndeedActivities.confirm_cleared,
            IndeedConfirm(**ids, ats_title=self.view.ats_title, backoff=self._job.backoff),
            queue=Queue.INDEED_READS,
            summary="Read Indeed back: is it clear?",
            deadline=self._job.timing.confirm_within,
        )
        self._update(posting=confirmed.posting)
        return confirmed.outcome
