"""The soak in short: `python -m benchmarks.soak` is the long form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.indeed.pacing import shared_out
from benchmarks.soak import Soak, Weather, soak_settings
from benchmarks.soak_faults import PROVIDERS
from config.loading import parse_settings
from tests.support.boards import Boards
from tests.support.lines import Line, lines_to
from tests.support.workers import running_workers
from worker import UNSANDBOXED

AT_ONCE = 8
SHORT = Weather(seconds=8.0, fault_every=0.15, line_every=2.0, line_for=0.7, hangs=False)


@pytest.fixture
async def lines(sandbox_urls: dict[str, str]) -> AsyncIterator[dict[str, Line]]:
    """Reach the boards over lines that can be cut."""
    async with lines_to(sandbox_urls, PROVIDERS) as lines:
        yield lines


async def test_no_fault_that_passed_needs_a_person(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, lines: dict[str, Line]
) -> None:
    settings = parse_settings(soak_settings(sandbox_urls, lines), {}, base=Path())
    async with running_workers(client, settings, runner=UNSANDBOXED, shared_out=shared_out(client)):
        seen = await Soak(client, settings, boards, lines, at_once=AT_ONCE, seed=1).run(SHORT)
    assert (seen.attentions, seen.wrong, seen.unsettled) == ({}, {}, {})
    assert set(seen.faults) == set(PROVIDERS)
    assert seen.jobs >= AT_ONCE
    assert seen.disturbed > 0
