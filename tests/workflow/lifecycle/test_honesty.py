"""Closed means read back: boards that lie, lag, refuse or say nothing are never called closed."""

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import BoardState, Live, Outcome
from tests.support.boards import Boards
from tests.support.lifecycles import asks, attention_of, eventually, indeed_of, linkedin_of, send, state
from tests.support.linkedin import submits
from tests.support.settings import sandbox_settings

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def impatient(sandbox_urls: dict[str, str]) -> Settings:
    return sandbox_settings(sandbox_urls, confirm_within="1500ms", attention_after="3s")


async def test_a_linkedin_that_claims_success_but_still_lists_the_job_is_never_called_closed(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie", times=None)
    linkedin = linkedin_of(await asks(await send(client, impatient, job), linkedin_of, Category.STILL_SHOWN))
    assert attention_of(linkedin).retrying
    assert linkedin.outcome is None
    assert any(each.answered.startswith("accepted") for each in linkedin.evidence)


async def test_an_indeed_that_claims_success_but_still_shows_the_overlay_is_never_called_cleared(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", times=None)
    indeed = indeed_of(await asks(await send(client, impatient, job), indeed_of, Category.STILL_SHOWN))
    assert indeed.outcome is None
    assert "tracking_url" in attention_of(indeed).reason
    assert "campaign_categories" in attention_of(indeed).reason


async def test_a_lying_board_is_closed_by_a_person_and_found_so_without_a_signal(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie", times=None)
    handle = await send(client, impatient, job)
    await asks(handle, linkedin_of, Category.STILL_SHOWN)
    await boards.change_job(job, linkedin={"listed": False})

    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert linkedin_of(receipt).attention is None


async def test_a_board_that_lied_once_is_asked_once_more_by_itself(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie")
    await boards.fault("indeed", "clear", "lie")
    receipt = await (await send(client, impatient, job)).result()
    assert (linkedin_of(receipt).outcome, indeed_of(receipt).outcome) == (Outcome.CLOSED, Outcome.CLEARED)
    counts = await boards.counts(job)
    assert (await submits(boards, job), counts["indeed.clear"]) == (["CLOSE", "CLOSE"], 2)


async def test_a_board_that_goes_on_lying_is_asked_once_more_and_then_left_to_a_person(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie", times=None)
    await boards.fault("indeed", "clear", "lie", times=None)
    handle = await send(client, impatient, job)
    for board in (linkedin_of, indeed_of):
        await asks(handle, board, Category.STILL_SHOWN)
    twice = ["CLOSE", "CLOSE"]
    await eventually(lambda: submits(boards, job), lambda sent: sent == twice)
    await eventually(lambda: boards.counts(job), lambda counts: counts["indeed.clear"] == 2)
    reads = (await boards.counts(job))["linkedin.status"]
    # Long after the second deadline, too.
    await eventually(lambda: boards.counts(job), lambda counts: counts["linkedin.status"] > reads + 6, within=60)
    assert (await submits(boards, job), (await boards.counts(job))["indeed.clear"]) == (twice, 2)
    seen = await state(handle)
    assert attention_of(linkedin_of(seen)).category is Category.STILL_SHOWN
    assert attention_of(indeed_of(seen)).category is Category.STILL_SHOWN
    await handle.terminate()


async def test_a_lying_board_does_not_hold_up_the_other(
    client: Client, impatient: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie", times=None)
    handle = await send(client, impatient, job)
    seen = await eventually(lambda: state(handle), lambda seen: indeed_of(seen).state is BoardState.SETTLED)
    assert indeed_of(seen).outcome is Outcome.CLEARED
    seen = await asks(handle, linkedin_of, Category.STILL_SHOWN)
    assert linkedin_of(seen).outcome is None


async def test_slow_boards_are_read_until_they_agree(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(linkedin__task_seconds=1.0, linkedin__visibility_seconds=1.0, indeed__visibility_seconds=1.5)
    receipt = await (await send(client, settings, job)).result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    for board, operation, shown_after in (("linkedin", "submit", 2.0), ("indeed", "clear", 1.5)):
        (write,) = await boards.records(provider=board, operation=operation, job_id=job)
        read_back = getattr(receipt.boards, board).evidence[-1].at.timestamp()
        assert read_back - write["at"] >= shown_after
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


async def test_a_failed_task_needs_a_person_and_keeps_linkedins_words(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(linkedin__task_outcome="FAILED", linkedin__task_error_message="ErrorCode:4711 no idea")
    seen = await asks(await send(client, settings, job), linkedin_of, Category.REFUSED)
    assert "ErrorCode:4711" in attention_of(linkedin_of(seen)).reason


@pytest.mark.parametrize("surface", ["http", "element", "task"])
async def test_409_for_a_job_that_linkedin_does_not_have_is_read_back_as_not_found(
    client: Client, settings: Settings, boards: Boards, job: str, surface: str
) -> None:
    await boards.set(linkedin__conflict_surface=surface)
    await boards.add_job(job, linkedin=False)
    receipt = await (await send(client, settings, job)).result()
    assert linkedin_of(receipt).outcome is Outcome.NOT_FOUND


async def test_409_for_a_job_that_is_still_listed_asks_for_attention(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    text = "Cannot close job which is already closed or does not exist"
    await boards.fault("linkedin", "submit", "element_error", status=409, message=text, times=None)
    settings = sandbox_settings(sandbox_urls, attention_after="1500ms")
    seen = await asks(await send(client, settings, job), linkedin_of, Category.STILL_SHOWN)
    assert "although it refused the close" in attention_of(linkedin_of(seen)).reason


async def test_a_job_that_linkedin_already_shows_closed_is_not_submitted(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, linkedin={"listed": False})
    receipt = await (await send(client, settings, job)).result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert (await boards.counts(job)).get("linkedin.submit.CLOSE", 0) == 0


async def test_a_job_missing_from_the_complete_listing_is_absent_at_indeed(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=False)
    receipt = await (await send(client, settings, job)).result()
    assert indeed_of(receipt).outcome is Outcome.NOT_FOUND
    assert (await boards.counts(job)).get("indeed.clear", 0) == 0


async def test_an_overlay_that_indeed_never_had_is_not_cleared(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, overlay=False)
    receipt = await (await send(client, settings, job)).result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert (await boards.counts(job)).get("indeed.clear", 0) == 0


async def test_a_title_set_over_the_ats_is_cleared_too(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, overlay={"title": "Come and nurse with us!"})
    receipt = await (await send(client, settings, job)).result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert (await boards.counts(job))["indeed.clear"] == 1


async def test_the_receipt_says_whether_the_posting_itself_is_still_live(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"lifecycle": "INACTIVE"})
    receipt = await (await send(client, settings, job)).result()
    assert indeed_of(receipt).posting is Live.NOT_LIVE
