"""The console's first page while its counts are not there yet: nobody waits for them."""

import asyncio
from typing import Any

import pytest

from config.settings import Settings
from tests.support.console import console_client, with_console
from tests.support.lifecycles import eventually
from tests.support.temporal import client_of

pytestmark = pytest.mark.usefixtures("workers")


async def test_the_first_look_does_not_wait_for_counts_and_says_so(
    temporal: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, go = await client_of(temporal), asyncio.Event()
    count = client.workflow_service.count_workflow_executions

    async def slow(request: Any, **options: Any) -> Any:
        await go.wait()
        return await count(request, **options)

    monkeypatch.setattr(client.workflow_service, "count_workflow_executions", slow)
    async with console_client(client, with_console(settings)) as console:

        async def look() -> str:
            return (await console.get("/")).text

        assert "The jobs are being counted" in await look()
        # The store's figures are not waited for either, but for a moment: a busy machine may take longer to read them.
        first = await eventually(look, lambda page: "Time to close" in page)
        assert "The jobs are being counted" in first
        assert 'data-renew="3"' in first
        assert "Jobs now" not in first
        go.set()
        counted = await eventually(look, lambda page: "Jobs now" in page)
        assert "being counted" not in counted
        assert 'data-renew="30"' in counted


async def test_a_console_that_is_stopped_while_it_counts_ends(
    temporal: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, never = asyncio.Event(), asyncio.Event()
    own = await client_of(temporal)

    async def slow(*_: Any, **__: Any) -> Any:
        started.set()
        await never.wait()

    monkeypatch.setattr(own.workflow_service, "count_workflow_executions", slow)
    async with console_client(own, with_console(settings)):
        await started.wait()
    assert [task for task in asyncio.all_tasks() if "Kept._run" in repr(task)] == []
