"""Encrypted payloads in the real Web UI: readable only by whoever has logged in at the codec server."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, ViewportSize, expect
from temporalio.client import Client

from boardsync.codec.server import create_app
from config.settings import Settings
from config.temporal import Codec
from runtime.connection import connect
from tests.support.boards import Boards
from tests.support.encryption import CODEC_TOKEN, NEW, codec_file, encrypting, temporal_with
from tests.support.lifecycles import send
from tests.support.processes import HOST, ROOT, free_port
from tests.support.workers import running_workers

DESK: ViewportSize = {"width": 1300, "height": 1000}
READ = "Read LinkedIn back: is the job gone?"
PICTURES = ROOT / "docs" / "images"


@pytest.fixture
async def codec(settings: Settings, ui_port: int) -> AsyncIterator[str]:
    """Run the codec server for the Web UI; yield its address."""
    port = free_port()
    origins = {"origins": [f"http://{HOST}:{ui_port}"]}
    told = encrypting(settings, NEW).model_copy(update={"codec": Codec.model_validate(origins)})
    runner = web.AppRunner(create_app(codec_file(told), CODEC_TOKEN), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    yield f"http://{HOST}:{port}"
    await runner.cleanup()


async def name_codec_server(page: Page, address: str) -> None:
    """Enter the codec server in the Web UI's settings, as a person does."""
    await page.get_by_role("button", name="Configure Codec Server").click()
    dialog = page.get_by_role("dialog", name="Codec Server")
    await dialog.get_by_text("Use my browser setting").click()
    await dialog.get_by_role("textbox", name="Codec Server browser endpoint").fill(address)
    await dialog.get_by_test_id("data-encoder-include-credentials").click()
    await dialog.get_by_role("button", name="Apply").click()
    await expect(dialog).to_be_hidden()


async def test_the_web_ui_reads_encrypted_payloads_once_one_has_logged_in(
    browser: Browser,
    temporal: str,
    client: Client,
    ui_port: int,
    settings: Settings,
    boards: Boards,
    job: str,
    codec: str,
    tmp_path: Path,
) -> None:
    sealing = await connect(temporal_with(NEW), address=temporal)
    async with running_workers(sealing, encrypting(settings, NEW)):
        lifecycle = await send(sealing, settings, job)
        await lifecycle.result()
    assert client.namespace == "default"
    async with await browser.new_context(viewport=DESK) as context:
        page = await context.new_page()
        history = f"http://{HOST}:{ui_port}/namespaces/default/workflows/{lifecycle.id}"
        await page.goto(history)
        await expect(page.get_by_text("Completed").first).to_be_visible()
        await page.screenshot(path=tmp_path / "closed.png")
        await name_codec_server(page, codec)
        await page.goto(history)
        await expect(page.get_by_text("Completed").first).to_be_visible()
        await expect(page.get_by_text(READ)).to_have_count(0)

        await page.goto(codec)
        await page.get_by_label("Token").fill(CODEC_TOKEN)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("status")).to_have_text("You are logged in: the Web UI can be read.")

        await page.goto(history)
        await expect(page.get_by_text(READ).first).to_be_visible()
        pictures = PICTURES if os.environ.get("BOARDSYNC_SCREENSHOTS") else tmp_path
        await page.screenshot(path=pictures / "encrypted.png")
