"""How a job stands after somebody acted on it: settled, in need of a person, or still under way."""

import asyncio
from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from boardsync.exits import CommandFailed
from boardsync.jobs.attention import needs_of
from boardsync.jobs.dossier import Step, steps
from boardsync.jobs.lifecycles import NoAnswer, query_lifecycle, read_receipt
from boardsync.running import from_rpc
from models.base import Model
from models.boards import Boards
from models.by_hand import refusal
from models.lifecycle import Lifecycle, Receipt, Received
from models.states import Phase
from models.words import board_words, later_words

FIRST_LOOK, LONGEST_WAIT = 0.2, 3.0
"""Seconds between two looks at a lifecycle, growing."""
LOOKS_IN_VAIN = 6
"""Without an answer, one after the other: about half a minute."""


class JobState(Model):
    """How a job stands once nothing more happens by itself, or a person is needed."""

    phase: Phase
    settled: bool
    said: str
    """What each board shows, what is asked of a person, or why the signal was refused."""


async def wait_until_settled(handle: WorkflowHandle[Any, Receipt], signal: str, limit: asyncio.Semaphore) -> JobState:
    """Wait until a lifecycle has settled or asks for a person, or has refused the signal that it was sent.

    `limit` holds how many are looked at together.

    Raises CommandFailed where it ended otherwise, or no worker answers.
    """
    wait, unanswered = FIRST_LOOK, 0
    while True:
        try:
            async with limit:
                standing = await _look(handle, signal)
            unanswered = 0
        except NoAnswer as error:
            # A worker that is started anew answers again; one that is busy, too.
            standing, unanswered = None, unanswered + 1
            if unanswered == LOOKS_IN_VAIN:
                raise CommandFailed(str(error)) from error
        except RPCError as error:
            raise from_rpc(error) from error
        if standing is not None:
            return standing
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, LONGEST_WAIT)


def judge(lifecycle: Lifecycle, under_way: Sequence[Step]) -> JobState | None:
    """Return how a running lifecycle stands; None while it is still under way.

    Attention that stands while Boardsync goes on trying counts once each call has been tried anew and failed:
    after a `confirm`, that is what the board said this time.
    """
    match lifecycle.phase:
        case Phase.OPEN | Phase.CLOSED | Phase.NOT_FOUND:
            return JobState(phase=lifecycle.phase, settled=True, said=_outcomes(lifecycle))
        case Phase.ATTENTION:
            needs = needs_of(lifecycle, "")
            waits = all(need.retrying for need in needs)
            if waits and any(step.called_off or step.last_answer is None for step in under_way):
                return None
            asked = "; ".join(f"{need.where}: {need.reason} {need.remedy}" for need in needs)
            return JobState(phase=Phase.ATTENTION, settled=False, said=asked)
    return None


async def _look(handle: WorkflowHandle[Any, Receipt], signal: str) -> JobState | None:
    described = await handle.describe()
    if described.status is WorkflowExecutionStatus.COMPLETED:
        receipt = await read_receipt(handle)
        closed = JobState(phase=receipt.phase, settled=True, said=_outcomes(_as_lifecycle(receipt)))
        return _refused(receipt.phase, receipt.received, signal) or closed
    if described.status is not WorkflowExecutionStatus.RUNNING:
        how = described.status.name.lower().replace("_", " ") if described.status is not None else "ended"
        raise CommandFailed(f"the lifecycle was {how} meanwhile: nothing more is done for the job")
    # The query first: its answer takes into account every signal sent before, and so do the calls described then.
    lifecycle = await query_lifecycle(handle)
    if (refused := _refused(lifecycle.phase, lifecycle.received, signal)) is not None:
        return refused
    later = await handle.describe()
    if later.raw_description.HasField("pending_workflow_task") or later.history_length != described.history_length:
        return None  # it is deciding what to do next, or went on meanwhile: state and calls are not of one moment
    return judge(lifecycle, steps(later, {}))


def _refused(phase: Phase, received: Sequence[Received], signal: str) -> JobState | None:
    why = refusal(received, signal)
    return JobState(phase=phase, settled=False, said=f"refused `{signal}`: {why}") if why is not None else None


def _as_lifecycle(receipt: Receipt) -> Lifecycle:
    boards: Boards = receipt.boards
    return Lifecycle(customer_id=receipt.customer_id, job_id=receipt.job_id, boards=boards)


def _outcomes(lifecycle: Lifecycle) -> str:
    said = [board_words(board, track) for board, track in lifecycle.boards.used]
    return " ".join([*said, *later_words(lifecycle)])
