"""The real Temporal Web UI in a real browser: what a recruiter reads of a lifecycle, and a signal sent by hand.

`make screenshots` runs these tests and keeps the pictures for the documentation.
"""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, ViewportSize, expect
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from tests.browser.conftest import SHOWN_WITHIN
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, eventually, send, state
from tests.support.processes import HOST, ROOT

pytestmark = pytest.mark.usefixtures("workers")

DESK: ViewportSize = {"width": 1300, "height": 1000}
NO_SLOTS = "Insufficient job slots for contract = urn:li:contract:91011 for purchase flow"


class WebUi:
    """The Web UI, driven as a person does."""

    def __init__(self, page: Page, port: int, pictures: Path) -> None:
        self.page = page
        self._workflows = f"http://{HOST}:{port}/namespaces/default/workflows"
        self._pictures = pictures

    async def open(self, lifecycle: Handle) -> None:
        await self.page.goto(f"{self._workflows}/{lifecycle.id}")

    async def filter(self, query: str) -> None:
        await self.page.goto(f"{self._workflows}?query={quote(query)}")

    async def details(self) -> FrameLocator:
        await self.page.get_by_role("tab", name="User Metadata").click()
        return self.page.frame_locator("iframe#user-metadata-current-details")

    async def reads(self, *sentences: str) -> None:
        frame = await self.details()
        for sentence in sentences:
            await expect(frame.locator("body")).to_contain_text(sentence)

    async def send_signal(self, name: str, payload: str) -> None:
        await self.page.get_by_role("button", name="More Actions").click()
        await self.page.get_by_role("menuitem", name="Send a Signal").click()
        dialog = self.page.get_by_role("dialog").filter(has_text="Send a Signal")
        await dialog.get_by_test_id("signal-select-button").click()
        await dialog.get_by_role("option", name=name).click()
        await dialog.get_by_role("textbox", name="Data").fill(payload)
        # Leaving the field lays the JSON out anew, which moves the button away from under a click.
        await dialog.get_by_text("Encoding").click()
        await dialog.get_by_role("button", name="Submit").click()
        await expect(dialog).to_be_hidden()

    async def picture(self, name: str) -> None:
        await self.page.screenshot(path=self._pictures / f"{name}.png")


@pytest.fixture(scope="module")
async def desk(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Keep what a browser has loaded of the Web UI: its scripts cost more than all else that is done here."""
    async with await browser.new_context(viewport=DESK) as context:
        context.set_default_timeout(SHOWN_WITHIN)
        yield context


@pytest.fixture
async def web_ui(desk: BrowserContext, client: Client, ui_port: int, tmp_path: Path) -> AsyncIterator[WebUi]:
    """Open the Web UI of the tests' server; the client shows that the server is up."""
    assert client.namespace == "default"
    pictures = ROOT / "docs" / "images" if os.environ.get("BOARDSYNC_SCREENSHOTS") else tmp_path
    async with await desk.new_page() as page:
        yield WebUi(page, ui_port, pictures)


@pytest.fixture
def patient(settings: Settings) -> Settings:
    """Return settings whose waits outlast a look at the Web UI."""
    timing = settings.timing.model_copy(update={"confirm_within": timedelta(hours=1)})
    return settings.model_copy(update={"timing": timing})


async def reaches(lifecycle: Handle, phase: Phase) -> None:
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is phase)


async def test_an_open_job_reads_as_posted(web_ui: WebUi, client: Client, settings: Settings, job: str) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await reaches(lifecycle, Phase.OPEN)
    await web_ui.open(lifecycle)
    await web_ui.reads(
        f"Registered Nurse, job {job}: Posted: the boards are as the ATS wants them", "Listing status: LISTED"
    )
    await lifecycle.terminate()


async def test_an_updating_job_says_what_is_awaited(
    web_ui: WebUi, client: Client, patient: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"claimed_by": None})
    await boards.fault("indeed", "node", "http", job_id=job, status=503, times=None)
    lifecycle = await send(client, patient, job, Intent.POSTED)
    await reaches(lifecycle, Phase.UPDATING)
    await web_ui.open(lifecycle)
    await web_ui.reads(f"Job {job}: Being updated", "Next on Indeed")
    await lifecycle.terminate()


async def test_a_closing_job_says_what_is_awaited(
    web_ui: WebUi, client: Client, patient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", job_id=job, times=None)
    lifecycle = await send(client, patient, job)
    await eventually(lambda: state(lifecycle), lambda seen: "closed" in seen.model_dump_json())
    await web_ui.open(lifecycle)
    await web_ui.reads(
        f"Registered Nurse, job {job}: Being taken down",
        "done: closed: no longer listed",
        "Next on Indeed: Indeed is read until none of our changes are left",
    )
    await lifecycle.terminate()


async def test_a_closed_job_shows_its_proof(web_ui: WebUi, client: Client, settings: Settings, job: str) -> None:
    lifecycle = await send(client, settings, job)
    await lifecycle.result()
    await web_ui.open(lifecycle)
    await expect(web_ui.page.get_by_text("Read LinkedIn back: is the job gone?").first).to_be_visible()
    await expect(web_ui.page.get_by_text("Completed").first).to_be_visible()
    await web_ui.picture("timeline")
    await web_ui.reads(f"Registered Nurse, job {job}: Closed on LinkedIn: it no longer lists the job.", "NOT_LISTED")


async def test_a_job_that_needs_a_person_is_found_understood_and_helped_by_a_signal(
    web_ui: WebUi, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", job_id=job, status=402, body={"message": NO_SLOTS}, times=None)
    lifecycle = await send(client, settings, job)
    await reaches(lifecycle, Phase.ATTENTION)
    await eventually(lambda: state(lifecycle), lambda seen: "cleared" in seen.model_dump_json())

    await eventually(lambda: found(client, f"Phase = 'attention' AND JobId = '{job}'"), lambda ids: ids != [])
    await web_ui.filter(f"Phase = 'attention' AND JobId = '{job}'")
    await web_ui.page.get_by_role("link", name=lifecycle.id).first.click()
    await expect(web_ui.page.get_by_text("LinkedIn needs a person: The customer").first).to_be_visible()
    await web_ui.reads(
        f"Registered Nurse, job {job}: Needs a person",
        "What happened: The customer\u2019s LinkedIn contract has no job slot left.",
        "What to do: Close another job or buy slots in LinkedIn Recruiter, then send retry.",
    )
    await web_ui.picture("attention")

    await boards.clear_faults()
    await web_ui.send_signal("retry", '{"by": "Ana", "reason": "slots bought"}')
    receipt = await lifecycle.result()
    assert any((each.by, each.reason) == ("Ana", "slots bought") for each in receipt.received)
    await web_ui.open(lifecycle)
    await expect(web_ui.page.get_by_text("Ana sent `retry`: slots bought.").first).to_be_visible()
    await web_ui.picture("signal")
    await web_ui.reads("Closed on LinkedIn: it no longer lists the job.")


async def found(client: Client, query: str) -> list[str]:
    return [each.id async for each in client.list_workflows(query)]
