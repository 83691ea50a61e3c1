"""An event that comes with a cancellation, in one workflow task, is not lost: whichever was first."""

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import handle, in_phase, send
from tests.support.workers import running_workers


@pytest.mark.parametrize("cancelled_first", [True, False])
async def test_an_event_and_a_cancellation_in_one_step_end_in_a_close(
    client: Client, settings: Settings, boards: Boards, job: str, cancelled_first: bool
) -> None:
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job, Intent.POSTED)
        await in_phase(lifecycle, Phase.OPEN)
    # No worker takes the workflow up between the two.
    if cancelled_first:
        await lifecycle.cancel()
    await send(client, settings, job)
    if not cancelled_first:
        await lifecycle.cancel()
    async with running_workers(client, settings):
        final = await handle(client, job).result()
    assert (final.phase, final.stopped) == (Phase.CLOSED, None)
    assert (await boards.job(job))["linkedin"]["listed"] is False
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1
