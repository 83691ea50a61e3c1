"""One provider's limit for one credential, shared out among all workers."""

from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.pace import PaceState, Reserve, Reserved
from models.temporal import PACE, PACE_QUEUE, RESERVE
from workflows.inputs import read
from workflows.pace.leases import reserve


@workflow.defn(name=PACE, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class Pace:
    """Lease shares of a limit, for ever: one run for each limit and credential, started by whoever asks first.

    A worker asks once for an isolated call; while it has work about once in five seconds, beside others once in two.
    """

    @workflow.init
    def __init__(self, *state: Any) -> None:
        """Take up what an earlier run has leased out."""
        taken_up, self._unreadable = read(PaceState, state, example="{}", instead=PaceState())
        self._leases = taken_up.leases

    @workflow.run
    async def run(self, *state: Any) -> None:
        """Answer until the history has grown long, then go on in a new run."""
        if self._unreadable is not None:
            raise self._unreadable
        await workflow.wait_condition(lambda: workflow.info().is_continue_as_new_suggested())
        # No await from here on: a lease given meanwhile would be forgotten.
        workflow.continue_as_new(PaceState(leases=self._leases), task_queue=PACE_QUEUE.value)

    @workflow.update(name=RESERVE, description="Ask for a share of the limit; sent by workers")
    def reserve(self, ask: Reserve) -> Reserved:
        """Lease a share."""
        self._leases, answer = reserve(self._leases, ask, workflow.now())
        return answer
