"""The drill of lost events in short: `python -m benchmarks.lost_events` is the long form."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.indeed.pacing import shared_out
from benchmarks.lost_events import Drill, drill_settings
from config.loading import parse_settings
from models.sweeps import Finding, Found
from runtime.provisioning import register_search_attributes
from tests.support.boards import Boards, control_of
from tests.support.processes import end, running_sandbox
from tests.support.settings import write_toml
from tests.support.sizes import size
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers, start_worker


@pytest.fixture
async def own_boards() -> AsyncIterator[tuple[dict[str, str], Boards]]:
    """Run boards that no other test's lifecycles know."""
    async with running_sandbox() as urls, control_of(urls) as http:
        yield urls, Boards(http)


@pytest.fixture
async def own_temporal() -> AsyncIterator[tuple[str, Client]]:
    async with running_temporal() as address:
        client = await client_of(address)
        await register_search_attributes(client)
        yield address, client


async def test_one_reconciliation_and_the_rechecks_mend_what_lost_events_left(
    own_temporal: tuple[str, Client], own_boards: tuple[dict[str, str], Boards], tmp_path: Path
) -> None:
    (address, client), (urls, boards) = own_temporal, own_boards
    raw = drill_settings(urls, tmp_path)
    write_toml(tmp_path / "boardsync.toml", raw)
    settings = parse_settings(raw, {}, base=tmp_path)
    other = await start_worker(address, tmp_path / "boardsync.toml")
    try:
        async with running_workers(client, settings, shared_out=shared_out(client)):
            drill = Drill(client, settings, boards, jobs=size(40, 60))
            figures = await drill.run(lambda: end(other, number=signal.SIGKILL))
    finally:
        await end(other)

    assert figures.wrong_before >= figures.lost_posts + figures.lost_unposts + figures.back_before
    assert figures.result is not None
    assert figures.rechecked is not None
    assert figures.result.counts == {
        Finding.MISSED_UNPOST: figures.lost_unposts,
        Finding.MISSED_POST: figures.lost_posts + figures.others,
        Finding.LIVE_AGAIN: 2 * figures.back_before,
    }
    assert figures.rechecked.found[Found.LIVE_AGAIN] == 2 * figures.back_after
    assert figures.wrong == 0
