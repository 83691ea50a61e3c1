"""Open lifecycles follow the workers' configuration: boards, waits, customers that are removed and come back."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities import configuring
from activities.providers import Providers
from config.loading import parse_settings
from config.settings import Settings
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import BoardName, Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, event, eventually, send, state
from tests.support.settings import raw_settings
from tests.support.workers import running_workers

BOTH = ("linkedin", "indeed")
DAILY = {"linkedin_check_every": "200ms", "indeed_check_every": "200ms"}
"""How often an open job is read: with each answer the lifecycle hears of the configuration."""


def made(urls: dict[str, str], boards: Iterable[str] = BOTH, *, without: str = "", **timing: str) -> Settings:
    raw: dict[str, Any] = raw_settings(urls, **{**DAILY, **timing})
    for customer in raw["customers"]:
        customer["boards"] = list(boards)
        for unused in set(BOTH) - set(boards):
            del customer[unused]
    raw["customers"] = [each for each in raw["customers"] if each["id"] != without]
    return parse_settings(raw, {}, base=Path())


@pytest.fixture
async def providers(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Providers]:
    monkeypatch.setattr(configuring, "AGAIN_AFTER", timedelta(milliseconds=200))
    async with running_workers(client, made(sandbox_urls), tells=True) as providers:
        yield providers


def used(seen: Lifecycle) -> dict[BoardName, Outcome | None]:
    return {board: record.outcome for board, record in seen.boards.used}


async def opened(client: Client, settings: Settings, job: str) -> Handle:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.OPEN)
    return lifecycle


async def test_a_lifecycle_takes_up_a_new_board_without_any_event(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, providers: Providers
) -> None:
    providers.take_up(made(sandbox_urls, ["linkedin"]))
    lifecycle = await opened(client, made(sandbox_urls, ["linkedin"]), job)
    providers.take_up(made(sandbox_urls))
    seen = await eventually(lambda: state(lifecycle), lambda seen: used(seen).get(BoardName.INDEED) is Outcome.UPDATED)
    assert used(seen)[BoardName.LINKEDIN] is Outcome.LIVE
    await lifecycle.signal("ats_event", event())
    assert (await lifecycle.result()).proven == {BoardName.LINKEDIN: True, BoardName.INDEED: True}


async def test_a_board_that_is_taken_out_with_its_section_is_set_aside(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, providers: Providers
) -> None:
    lifecycle = await opened(client, made(sandbox_urls), job)
    providers.take_up(made(sandbox_urls, ["linkedin"]))
    seen = await eventually(lambda: state(lifecycle), lambda seen: len(seen.boards.set_aside) == 1)
    assert set(used(seen)) == {BoardName.LINKEDIN}
    assert seen.phase is not Phase.ATTENTION
    await lifecycle.signal("ats_event", event())
    assert (await lifecycle.result()).proven == {BoardName.LINKEDIN: True, BoardName.INDEED: False}


async def test_changed_waits_are_taken_up(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, providers: Providers
) -> None:
    lifecycle = await opened(client, made(sandbox_urls), job)
    providers.take_up(made(sandbox_urls, linkedin_check_every="1h", indeed_check_every="1h"))

    async def timer() -> list[timedelta]:
        history = await lifecycle.fetch_history()
        started = [
            each.timer_started_event_attributes
            for each in history.events
            if each.HasField("timer_started_event_attributes")
        ]
        return [each.start_to_fire_timeout.ToTimedelta() for each in started]

    await eventually(timer, lambda found: min(found[-2:]) > timedelta(minutes=30))
    await lifecycle.terminate()


async def test_the_lifecycles_of_a_removed_customer_say_so_and_go_on_when_it_is_back(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, providers: Providers
) -> None:
    lifecycle = await opened(client, made(sandbox_urls), job)
    providers.take_up(made(sandbox_urls, without="1234"))
    seen = await eventually(lambda: state(lifecycle), paused)
    for _, record in seen.boards.used:
        assert record.attention is not None
        assert record.attention.retrying
        assert "Customer 1234 is not in the configuration: its jobs wait" in record.attention.reason
    await lifecycle.signal("ats_event", event())
    writes = await boards.writes(job)
    length = (await lifecycle.describe()).history_length
    tries = await eventually(lambda: attempts(lifecycle), lambda found: len(found) == 2 and min(found) > 3)
    assert (await lifecycle.describe()).history_length <= length + 25, tries
    assert await boards.writes(job) == writes
    providers.take_up(made(sandbox_urls))
    receipt = await lifecycle.result()
    assert receipt.proven == {BoardName.LINKEDIN: True, BoardName.INDEED: True}


def paused(seen: Lifecycle) -> bool:
    asked = [record.attention.category for _, record in seen.boards.used if record.attention is not None]
    return asked == [Category.CONFIGURATION] * 2


async def attempts(lifecycle: Handle) -> list[int]:
    described = await lifecycle.describe()
    return [each.attempt for each in described.raw_description.pending_activities]
