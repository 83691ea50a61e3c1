"""Keeping the receipt: what a lifecycle has come to is in the store before it completes; no board waits for that."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from models.calls.store import StoreReceipt
from models.lifecycle import Lifecycle, Receipt
from models.states import ENDED, Phase
from models.temporal import Queue
from workflows.at_once import at_once
from workflows.boards.job import Job

with workflow.unsafe.imports_passed_through():
    from activities.receipts import ReceiptActivities

TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""The store may be away for hours: the receipt is stored within a minute of its return."""
SUMMARY = "Store the receipt"


class Recording:
    """Have the receipt of each end stored once; without a deadline, as a proof must not be given up."""

    def __init__(self, job: Job, state: Lifecycle, look: Callable[[], Lifecycle], phase: Callable[[], Phase]) -> None:
        """Take up where the state stands; `look` gives the lifecycle as it is, `phase` its phase alone."""
        self.receipts, self.recorded = state.receipts, state.recorded
        self._job = job
        self._look, self._phase = look, phase
        self._posted_again = 0
        self._begun = self.receipts
        """The receipt whose storing was begun last."""

    @property
    def done(self) -> bool:
        """Return whether the receipt of the present end is stored."""
        return not self._look().receipt_due

    def due(self, lifecycle: Lifecycle) -> bool:
        """Return whether the receipt of this end is still to be stored: one with another outcome is another end."""
        return lifecycle.phase in ENDED and self.recorded != _end(lifecycle)

    def knows(self, lifecycle: Lifecycle) -> None:
        """Note that the receipt of this end was stored before: to look again and find the same adds nothing."""
        self.recorded = _end(lifecycle)

    def forget(self) -> None:
        """Note that the job is posted again: its next end has a receipt of its own."""
        self.recorded = None
        self._posted_again += 1

    async def stopped(self) -> None:
        """Store the receipt of a lifecycle that is stopped; it has a number of its own."""
        number = max(self.receipts, self._begun) + 1
        run_id = workflow.info().first_execution_run_id
        await _store(StoreReceipt(receipt=Receipt.of(self._look()), run_id=run_id, number=number))
        self.receipts = self._begun = number

    async def run(self) -> None:
        """Store the receipt of each end, once the ATS was told or did not take it."""
        while True:
            await workflow.wait_condition(self._may_store)
            lifecycle, posted_again, number = self._look(), self._posted_again, self.receipts + 1
            self._begun = number
            # The first run's id stays the same when the lifecycle continues as new.
            run_id = workflow.info().first_execution_run_id
            await _store(StoreReceipt(receipt=Receipt.of(lifecycle), run_id=run_id, number=number))
            self.receipts = number
            if posted_again == self._posted_again:
                self.recorded = _end(lifecycle)
            self._job.changed()

    def _may_store(self) -> bool:
        # Asked after every step: nothing is to be stored in most of them.
        if self._phase() not in ENDED:
            return False
        lifecycle = self._look()
        return lifecycle.receipt_due and (not lifecycle.report_due or lifecycle.report_failing_since is not None)


async def _store(call: StoreReceipt) -> None:
    await at_once(ReceiptActivities.store, call, queue=Queue.JOB_POSTINGS, summary=SUMMARY, tries=TRIES)


def _end(lifecycle: Lifecycle) -> str:
    """Write down what a job's end was."""
    outcomes = " ".join(f"{board.value}={record.outcome}" for board, record in lifecycle.boards.used)
    return f"{lifecycle.phase} {lifecycle.reopened} {outcomes}"
