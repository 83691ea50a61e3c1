"""A real browser, and pages for it."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, async_playwright, expect
from temporalio.client import Client

from config.settings import Settings
from tests.support.processes import HOST, free_port
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.pages.page import JobPage, add_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHOWN_WITHIN = 60_000
"""Milliseconds: pages load a good deal of script, on a machine that may be busy."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def executable() -> str:
    """Find Chromium; without one, skip, except in CI, where its absence is a failure."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is not None:
        return found
    reason = f"no Chromium is installed (looked for {', '.join(BROWSERS)}): apt-get install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run Chromium, once for all tests."""
    path = executable()
    expect.set_options(timeout=SHOWN_WITHIN)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def links(client: Client, settings: Settings) -> AsyncIterator[JobLinks]:
    """Serve job pages; yield links to them."""
    port = free_port()
    links = JobLinks("link-secret", f"http://{HOST}:{port}", settings.gateway.link_valid_for)
    app = web.Application()
    add_page(app, JobPage(client, links, settings).handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    yield links
    await runner.cleanup()
