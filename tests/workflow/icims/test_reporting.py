"""iCIMS is told how the boards stand: once for each state that lasts, honestly, and until it has taken it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from boardsync.jobs.waiting import judge
from config.settings import Settings
from models.bulk import Fate
from models.events import Hire
from models.lifecycle import Lifecycle, Receipt
from models.problems import Category
from models.states import BoardName, Intent, Phase
from models.words import headline
from tests.support.boards import CUSTOMER, Boards
from tests.support.bulk import bulk_close
from tests.support.history import events
from tests.support.lifecycles import Handle, event, eventually, send, state
from tests.support.lifecycles import handle as handle_of
from tests.support.settings import reporting_settings as reporting
from webhook_gateway.dispatch import Dispatcher

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def telling(sandbox_urls: dict[str, str]) -> Settings:
    return reporting(sandbox_urls, report_every="20s")


async def told(boards: Boards, job: str) -> dict[str, str]:
    """Return each board's status as iCIMS shows it."""
    return {each["externalid"]: each["status"] for each in await entries(boards, job)}


async def entries(boards: Boards, job: str) -> list[dict[str, str]]:
    found: Any = (await boards.job(job))["icims"]["reported"]
    return list(found["jobboards"]) if found else []


async def reports(boards: Boards, job: str) -> int:
    return (await boards.counts(job)).get("icims.jobboardposts", 0)


async def closed(handle: Handle) -> Lifecycle:
    return await eventually(lambda: state(handle), lambda seen: seen.phase is Phase.CLOSED)


async def test_a_close_that_is_soon_done_is_told_in_one_report(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await (await send(client, telling, job)).result()
    assert await reports(boards, job) == 1
    assert await told(boards, job) == {"linkedin": "Unposted", "indeed": "Deletion in Progress"}


async def test_unposted_is_said_of_a_posting_that_is_no_longer_live(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"lifecycle": "INACTIVE"})
    receipt = await (await send(client, telling, job)).result()
    assert await told(boards, job) == {"linkedin": "Unposted", "indeed": "Unposted"} == receipt.reported


@pytest.mark.parametrize("board", ["linkedin", "indeed"])
async def test_of_a_job_that_a_board_never_showed_icims_is_told_nothing(
    client: Client, telling: Settings, boards: Boards, job: str, board: str
) -> None:
    await boards.add_job(job, **{board: False})
    await (await send(client, telling, job)).result()
    assert set(await told(boards, job)) == {"linkedin", "indeed"} - {board}


async def test_a_job_that_is_on_no_board_ends_without_a_report(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, linkedin=False, indeed=False)
    await (await send(client, telling, job)).result()
    assert await reports(boards, job) == 0


async def test_a_close_that_takes_longer_is_told_as_under_way_then_as_done(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.set(linkedin__visibility_seconds=3.0)
    handle = await send(client, reporting(sandbox_urls, report_every="500ms"), job)
    under_way = await eventually(lambda: told(boards, job), bool)
    assert under_way["linkedin"] == "Deletion in Progress"
    await handle.result()
    assert (await told(boards, job))["linkedin"] == "Unposted"
    assert await reports(boards, job) == 2


async def test_a_job_that_is_posted_and_unposted_is_told_twice_in_all(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    handle = await send(client, telling, job, Intent.POSTED)
    await eventually(lambda: told(boards, job), lambda seen: seen == {"linkedin": "Live", "indeed": "Live"})
    await send(client, telling, job)
    await handle.result()
    assert await reports(boards, job) == 2


async def test_dates_are_those_that_the_boards_told(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"posted_after": -40 * 86_400})
    began = datetime.now(UTC)
    await (await send(client, telling, job)).result()
    dates = {
        each["externalid"]: (_read(each["startdate"]), _read(each["enddate"])) for each in await entries(boards, job)
    }
    start, _ = dates["indeed"]
    assert (began - start).days >= 40  # not the time of the unpost
    assert all(start <= end for start, end in dates.values())


async def taken_off_linkedin(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    """Have a job of which LinkedIn forgets after its close, and with it since when it had been listed."""
    await (await send(client, settings, job)).result()
    await boards.add_job(job, linkedin=False)


async def test_a_board_is_told_of_as_soon_as_it_can_be_dated(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = reporting(sandbox_urls, report_every="1s")
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    await taken_off_linkedin(client, settings, boards, job)
    await boards.change_job(job, indeed={"claimed_by": "somebody else"})
    posted = datetime.now(UTC) - timedelta(seconds=1)
    handle = await send(client, settings, job)
    assert await eventually(lambda: told(boards, job), bool) == {"indeed": "Deletion in Progress"}
    assert (await state(handle)).reported == {"indeed": "Deletion in Progress"}
    late = event(Intent.POSTED).model_copy(update={"received_at": posted})
    await Dispatcher(client, settings).ats_event(customer, job, late)
    shown = await eventually(lambda: told(boards, job), lambda seen: "linkedin" in seen)
    assert shown == {"linkedin": "Unposted", "indeed": "Deletion in Progress"}
    await handle.terminate()


async def test_what_cannot_be_dated_is_not_told_and_the_receipt_says_so(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await taken_off_linkedin(client, telling, boards, job)
    receipt = await (await send(client, telling, job)).result()
    assert receipt.reported == {"indeed": "Deletion in Progress"} == await told(boards, job)
    assert receipt.report_failed is not None
    assert "LinkedIn" in receipt.report_failed


def _read(date: str) -> datetime:
    return datetime.strptime(date, "%Y-%m-%d %I:%M %p").replace(tzinfo=UTC)


# --- iCIMS does not take it ---------------------------------------------------------------------------------


async def test_a_report_that_is_throttled_goes_on_until_it_is_taken_and_the_job_counts_as_closed(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=429, headers={"Retry-After": "2"}, times=2)
    handle = await send(client, telling, job)
    seen = await closed(handle)
    assert seen.report_due
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert "iCIMS is told as soon as it takes the report" in headline(seen)
    so_far = Receipt.of(seen)
    assert so_far.proven == {BoardName.LINKEDIN: True, BoardName.INDEED: True}
    standing = judge(seen, ())
    assert standing is not None
    assert standing.settled
    waits = await eventually(lambda: state(handle), lambda now: now.report_failed is not None)
    assert waits.report_failed == "iCIMS's quota is used up; the boards are served without it."
    receipt = await handle.result()
    assert receipt.report_failed is None
    assert (receipt.closed_at, receipt.boards) == (so_far.closed_at, so_far.boards)
    assert receipt.reported == await told(boards, job)
    assert all(each.state.value == "settled" for _, each in receipt.boards.used)
    assert receipt.closed_at == max(each.since for _, each in receipt.boards.used)


async def test_a_job_that_icims_has_deleted_is_closed_on_both_boards_and_nobody_is_told_for_ever(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, icims={"deleted": True})
    receipt = await (await send(client, telling, job)).result()
    assert receipt.phase is Phase.CLOSED
    assert receipt.report_failed is not None


async def test_a_job_posted_again_while_icims_was_not_told_yet_is_told_as_live(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    telling = reporting(sandbox_urls, report_every="1s")
    await boards.fault("icims", "jobboardposts", "http", status=429, headers={"Retry-After": "3"}, times=1)
    handle = await send(client, telling, job)
    await closed(handle)
    await send(client, telling, job, Intent.POSTED)
    shown = await eventually(lambda: told(boards, job), lambda seen: seen.get("indeed") == "Live")
    assert shown["indeed"] == "Live"
    assert (await state(handle)).intent is Intent.POSTED
    await handle.terminate()


async def test_a_run_over_many_jobs_counts_what_only_waits_to_tell_icims_as_closed(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=429, headers={"Retry-After": "3600"}, times=None)
    handle = await send(client, telling, job)
    await closed(handle)
    run = await bulk_close(client, f"bulk-waiting-{job}", customer_id=CUSTOMER, job_ids=[job], dry_run=False)
    result = await run.result()
    assert result.counts == {Fate.CLOSED: 1}
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await handle.terminate()


async def test_a_hire_taken_back_while_icims_was_not_told_yet_asks_a_person_as_after_any_close(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=429, headers={"Retry-After": "3600"}, times=None)
    customer = telling.customer(CUSTOMER)
    assert customer is not None
    dispatcher, handle = Dispatcher(client, telling), handle_of(client, job)
    for filled in (True, False):
        hire = Hire(key="0123456789abcdef", filled=filled, close_when="first_hire")
        await dispatcher.ats_event(customer, job, event().model_copy(update={"intent": None, "hire": hire}))
        if filled:
            await closed(handle)
    seen = await eventually(lambda: state(handle), lambda seen: seen.phase is Phase.ATTENTION)
    assert seen.attention is not None
    assert seen.attention.category is Category.HIRE_TAKEN_BACK
    assert seen.intent is Intent.UNPOSTED
    assert (await boards.counts(job)).get("indeed.update", 0) == 0
    await handle.terminate()


async def test_a_failure_after_a_long_wait_for_the_quota_is_waited_for_as_any_other(
    client: Client, telling: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=429, headers={"Retry-After": "4"})
    await boards.fault("icims", "jobboardposts", "http", status=500)
    handle = await send(client, telling, job)
    await handle.result()
    waited = [
        each.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for each in await events(handle)
        if b"tell iCIMS again" in each.user_metadata.summary.data
    ]
    assert len(waited) == 2
    assert waited[1] < timedelta(seconds=2) < waited[0]


@pytest.mark.parametrize(("wish", "unproven"), [(Intent.UNPOSTED, "Deletion"), (Intent.POSTED, "Posting")])
async def test_a_board_that_an_earlier_lifecycle_reported_is_told_of_again_once_icims_insists(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, wish: Intent, unproven: str
) -> None:
    await boards.add_job(job, linkedin=False)
    earlier = [{"value": "LinkedIn", "externalid": "linkedin", "status": "Live"}]
    await boards.change_job(job, icims={"boards": {"jobboards": earlier}})
    handle = await send(client, reporting(sandbox_urls, report_every="1s"), job, wish)
    shown = await eventually(lambda: told(boards, job), lambda seen: "indeed" in seen)
    assert shown["linkedin"] == f"{unproven} in Progress"
    assert await reports(boards, job) == 2
    if wish is Intent.POSTED:
        await handle.terminate()
    else:
        assert (await handle.result()).report_failed is None
