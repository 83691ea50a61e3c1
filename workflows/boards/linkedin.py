"""LinkedIn's track: bring a posted job up or watch it, take an unposted one down, and read it back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.base import Model
from models.boards import Evidence, LinkedInRecord
from models.calls.linkedin import (
    LinkedInClose,
    LinkedInClosed,
    LinkedInConfirm,
    LinkedInConfirmPosted,
    LinkedInLook,
    LinkedInPost,
    LinkedInSeen,
    LinkedInSubmitted,
    LinkedInWatch,
)
from models.events import LinkedInResync, LinkedInStatus
from models.linkedin_statuses import MIGRATION
from models.operations import Earlier, FindEarlier
from models.problems import Category, Problem
from models.states import BoardName, BoardState, Intent, Operation, Outcome
from models.temporal import LINKEDIN_RESYNC, LINKEDIN_STATUS
from workflows.boards.linkedin_notifications import notes, notification, with_answers, with_notification
from workflows.boards.linkedin_relisting import Relisting
from workflows.boards.linkedin_submissions import answered, begun_anew, listing_writes, superseded
from workflows.boards.steps import HasEvidence, Interrupted, Job
from workflows.patience import Patience
from workflows.problems import problem_of

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities
    from activities.linkedin.postings import LinkedInActivities

SHOWN = ("url", "listing", "apply", "promotion")
"""What LinkedIn shows of a job, as answers and the record call it."""
# Outcomes are compared by value: in the SDK's sandbox an activity's answer has classes of its own.
DONE = frozenset({Outcome.LIVE, Outcome.UPDATED})


class LinkedIn(Relisting):
    """Take a job off LinkedIn; post one, where the customer wants that, or else watch what the ATS's own feed posts."""

    board = BoardName.LINKEDIN
    record = LinkedInRecord
    own_signals = frozenset({LINKEDIN_STATUS, LINKEDIN_RESYNC})

    def __init__(self, job: Job, view: LinkedInRecord, intent: Intent) -> None:
        """Take up the work where the view stands."""
        super().__init__(job, view, intent)
        self._reading = False

    # --- what the lifecycle tells -------------------------------------------------------------------------

    def take(self, name: str, message: Model) -> str | None:
        """Take a notification of LinkedIn, or its wish to have the job sent again."""
        match message:
            case LinkedInStatus():
                self._hear(message)
            case LinkedInResync():
                self._resync()
        return None

    def look_again(self) -> None:
        """Read the job now: LinkedIn shows no field that could be compared."""
        self._read_now()

    def edited(self) -> None:
        """Note that the posting was edited in the ATS: a listed job is sent again."""
        self._update(resend=True, resync=False)

    def _hear(self, status: LinkedInStatus) -> None:
        """Take a notification: it is kept in words and makes the read-back happen now, and it proves nothing."""
        self._update(
            evidence=with_notification(self.view.evidence, notification(status, workflow.now())), **notes(status)
        )
        attention = self.view.attention
        if self._is_off:
            if status.says_listed or status.listing is None:
                self._look_at_it_again()
        elif attention is not None and attention.category is Category.RELISTED and status.says_listed:
            return  # that LinkedIn lists it is what a person is asked about
        elif attention is not None and not attention.retrying:
            # An edit that LinkedIn refused is not on LinkedIn because LinkedIn lists the job.
            if not self.view.resend:
                self.confirm()
        else:
            self._read_now()

    def confirm(self) -> None:
        """Read the board now, without writing; a posted job that is at rest is read too."""
        attention = self.view.attention
        if attention is not None and not attention.retrying and self._intent is Intent.POSTED:
            # What became of the refused write is known: from now on only the listing counts.
            self._update(task_id=None, operation=None)
        super().confirm()
        self._read_now()

    def _resync(self) -> None:
        """Send an open job again, as LinkedIn asks, or say why not.

        A job that is being sent, or needs a person, is left to that: a resync never opens a job.
        """
        view = self.view
        if self._intent is Intent.POSTED and view.outcome in DONE and not self._unsettled:
            self._update(**self._start_over(), resend=True, resync=True, outcome=None)
            # Only looked at, so that a job which LinkedIn has closed meanwhile is not opened.
            self._update(submitted=True, submitted_at=workflow.now())
            self._enter(BoardState.WORKING, awaiting=None)
            self._interrupted = self._begun_anew = True

    def _keep(self, *evidence: Evidence) -> None:
        self._update(evidence=with_answers(self.view.evidence, evidence))

    def _read_now(self) -> None:
        if self._unsettled and not self.view.submitted:
            self._update(look=True)  # it is being asked: the read-back follows without a pause
        elif self._unsettled or self._intent is Intent.POSTED:
            self._update(look=True)
            # A read that is under way is followed by one more, however many ask for it.
            self._interrupted |= not self._reading

    def _look_at_it_again(self) -> None:
        self._update(look=True)
        self._interrupted |= not self._reading

    @property
    def _is_off(self) -> bool:
        return self._intent is Intent.UNPOSTED and self.view.state is BoardState.SETTLED

    @property
    def _has_work(self) -> bool:
        at_rest = not self._unsettled and (self._intent is Intent.POSTED or self._is_off)
        return super()._has_work or (self.view.look and at_rest)

    @property
    def busy(self) -> bool:
        """Return whether there is something to do that needs no person."""
        return super().busy or self._reading

    async def _rest(self) -> None:
        """Wait until there is something to do; a listed job is read from time to time, as hints may get lost."""
        if self._unsettled or self._intent is Intent.UNPOSTED or not self.view.seen_listed:
            await super()._rest()
            return
        try:
            await self._pause(
                self._until_read_again(self._job.timing.linkedin_check_every), "Until LinkedIn is read again"
            )
        except Interrupted:
            return
        self._update(look=True)

    # --- submissions ----------------------------------------------------------------------------------------

    def _start_over(self) -> dict[str, Any]:
        return begun_anew(self.view, unsettled=self._unsettled, now=workflow.now())

    async def _write(
        self,
        operation: Operation,
        activity: Callable[[Any, Any], Awaitable[LinkedInSubmitted]],
        call: LinkedInClose | LinkedInPost,
        summary: str,
    ) -> LinkedInSubmitted:
        """Submit, and remember a submission that is superseded while it is under way."""
        try:
            answer = await self._call(activity, call, summary=summary)
        except Interrupted as interrupted:
            seen = cast("LinkedInSubmitted | None", interrupted.answer)
            self._update(**superseded(self.view, operation, seen, begun=interrupted.begun, now=workflow.now()))
            raise
        self._job.titled(answer.title)
        return answer

    async def _let_linkedin_work(self) -> None:
        """Give LinkedIn's task its time, unless LinkedIn has said meanwhile that something changed."""
        if self.view.task_id is None or self.view.look:
            return
        closing = self.view.operation == Operation.CLOSE
        what = "LinkedIn carries out the close" if closing else "LinkedIn takes the job up"
        self._enter(BoardState.CONFIRMING, awaiting=what)
        await self._pause(self._job.timing.linkedin_task_after, what)

    # --- a posted job -------------------------------------------------------------------------------------

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

    # --- an unposted job ----------------------------------------------------------------------------------

    async def _take_down(self) -> Outcome | None:
        if self._is_off and not await self._is_back():
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
