"""Keeping the receipt: what a lifecycle has come to is in the store before it completes; no board waits for that."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from models.calls.store import StoreReceipt
from models.lifecycle import Lifecycle, Receipt, Unstored
from models.states import ENDED, Phase
from models.temporal import Queue
from workflows.at_once import at_once
from workflows.boards.job import Job

with workflow.unsafe.imports_passed_through():
    from activities.receipts import ReceiptActivities

TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""The store may be away for hours: the receipt is stored within a minute of its return."""
SUMMARY = "Store the receipt"
QUEUED_AT_MOST = 10
"""What a run can carry over: the receipts of a job that is posted and unposted again and again, and of no store."""
EACH_END = "each-end-has-a-receipt"
"""The change after which an end has its receipt also where the store takes it only after the next end."""


class Recording:
    """Have the receipt of each end stored once; without a deadline, as a proof must not be given up."""

    def __init__(self, job: Job, state: Lifecycle, look: Callable[[], Lifecycle], phase: Callable[[], Phase]) -> None:
        """Take up where the state stands; `look` gives the lifecycle as it is, `phase` its phase alone."""
        self.receipts, self.recorded = state.receipts, state.recorded
        self._job = job
        self._look, self._phase = look, phase
        self.unstored = state.unstored
        """What the store is to take, in order."""
        self.taken = state.receipt_taken
        """The present end, once its receipt is the last of these."""

    @property
    def done(self) -> bool:
        """Return whether the receipts of the present end and of those before it are stored."""
        return not (self.unstored or self._look().receipt_due)

    def due(self, lifecycle: Lifecycle) -> bool:
        """Return whether the receipt of this end is still to be stored: one with another outcome is another end."""
        return lifecycle.phase in ENDED and self.recorded != _end(lifecycle)

    def knows(self, lifecycle: Lifecycle) -> None:
        """Note that the receipt of this end was stored before: to look again and find the same adds nothing."""
        self.recorded = _end(lifecycle)

    def forget(self) -> None:
        """Note that the job is posted again: its next end has a receipt of its own."""
        self.recorded = self.taken = None

    def look(self, lifecycle: Lifecycle) -> None:
        """Take the receipt of an end, also while the store has not taken the one before."""
        if len(self.unstored) >= QUEUED_AT_MOST or not self._has_ended(lifecycle):
            return
        if not self.unstored or workflow.patched(EACH_END):
            self._take(lifecycle)

    async def stopped(self) -> None:
        """Store the receipt of a lifecycle that is stopped, after those of its ends; it has a number of its own."""
        number = self._next
        if self.unstored and workflow.patched(EACH_END):
            for each in self.unstored:
                await _store(each)
            self.recorded = self.taken or self.recorded
        await _store(Unstored(receipt=Receipt.of(self._look()), number=number))
        self.receipts, self.unstored, self.taken = number, (), None

    async def run(self) -> None:
        """Store the receipt of each end, once the ATS was told or did not take it."""
        while True:
            await workflow.wait_condition(lambda: bool(self.unstored) or self._may_take())
            if not self.unstored:
                if not self._may_take() and workflow.patched(EACH_END):
                    continue  # it was posted again at the same moment
                self._take(self._look())
            first = self.unstored[0]
            await _store(first)
            self.receipts, self.unstored = first.number, self.unstored[1:]
            if not self.unstored and self.taken is not None:
                self.recorded, self.taken = self.taken, None
            self._job.changed()

    def _may_take(self) -> bool:
        # Asked after every step: there is nothing to take in most of them.
        return self._phase() in ENDED and self._has_ended(self._look())

    def _has_ended(self, lifecycle: Lifecycle) -> bool:
        """Return whether there is an end whose receipt was not taken, and of which the ATS knows, or will not know."""
        told = not lifecycle.report_due or lifecycle.report_failing_since is not None
        return lifecycle.receipt_due and told and self.taken != _end(lifecycle)

    def _take(self, lifecycle: Lifecycle) -> None:
        self.unstored = (*self.unstored, Unstored(receipt=Receipt.of(lifecycle), number=self._next))
        self.taken = _end(lifecycle)

    @property
    def _next(self) -> int:
        return max((self.receipts, *(each.number for each in self.unstored))) + 1


async def _store(each: Unstored) -> None:
    # The first run's id stays the same when the lifecycle continues as new.
    call = StoreReceipt(receipt=each.receipt, run_id=workflow.info().first_execution_run_id, number=each.number)
    await at_once(ReceiptActivities.store, call, queue=Queue.JOB_POSTINGS, summary=SUMMARY, tries=TRIES)


def _end(lifecycle: Lifecycle) -> str:
    """Write down what a job's end was."""
    outcomes = " ".join(f"{board.value}={record.outcome}" for board, record in lifecycle.boards.used)
    return f"{lifecycle.phase} {lifecycle.reopened} {outcomes}"
