"""A gateway that serves LinkedIn's webhook."""

from collections.abc import AsyncIterator

import httpx
import pytest
from temporalio.client import Client

from config.settings import Settings
from tests.support.gateway import running_gateway
from tests.support.webhooks import (
    webhook_settings,
)


@pytest.fixture(scope="module")
def webhooks(sandbox_urls: dict[str, str]) -> Settings:
    return Settings.model_validate(webhook_settings(sandbox_urls))


@pytest.fixture(scope="module")
async def gateway(client: Client, webhooks: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(client, webhooks) as http:
        yield http
