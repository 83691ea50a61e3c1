"""LinkedIn's track: submit CLOSE, let LinkedIn carry it out, read back NOT_LISTED; a posted job is watched."""

from typing import Any

from temporalio import workflow

from models.calls import LinkedInClose, LinkedInConfirm, LinkedInWatch
from models.lifecycle import BoardName, BoardState, LinkedInTrack, Outcome
from models.temporal import Queue
from workflows.track import Track

with workflow.unsafe.imports_passed_through():
    from activities.linkedin import LinkedInActivities


class LinkedIn(Track[LinkedInTrack]):
    """Take a job off LinkedIn; a posted one is only watched, as the ATS's own feed posts it."""

    board = BoardName.LINKEDIN

    def _start_over(self) -> dict[str, Any]:
        return {"submitted": False, "submitted_at": None, "task_id": None, "conflict": False}

    async def _bring_up(self) -> Outcome | None:
        self._enter(BoardState.WORKING, awaiting="LinkedIn is read once: does it list the job?")
        answer = await self._call(
            LinkedInActivities.watch,
            LinkedInWatch(customer_id=self._job.customer_id, job_id=self._job.job_id),
            queue=Queue.LINKEDIN,
            summary="Read LinkedIn: does it list the job?",
        )
        return answer.outcome

    async def _take_down(self) -> Outcome | None:
        if not self.view.submitted:
            await self._submit()
        self._enter(BoardState.CONFIRMING, awaiting="LinkedIn is read until it no longer lists the job")
        timing = self._job.timing
        answer = await self._call(
            LinkedInActivities.confirm_closed,
            LinkedInConfirm(
                customer_id=self._job.customer_id,
                job_id=self._job.job_id,
                task_id=self.view.task_id,
                conflict=self.view.conflict,
                backoff=self._job.backoff,
            ),
            queue=Queue.LINKEDIN,
            summary="Read LinkedIn back: is the job gone?",
            # A refused close that is still listed will not mend itself: ask sooner.
            deadline=min(timing.attention_after, timing.confirm_within)
            if self.view.conflict
            else timing.confirm_within,
        )
        return answer.outcome

    async def _submit(self) -> None:
        self._enter(BoardState.WORKING, awaiting="LinkedIn is asked to close the job")
        answer = await self._call(
            LinkedInActivities.close,
            LinkedInClose(customer_id=self._job.customer_id, job_id=self._job.job_id),
            queue=Queue.LINKEDIN,
            summary="Ask LinkedIn to close the job",
        )
        self._submitted(task_id=answer.task_id, conflict=answer.conflict)
        if answer.task_id is not None:
            self._enter(BoardState.CONFIRMING, awaiting="LinkedIn carries out the close")
            await self._pause(self._job.timing.linkedin_task_after, "Wait while LinkedIn carries out the close")
