"""Lifecycles that know Indeed alone."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from config.settings import Settings
from tests.support.boards import Boards
from tests.support.indeed import indeed_settings
from tests.support.workers import running_workers


@pytest.fixture
async def settings(client: Client, sandbox_urls: dict[str, str], boards: Boards) -> AsyncIterator[Settings]:
    settings = indeed_settings(sandbox_urls)
    async with running_workers(client, settings):
        yield settings


@pytest.fixture
async def bare(boards: Boards, job: str) -> str:
    """Return a job on which the agency has set nothing yet."""
    await boards.add_job(job, overlay=False)
    return job
