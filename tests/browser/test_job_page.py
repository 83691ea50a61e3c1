"""The job's page in a real browser: it renews itself, is readable on a phone and breaks none of its own rules."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from temporalio.client import Client

from config.settings import Settings
from models.states import Phase
from tests.browser.pages import CONTRASTS, OVERFLOW, PHONE, SCHEMES, opened
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, eventually, send, state, without_slots
from tests.support.processes import ROOT
from webhook_gateway.pages.links import JobLinks

pytestmark = pytest.mark.usefixtures("workers")

RENEWED_WITHIN = 12_000
"""Milliseconds: the page renews itself every 10 s."""


async def in_attention(client: Client, settings: Settings, boards: Boards, job: str) -> Handle:
    """Have LinkedIn refuse the close, with a word that is longer than a phone is wide."""
    said = {"message": f"No job slots are left in contract urn:li:contract:{'9' * 80} <script>alert(1)</script>"}
    await boards.fault("linkedin", "submit", "http", job_id=job, status=402, body=said, times=None)
    lifecycle = await send(client, settings, job)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.ATTENTION)
    await eventually(lambda: state(lifecycle), lambda seen: "cleared" in seen.model_dump_json())
    return lifecycle


async def test_the_page_goes_from_closing_to_closed_without_a_click(
    browser: Browser, client: Client, settings: Settings, boards: Boards, job: str, links: JobLinks, tmp_path: Path
) -> None:
    await boards.fault("linkedin", "submit", "slow", job_id=job, seconds=2.5)
    lifecycle = await send(client, settings, job)
    async with opened(browser, links.url(CUSTOMER, job)) as page:
        await expect(page.get_by_text("Being taken down")).to_be_visible()
        await lifecycle.result()
        await expect(page.get_by_text("Closed on LinkedIn: it no longer lists the job.")).to_be_visible(
            timeout=RENEWED_WITHIN
        )
        await expect(page.get_by_text("the page no longer changes")).to_be_visible()
        await page.screenshot(path=tmp_path / "closed.png", full_page=True)
    assert (tmp_path / "closed.png").stat().st_size > 10_000


async def test_a_job_in_attention_is_readable_by_phone_by_night_and_by_ear(
    browser: Browser, client: Client, settings: Settings, boards: Boards, job: str, links: JobLinks, tmp_path: Path
) -> None:
    lifecycle = await in_attention(client, settings, boards, job)
    url = links.url(CUSTOMER, job)
    for scheme in SCHEMES:
        async with opened(browser, url, size=PHONE, scheme=scheme) as page:
            assert await page.evaluate(OVERFLOW) <= 0
            contrasts = await page.evaluate(CONTRASTS)
            assert len(contrasts) > 20
            assert [each for each in contrasts if each[0] < 4.5] == []
            await page.screenshot(path=tmp_path / f"phone-{scheme}.png", full_page=True)
    async with opened(browser, url) as page:
        assert await page.title() == f"Registered Nurse, job {job}: Needs a person - Boardsync"
        assert await page.locator("html").get_attribute("lang") == "en"
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Registered Nurse Job {job}")
        await expect(page.get_by_role("region", name="LinkedIn needs a person")).to_contain_text("What to do")
        await expect(page.get_by_role("region", name="What happened")).to_contain_text("Indeed")
        table = page.get_by_role("table", name="The job boards")
        await expect(table.get_by_role("columnheader")).to_have_text(["Board", "State"])
        await expect(table.get_by_role("rowheader")).to_have_text(["LinkedIn", "Indeed"])
        await expect(page.get_by_role("link", name="Every step")).to_be_visible()
        assert await page.locator("script").count() == 1
        await page.screenshot(path=tmp_path / "desk.png", full_page=True)
    await lifecycle.terminate()


async def test_a_recruiter_reads_what_is_missing_and_what_to_do(
    browser: Browser, client: Client, settings: Settings, boards: Boards, job: str, links: JobLinks, tmp_path: Path
) -> None:
    await without_slots(client, settings, boards, job)
    async with opened(browser, links.url(CUSTOMER, job)) as page:
        asked = page.get_by_role("region", name="LinkedIn needs a person")
        await expect(asked).to_contain_text("Free a slot or extend the contract in LinkedIn Recruiter")
        pictures = ROOT / "docs" / "images" if os.environ.get("BOARDSYNC_SCREENSHOTS") else tmp_path
        await page.screenshot(path=pictures / "job-page.png")


async def test_a_link_that_is_refused_shows_a_plain_page(browser: Browser, links: JobLinks) -> None:
    async with await browser.new_context(viewport=PHONE) as context:
        page = await context.new_page()
        reply = await page.goto(links.url(CUSTOMER, "1") + "x")
        assert reply is not None
        assert reply.status == 403
        await expect(page.get_by_role("heading", level=1)).to_have_text("This link cannot be opened")
        assert await page.evaluate(OVERFLOW) <= 0
        assert await page.evaluate("() => getComputedStyle(document.body).marginTop") == "0px"  # the stylesheet is in
