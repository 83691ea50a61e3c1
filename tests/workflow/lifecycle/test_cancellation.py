"""*Request Cancellation*, the biggest button of the Web UI: stop, after reading the boards once more."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from config.settings import Settings
from models.lifecycle import Lifecycle
from models.states import Intent, Outcome, Phase
from models.temporal import PHASE
from tests.support.boards import Boards
from tests.support.lifecycles import (
    Handle,
    eventually,
    handle,
    in_phase,
    indeed_of,
    linkedin_of,
    send,
    state,
    without_slots,
)
from tests.support.store import body_of, receipts_of

pytestmark = [pytest.mark.usefixtures("workers"), pytest.mark.sandboxed]


async def cancelled(lifecycle: Handle, reason: str = "the client asked for a pause") -> Lifecycle:
    """Cancel a lifecycle and return how it stood in the end."""
    await lifecycle.cancel(reason=reason)
    await eventually(lambda: status(lifecycle), lambda seen: seen is WorkflowExecutionStatus.CANCELED)
    return await state(lifecycle)


async def status(lifecycle: Handle) -> WorkflowExecutionStatus | None:
    return (await lifecycle.describe()).status


async def receipt(settings: Settings, job: str) -> dict[str, Any]:
    """Return the body of the newest receipt in the ledger."""
    body: dict[str, Any] = body_of((await receipts_of(settings, job))[0])
    return body


async def test_a_cancelled_close_is_read_once_more_and_its_receipt_says_who_and_what(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    await eventually(lambda: state(lifecycle), lambda seen: indeed_of(seen).outcome is Outcome.CLEARED)
    writes = await boards.writes(job)
    seen = await cancelled(lifecycle)

    assert seen.phase is Phase.CANCELLED
    assert linkedin_of(seen).outcome is not Outcome.CLOSED
    assert indeed_of(seen).outcome is Outcome.CLEARED
    assert await boards.writes(job) == writes
    body = await receipt(settings, job)
    assert body["phase"] == "cancelled"
    assert body["stopped"]["by"] == client.service_client.config.identity
    assert body["stopped"]["reason"] == "the client asked for a pause"
    assert {name: board["proven"] for name, board in body["boards"].items()} == {"linkedin": False, "indeed": True}
    assert body["boards"]["linkedin"]["answers"][-1]["at"] > body["heard"][0]["at"]
    shown = (await lifecycle.describe()).typed_search_attributes
    assert shown.get(PHASE) == "cancelled"


async def test_an_open_job_is_only_read_and_the_next_event_begins_a_new_lifecycle(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    seen = await cancelled(lifecycle, reason="")
    assert linkedin_of(seen).outcome is Outcome.LIVE
    assert (await receipt(settings, job))["stopped"]["reason"] is None

    again = await (await send(client, settings, job)).result()
    assert again.phase is Phase.CLOSED
    assert again.stopped is None
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1


async def test_boards_that_do_not_answer_hold_no_cancellation_up(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    for board, read in (("linkedin", "status"), ("indeed", "find"), ("indeed", "nodes")):
        await boards.fault(board, read, "http", status=503, times=None)
    seen = await cancelled(lifecycle)
    assert [record.outcome for _, record in seen.boards.used] == [None, None]
    assert all(record.evidence[-1].asked.startswith("Read the board once more") for _, record in seen.boards.used)


async def test_an_event_that_comes_while_it_stops_is_not_lost(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await boards.fault("linkedin", "status", "slow", job_id=job, seconds=2.0)
    await lifecycle.cancel()
    await asyncio.sleep(0)
    await send(client, settings, job)
    final = await handle(client, job).result()
    assert final.phase is Phase.CLOSED
    truth = await boards.job(job)
    assert truth["linkedin"]["listed"] is False
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1


async def test_it_is_cancelled_at_any_moment_of_a_close(
    client: Client, settings: Settings, boards: Boards, job_ids: Any
) -> None:
    jobs = [next(job_ids) for _ in range(8)]
    for job in jobs:
        await boards.add_job(job)

    async def one(job: str, wait: float) -> WorkflowExecutionStatus | None:
        lifecycle = await send(client, settings, job)
        await asyncio.sleep(wait)
        await lifecycle.cancel()
        with suppress(WorkflowFailureError):
            await lifecycle.result()
        return await status(lifecycle)

    ends = await asyncio.gather(*(one(job, place * 0.05) for place, job in enumerate(jobs)))
    assert set(ends) <= {WorkflowExecutionStatus.CANCELED, WorkflowExecutionStatus.COMPLETED}
    assert WorkflowExecutionStatus.CANCELED in ends
    for job in jobs:
        assert (await receipt(settings, job))["phase"] in {"cancelled", "closed"}
