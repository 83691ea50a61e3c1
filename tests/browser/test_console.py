"""The console in a real browser: each page on a desk and a phone, by day and night, by keyboard and by ear; an action.

`make screenshots` runs these tests and keeps the pictures for the documentation.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from models.sweeps import ReconcileInput
from models.temporal import RECONCILE, Queue, customer_attributes
from runtime.schedules import reconcile_id
from store.events import Events, LoggedEvent, Result
from tests.browser.pages import DESK, OVERFLOW, PHONE, SCHEMES, opened
from tests.support.boards import CUSTOMER, Boards
from tests.support.console import running_console, with_console
from tests.support.lifecycles import in_phase, send, without_slots
from tests.support.processes import ROOT
from tests.support.sizes import LONG
from tests.support.store import opened as opened_store
from tests.support.store import receipts_of

pytestmark = pytest.mark.usefixtures("workers")

WIDE: ViewportSize = {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
async def console(client: Client, settings: Settings) -> AsyncIterator[str]:
    """Serve the console for one person; return its address."""
    own = with_console(settings, user_header=None, user="Ana Ruiz")
    async with running_console(client, own) as address:
        yield address


@pytest.fixture
async def jobs(client: Client, settings: Settings, boards: Boards) -> dict[str, str]:
    """Have a job of each kind: one that needs a person, one that is posted, one that is closed."""
    found = {"asking": "4001", "posted": "4002", "closed": "4003"}
    await note_events(settings)
    for job in found.values():
        await boards.add_job(job)
    closed = await send(client, settings, found["closed"])
    await closed.result()
    await in_phase(await send(client, settings, found["posted"], Intent.POSTED), Phase.OPEN)
    await without_slots(client, settings, boards, found["asking"])
    (receipt, *_) = await receipts_of(settings, found["closed"])
    await client.execute_workflow(
        RECONCILE,
        ReconcileInput(customer_id=CUSTOMER),
        id=reconcile_id(CUSTOMER),
        task_queue=Queue.JOB_POSTINGS.value,
        search_attributes=customer_attributes(CUSTOMER),
    )
    return found | {"receipt": str(receipt.leaf)}


async def note_events(settings: Settings) -> None:
    """Have an event of each kind in the log."""
    at = datetime.now(UTC)
    taken = LoggedEvent(
        at=at, sender="icims", customer_id=CUSTOMER, job_id="4003", type="JobUnpostToWebEvent", result=Result.TAKEN
    )
    refused = LoggedEvent(
        at=at, sender="linkedin", type="unknown", result=Result.REFUSED, reason="not authenticated: no signature"
    )
    async with opened_store(settings) as stored:
        await Events(stored.store, stored.sealer).add([(taken, None), (refused, None)])


async def complaints(page: Page) -> list[str]:
    """Return what axe-core finds wrong by the rules of WCAG 2.2 AA."""
    await page.evaluate("document.dispatchEvent(new Event('input'))")  # who writes in a page keeps it from renewing
    found = await Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes'][:3]]}"
        for each in found.response["violations"]
    ]


def paths(jobs: dict[str, str]) -> dict[str, str]:
    return {
        "console": "/",
        "console-jobs": "/jobs?which=all",
        "console-job": f"/jobs/{CUSTOMER}/{jobs['asking']}",
        "console-job-closed": f"/jobs/{CUSTOMER}/{jobs['closed']}",
        "console-steps": f"/jobs/{CUSTOMER}/{jobs['closed']}/steps",
        "console-events": "/events",
        "console-ledger": "/ledger",
        "console-receipt": f"/ledger/{jobs['receipt']}",
        "console-runs": "/runs",
        "console-configuration": "/configuration",
    }


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return ROOT / "docs" / "images" if os.environ.get("BOARDSYNC_SCREENSHOTS") else tmp_path


@pytest.mark.timeout(360)  # ten pages, each held against all rules again and again
async def test_every_page_is_sound_on_a_desk_and_a_phone_by_day_and_by_night(
    browser: Browser, jobs: dict[str, str], console: str, pictures: Path, tmp_path: Path
) -> None:
    for name, path in paths(jobs).items():
        # One page is made narrow, and dark: to open another, and give it the rules anew, costs more than all checks.
        async with opened(browser, console + path, size=WIDE) as page:
            await expect(page.get_by_role("heading", level=1)).to_have_count(1)
            await expect(page.get_by_role("navigation", name="Pages", exact=True)).to_be_visible()
            await expect(page.get_by_role("main")).to_be_visible()
            if path == "/":  # it renews itself until all is counted
                await expect(page.get_by_role("link", name="No job slots are left").first).to_be_visible(timeout=60_000)
            assert await complaints(page) == [], name
            await page.screenshot(path=pictures / f"{name}.png")
            await page.set_viewport_size(PHONE)
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme)
                assert await page.evaluate(OVERFLOW) <= 0, name
                if LONG or scheme == "dark":  # by day the desk was held against all rules
                    assert await complaints(page) == [], name
                await page.screenshot(path=tmp_path / f"{name}-phone-{scheme}.png", full_page=True)


async def test_a_person_retries_a_job_by_keyboard_and_reads_that_they_did(
    browser: Browser, console: str, jobs: dict[str, str], boards: Boards
) -> None:
    await boards.clear_faults()
    async with opened(browser, f"{console}/jobs?q={jobs['asking']}", size=DESK) as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.get_by_role("link", name=f"{CUSTOMER}/{jobs['asking']}").focus()
        await page.keyboard.press("Enter")
        await page.locator("summary", has_text="Begins again").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("textbox", name="Why? (required)").fill("Slots were bought")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Retry was sent.")
        timeline = page.get_by_role("region", name="What happened")
        await page.reload()
        await expect(timeline).to_contain_text("A request to try again (signal retry) by Ana Ruiz: Slots were bought")


async def test_times_are_told_in_the_reader_s_own_zone_too(
    browser: Browser, console: str, jobs: dict[str, str]
) -> None:
    async with await browser.new_context(timezone_id="America/New_York") as context:
        page = await context.new_page()
        await page.goto(f"{console}/jobs/{CUSTOMER}/{jobs['closed']}")
        await expect(page.locator("time .local").first).to_contain_text("E")
        assert "UTC" in await page.locator("time").first.inner_text()


async def test_a_page_of_another_site_can_send_nothing(browser: Browser, console: str, jobs: dict[str, str]) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        target = f"{console}/jobs/{CUSTOMER}/{jobs['posted']}/close"
        forged = f'<form method="post" action="{target}"><input name="reason" value="x"><button>Win</button></form>'
        await page.set_content(forged)
        async with page.expect_response(lambda reply: reply.request.method == "POST") as reply:
            await page.get_by_role("button").click()
        assert (await reply.value).status == 403
