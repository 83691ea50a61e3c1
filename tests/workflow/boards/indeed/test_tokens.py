"""Three-legged tokens of Indeed."""

import pytest
from temporalio.client import Client

from models.problems import Category
from tests.support.boards import Boards
from tests.support.indeed import indeed_settings, post, posted
from tests.support.lifecycles import asks, attention_of, indeed_of
from tests.support.workers import running_workers


@pytest.mark.parametrize("tokens", ["kept", "rotated"])
async def test_three_legged_tokens_are_renewed_as_often_as_needed(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str, tokens: str
) -> None:
    await boards.set(indeed__refresh_tokens=tokens)
    settings = indeed_settings(sandbox_urls, refresh_token="indeed-refresh-1234")
    await boards.fault("indeed", "node", "expire_token", job_id=bare)
    await boards.fault("indeed", "update", "expire_token", job_id=bare)
    async with running_workers(client, settings):
        handle = await posted(client, settings, bare)
        assert (await boards.counts())["indeed.token"] == 3
        await handle.terminate()


async def test_a_dead_refresh_token_asks_for_a_person_and_says_what_to_do(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    await boards.set(indeed__refresh_tokens="revoked")
    settings = indeed_settings(sandbox_urls, refresh_token="indeed-refresh-1234")
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        attention = attention_of(indeed_of(await asks(handle, indeed_of, Category.CREDENTIALS)))
        assert "refresh token" in attention.reason
        assert "Sign in" in attention.remedy
        assert "indeed-refresh" not in attention.model_dump_json()
        await handle.terminate()
