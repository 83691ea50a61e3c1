"""A job that is wanted on LinkedIn: watched, posted where the customer wants that, and read back."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.calls.linkedin import (
    LinkedInConfirmPosted,
    LinkedInPost,
    LinkedInSeen,
    LinkedInWatch,
)
from models.states import BoardState, Operation, Outcome
from workflows.boards.job import Interrupted
from workflows.boards.linkedin.submissions import answered
from workflows.boards.linkedin.writing import Writing
from workflows.boards.steps import HasEvidence
from workflows.patience import Patience
from workflows.problems import problem_of

with workflow.unsafe.imports_passed_through():
    from activities.linkedin.postings import LinkedInActivities

SHOWN = ("url", "listing", "apply", "promotion")
"""What LinkedIn shows of a job, as answers and the record call it."""
# Outcomes are compared by value: in the SDK's sandbox an activity's answer has classes of its own.
DONE = frozenset({Outcome.LIVE, Outcome.UPDATED})


class Posted(Writing):
    """Bring a job up."""

    async def _bring_up(self) -> Outcome | None:
        if self.view.task_id is None:
            seen = await self._watch()
            if seen.operation is None:
                return self._at_rest(seen)
            await self._post(seen.operation)
        return await self._confirm_posted()

    async def _watch(self) -> LinkedInSeen:
        """Read LinkedIn until it gives a reason to write, or none to ask a person."""
        at_rest = not self._unsettled
        if not at_rest:
            self._enter(BoardState.WORKING, awaiting="LinkedIn is read: does it list the job?")
            if self.view.submitted_at is None:
                self._update(submitted_at=workflow.now())
        while True:
            self._update(look=False)
            self._reading = at_rest and self.view.attention is None
            try:
                seen: LinkedInSeen = await self._call(
                    LinkedInActivities.watch,
                    LinkedInWatch(
                        **self._plan(),
                        seen_listed=self.view.seen_listed,
                        earlier=self.view.earlier,
                        settle=self._job.timing.linkedin_task_after,
                        asked=self._asked,
                        backoff=self._job.backoff,
                    ),
                    summary="Read LinkedIn: does it list the job?",
                    # A job at rest is listed as long as it is listed: no deadline ends that.
                    deadline=None if at_rest else self._job.timing.confirm_within,
                )
            except Interrupted:
                # Nothing was seen: a job at rest has no other reason to be read again.
                self._update(look=at_rest)
                raise
            finally:
                self._reading = False
            self._note(seen)
            if seen.problem is not None:
                self._update(outcome=None)
                self._ask(seen.problem, retrying=True)
            elif seen.operation is not None or not self.view.look:
                return seen

    async def _post(self, operation: Operation) -> None:
        self._enter(BoardState.WORKING, awaiting=f"LinkedIn is asked to {operation.value.lower()} the job")
        self._update(look=False, outcome=None, earlier=())
        answer = await self._write(
            operation,
            LinkedInActivities.post,
            LinkedInPost(
                **self._plan(),
                sent_location=self.view.sent_location,
                portal_url=self._job.portal_url,
                settle=self._job.timing.linkedin_task_after,
                backoff=self._job.backoff,
            ),
            f"Ask LinkedIn to {operation.value.lower()} the job",
        )
        self._submitted(moved_from=answer.moved_from, **answered(self.view, answer))
        await self._let_linkedin_work()

    async def _confirm_posted(self) -> Outcome | None:
        self._enter(BoardState.CONFIRMING, awaiting="LinkedIn is read until it lists the job")
        while True:
            self._update(look=False)
            view = self.view
            seen: LinkedInSeen = await self._call(
                LinkedInActivities.confirm_posted,
                LinkedInConfirmPosted(
                    customer_id=self._job.customer_id,
                    job_id=self._job.job_id,
                    task_id=view.task_id,
                    operation=view.operation,
                    location=view.sent_location,
                    moved_from=view.moved_from,
                    asked=self._asked,
                    backoff=self._job.backoff,
                ),
                summary="Read LinkedIn back: is the job listed?",
                deadline=self._job.timing.confirm_within,
            )
            self._note(seen)
            if seen.problem is None:
                return self._at_rest(seen)
            self._ask(seen.problem, retrying=True)

    def _plan(self) -> dict[str, Any]:
        view = self.view
        return {
            "customer_id": self._job.customer_id,
            "job_id": self._job.job_id,
            "fresh": self._unsettled and not view.submitted,
            "resend": view.resend,
            "resync": view.resync,
            "created": view.created,
            "taken_down": view.taken_down,
        }

    @property
    def _asked(self) -> str | None:
        return self.view.attention.reason if self.view.attention is not None else None

    def _note(self, seen: LinkedInSeen) -> None:
        self._update(seen=self.view.seen or seen.seen)

    def _go_on_with(self, answer: HasEvidence) -> None:
        """Keep what LinkedIn shows of the job: its page and its statuses."""
        super()._go_on_with(answer)
        found = {name: getattr(answer, name, None) for name in SHOWN}
        if said := {name: value for name, value in found.items() if value is not None}:
            self._update(**said)

    async def _after_failure(
        self, error: ActivityError, patience: Patience, deadline: timedelta | None, summary: str
    ) -> None:
        self._update(seen=self.view.seen or problem_of(error).shown)
        await super()._after_failure(error, patience, deadline, summary)

    def _at_rest(self, seen: LinkedInSeen) -> Outcome | None:
        """Take what was read as the end of the matter; an edit that was proven stays so while the job is listed."""
        before = self.view.outcome
        self._submitted(task_id=None, operation=None, moved_from=None, resend=False, resync=False, earlier=())
        if seen.outcome is not None:
            self._update(seen_listed=True, taken_down=False)
        return before if before in DONE and seen.outcome == Outcome.LIVE else seen.outcome
