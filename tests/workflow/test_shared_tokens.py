"""All processes share one token of each credential: one request a lifetime, also where older ones are revoked."""

import asyncio
import base64
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from activities.providers import Providers, open_http
from activities.stored import Stored
from clients.errors import ProviderError
from config.loading import parse_settings
from config.settings import Settings
from models.problems import Category
from tests.support.boards import CUSTOMER, Boards
from tests.support.settings import raw_settings

SHARERS, READS = 8, 50


def settings_at(urls: dict[str, str], file: Path, **indeed: Any) -> Settings:
    raw = raw_settings(urls)
    raw["store"] = {"url": f"sqlite:///{file}", "key": base64.b64encode(b"k" * 32).decode()}
    raw["customers"][0]["indeed"] |= indeed
    return parse_settings(raw, {}, base=Path())


async def sharers(stack: AsyncExitStack, settings: Settings, number: int = SHARERS) -> list[Providers]:
    """Return what as many processes have: connections, clients and tokens of their own, and one store."""
    found = []
    for _ in range(number):
        http, stored = await stack.enter_async_context(open_http()), await stack.enter_async_context(Stored(settings))
        await stored.prepared()
        found.append(Providers(settings, http, stored=stored))
    return found


async def token_requests(boards: Boards, provider: str) -> int:
    return len(await boards.records(provider=provider, operation="token"))


async def test_eight_sharers_fetch_one_token_of_a_provider_that_revokes_older_ones(
    sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    await boards.set(linkedin__token_revokes_older=True)
    async with AsyncExitStack() as stack:
        providers = await sharers(stack, settings_at(sandbox_urls, tmp_path / "store.db"))

        async def read(each: Providers) -> None:
            client, _ = each.linkedin(CUSTOMER)
            for _ in range(READS):
                assert await client.status(f"{CUSTOMER}-{job}") is not None

        await asyncio.gather(*(read(each) for each in providers))
    assert await token_requests(boards, "linkedin") == 1


async def test_a_refresh_token_that_works_once_outlives_every_process(
    sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    await boards.set(indeed__refresh_tokens="rotated", indeed__token_seconds=1)
    settings = settings_at(sandbox_urls, tmp_path / "store.db", refresh_token=f"indeed-refresh-{CUSTOMER}")
    iri = (await boards.job(job))["indeed"]["employer_job_id"]
    for started in range(1, 4):
        async with AsyncExitStack() as stack:
            clients = [each.indeed(CUSTOMER)[0] for each in await sharers(stack, settings, 3)]
            while await token_requests(boards, "indeed") <= started:
                await asyncio.gather(*(client.job(iri) for client in clients))
    refused = [each for each in await boards.records(provider="indeed", operation="token") if each["status"] != 200]
    assert refused == []


async def test_without_the_store_a_process_has_its_own_token_unless_that_could_spend_one_that_works_once(
    sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    nowhere = tmp_path / "folder"
    nowhere.mkdir()
    settings = settings_at(sandbox_urls, nowhere, refresh_token=f"indeed-refresh-{CUSTOMER}")
    async with open_http() as http, Stored(settings) as stored:
        providers = Providers(settings, http, stored=stored)
        linkedin, _ = providers.linkedin(CUSTOMER)
        assert await linkedin.status(f"{CUSTOMER}-{job}") is not None
        indeed, _ = providers.indeed(CUSTOMER)
        with pytest.raises(ProviderError) as refused:
            await indeed.job("iri")
    assert refused.value.problem.category is Category.TEMPORARY
    assert await token_requests(boards, "indeed") == 0
