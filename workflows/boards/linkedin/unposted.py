"""A job that is to be off LinkedIn: closed, and read until LinkedIn no longer lists it."""

from temporalio import workflow

from models.calls.linkedin import (
    LinkedInClose,
    LinkedInClosed,
    LinkedInConfirm,
    LinkedInLook,
    LinkedInSeen,
)
from models.linkedin_statuses import MIGRATION
from models.operations import Earlier, FindEarlier
from models.problems import Problem
from models.states import BoardState, Intent, Operation, Outcome
from workflows.boards.linkedin.posted import Posted
from workflows.boards.linkedin.submissions import answered, listing_writes

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities
    from activities.linkedin.postings import LinkedInActivities

READ_FIRST = "read-a-closed-job-before-it-is-closed-again"
"""The change after which a closed job that could not be read is read and iCIMS asked, before it is closed again."""


class Unposted(Posted):
    """Take a job down."""

    @property
    def _is_off(self) -> bool:
        return self._intent is Intent.UNPOSTED and self.view.state is BoardState.SETTLED

    @property
    def _was_off(self) -> bool:
        """Return whether the job was read to be off, also where a person is asked as it could not be read again."""
        return self._is_off or (self.view.outcome is not None and workflow.patched(READ_FIRST))

    async def _take_down(self) -> Outcome | None:
        if self._was_off and not await self._is_back():
            return self.view.outcome
        if self.view.ask_ats and not self.view.submitted:
            await self._ask_the_ats()
        while True:
            if not self.view.submitted:
                await self._close()
            self._enter(BoardState.CONFIRMING, awaiting="LinkedIn is read until it no longer lists the job")
            self._update(look=False)
            answer = await self._confirm_closed()
            if answer.outcome is not None:
                outcome = await self._known_before(answer.outcome)
                self._update(seen=outcome.proven, resend=False)
                return outcome
            self._update(submitted=False, task_id=None, operation=None, conflict=False)
            if answer.problem is not None:
                await self._let_it_recover(answer.problem)

    async def _known_before(self, outcome: Outcome) -> Outcome:
        """Tell a job that is gone from one that LinkedIn never showed, in this lifecycle or the one before."""
        if outcome != Outcome.NOT_FOUND:
            return outcome
        if not (self.view.seen or self.view.seen_listed):
            found: Earlier = await self._call(
                LifecycleActivities.earlier,
                FindEarlier(
                    customer_id=self._job.customer_id,
                    job_id=self._job.job_id,
                    run_id=workflow.info().run_id,
                    expected=False,
                ),
                summary="Did an earlier lifecycle see the job on LinkedIn?",
            )
            before = found.receipt.boards.linkedin if found.receipt is not None else None
            self._update(seen=before is not None and (before.seen or before.seen_listed or before.proven))
        return Outcome.GONE if self.view.seen or self.view.seen_listed else outcome

    async def _close(self) -> None:
        self._enter(BoardState.WORKING, awaiting="LinkedIn is asked to close the job")
        self._update(look=False)
        answer = await self._write(
            Operation.CLOSE,
            LinkedInActivities.close,
            LinkedInClose(
                customer_id=self._job.customer_id,
                job_id=self._job.job_id,
                earlier=listing_writes(self.view),
                settle=self._job.timing.linkedin_task_after,
                backoff=self._job.backoff,
                portal_url=self._job.portal_url,
            ),
            "Ask LinkedIn to close the job",
        )
        attention = self.view.attention
        self._submitted(conflict=answer.conflict, earlier=answer.pending, **answered(self.view, answer))
        if attention is not None and attention.retrying and attention.cause in {None, MIGRATION}:
            self._update(attention=attention)
        await self._let_linkedin_work()

    @property
    def _may_send_again(self) -> bool:
        # What it calls closed already it would only call so once more.
        return self.view.task_id is not None and not self.view.conflict

    async def _let_it_recover(self, problem: Problem) -> None:
        """Wait before a close at which LinkedIn failed is sent again; ask for a person where that has lasted."""
        timing = self._job.timing
        if self.view.asked_at is not None and workflow.now() >= self.view.asked_at + timing.attention_after:
            self._ask(problem, retrying=True)
        await self._pause(timing.confirm_first, "Wait, then send the close again")

    async def _read_once(self) -> Outcome | None:
        if self._intent is Intent.UNPOSTED:
            closed: LinkedInClosed = await self._once(LinkedInActivities.confirm_closed, self._to_confirm())
            known = self.view.seen or self.view.seen_listed
            return Outcome.GONE if closed.outcome == Outcome.NOT_FOUND and known else closed.outcome
        look = LinkedInLook(customer_id=self._job.customer_id, job_id=self._job.job_id, backoff=self._job.backoff)
        seen: LinkedInSeen = await self._once(LinkedInActivities.look, look)
        # That a job which is wanted is not listed may change at any moment.
        return seen.outcome if seen.outcome == Outcome.LIVE else None

    def _to_confirm(self) -> LinkedInConfirm:
        return LinkedInConfirm(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            task_id=self.view.task_id,
            conflict=self.view.conflict,
            earlier=listing_writes(self.view),
            settle=self._job.timing.linkedin_task_after,
            backoff=self._job.backoff,
        )

    async def _confirm_closed(self) -> LinkedInClosed:
        timing = self._job.timing
        answer: LinkedInClosed = await self._call(
            LinkedInActivities.confirm_closed,
            self._to_confirm(),
            summary="Read LinkedIn back: is the job gone?",
            # A refused close that is still listed will not mend itself: ask sooner.
            deadline=min(timing.attention_after, timing.confirm_within)
            if self.view.conflict
            else timing.confirm_within,
        )
        return answer
