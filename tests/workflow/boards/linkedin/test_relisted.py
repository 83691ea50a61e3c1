"""A closed job that LinkedIn lists again: it is read, iCIMS is asked, and then it is closed again, not for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.events import ManualAction
from models.lifecycle import Receipt
from models.problems import Category
from models.states import BoardState, Intent, Outcome, Phase
from models.temporal import Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import (
    Handle,
    asks,
    attention_of,
    eventually,
    forget,
    handle,
    linkedin_of,
    send,
    shown_phases,
    state,
)
from tests.support.linkedin import hint, settles, status, submits
from tests.support.settings import raw_settings
from tests.support.workers import running_workers
from webhook_gateway.dispatch import Dispatcher

QUEUES = list(Queue)


def configured(urls: dict[str, str], *, boards: tuple[str, ...] = ("linkedin",), **icims: Any) -> Settings:
    raw = raw_settings(urls)
    for customer in raw["customers"]:
        customer["boards"] = boards
        customer["icims"] |= icims
    raw["notifications"] = [{"name": "ops", "url": "http://127.0.0.1:9/hook", "secret": "whsec_" + "c2VjcmV0" * 4}]
    return parse_settings(raw, {}, base=Path())


@asynccontextmanager
async def working(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    await boards.set(linkedin__task_seconds=0.05, linkedin__visibility_seconds=0.02)
    async with running_workers(client, settings, QUEUES):
        yield


async def listed_again(client: Client, settings: Settings, job: str) -> Handle:
    """Hand LinkedIn's LISTED of a closed job to Temporal as the gateway does."""
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    await Dispatcher(client, settings).listed_again(customer, job, status("LISTED", after_close=True))
    return handle(client, job)


async def relist(client: Client, settings: Settings, boards: Boards, job: str) -> Handle:
    await boards.change_job(job, linkedin={"listed": True})
    return await listed_again(client, settings, job)


async def notices(client: Client, job: str) -> list[str]:
    """Name the notices of a job that were begun, by their kinds."""
    query = f"WorkflowType = 'Notification' AND WorkflowId STARTS_WITH 'notification-job-{CUSTOMER}-{job}-'"
    return sorted([run.id.split("-")[4] async for run in client.list_workflows(query)])


async def closed(client: Client, settings: Settings, job: str) -> Receipt:
    return await (await send(client, settings, job)).result()


async def test_one_listed_replayed_on_a_closed_job_changes_nothing_and_tells_nobody(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"), report=True)
    async with working(client, settings, boards):
        first = await closed(client, settings, job)
        assert await eventually(lambda: notices(client, job), lambda seen: seen == ["closed"]) == ["closed"]
        reports = (await boards.counts(job)).get("icims.jobboardposts", 0)
        writes = await boards.writes(job)
        for _ in range(3):
            receipt = await (await listed_again(client, settings, job)).result()
            assert (receipt.phase, receipt.intent, receipt.reopened) == (first.phase, first.intent, 0)
            assert receipt.boards.linkedin is not None
            assert first.boards.linkedin is not None
            assert receipt.boards.linkedin.outcome is first.boards.linkedin.outcome
            assert receipt.boards.indeed == first.boards.indeed
            assert receipt.decided == first.decided
        assert await boards.writes(job) == writes
        assert (await boards.counts(job)).get("icims.jobboardposts", 0) == reports
        assert await notices(client, job) == ["closed"]


async def test_what_temporal_has_forgotten_of_a_closed_job_the_ledger_tells(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"))
    async with working(client, settings, boards):
        first = await closed(client, settings, job)
        await (await relist(client, settings, boards, job)).result()
        await forget(client, f"job-{CUSTOMER}-{job}")
        receipt = await (await relist(client, settings, boards, job)).result()
        assert (receipt.intent, receipt.phase, receipt.reopened) == (Intent.UNPOSTED, Phase.CLOSED, 2)
        assert receipt.decided == first.decided
        assert first.boards.indeed is not None
        assert receipt.boards.indeed is not None
        assert receipt.boards.indeed.outcome is first.boards.indeed.outcome
        assert receipt.boards.indeed.postings[0].id == first.boards.indeed.postings[0].id
        assert len(linkedin_of(receipt).relisted) == 2


async def test_icims_is_asked_before_a_job_that_is_back_is_closed_again(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, portals=["jobs"])
    async with working(client, settings, boards):
        await boards.change_job(job, icims={"portals": []})
        await closed(client, settings, job)
        receipt = await (await relist(client, settings, boards, job)).result()
        assert receipt.reopened == 1
        assert receipt.boards.linkedin is not None
        assert receipt.boards.linkedin.outcome is Outcome.CLOSED
        asked = [each.answered for each in receipt.boards.linkedin.evidence if "iCIMS want" in each.asked]
        assert asked == ["folder Approved; on the portals: none"]
        assert await eventually(lambda: notices(client, job), lambda seen: len(seen) == 3) == [
            "closed",
            "closed",
            "reopened",
        ]


@pytest.mark.parametrize(
    ("icims", "job_says"),
    [
        ({"portals": ["jobs"]}, {"portals": ["jobs"]}),
        ({"posted_folders": ["approved", "D99"]}, {"folder": "Approved"}),
        ({"portals": ["jobs"], "posted_folders": ["Open"]}, {"portals": ["jobs"], "folder": "Open"}),
    ],
)
async def test_a_lost_post_takes_down_no_job_that_icims_wants_posted(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    icims: dict[str, Any],
    job_says: dict[str, Any],
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"), **icims)
    async with working(client, settings, boards):
        await closed(client, settings, job)
        await boards.change_job(job, icims=job_says)
        again = await relist(client, settings, boards, job)
        assert (await settles(again, Outcome.LIVE)).attention is None
        seen = await eventually(
            lambda: state(again),
            lambda seen: seen.boards.indeed is not None and seen.boards.indeed.outcome is Outcome.UPDATED,
        )
        assert (seen.intent, seen.phase) == (Intent.POSTED, Phase.OPEN)
        assert await submits(boards, job) == ["CLOSE"]
        await again.terminate()


@pytest.mark.parametrize(
    ("icims", "job_says"),
    [
        ({"posted_folders": ["Open"]}, {"folder": "Filled"}),
        ({"portals": ["jobs"], "posted_folders": ["Approved"]}, {"portals": []}),
        ({"portals": ["jobs"], "posted_folders": ["Open"]}, {"portals": ["jobs"], "folder": "Closed"}),
        ({"posted_folders": ["Approved"]}, {"deleted": True}),
        ({}, {}),
        ({"posted_folders": ["Approved"]}, {"hidden": True}),
    ],
)
async def test_a_job_that_icims_wants_off_or_does_not_show_after_its_unpost_is_closed_again(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    icims: dict[str, Any],
    job_says: dict[str, Any],
) -> None:
    settings = configured(sandbox_urls, **icims)
    async with working(client, settings, boards):
        await closed(client, settings, job)
        await boards.change_job(job, icims=job_says)
        again = await relist(client, settings, boards, job)
        if "hidden" in job_says or "deleted" in job_says:
            # The close itself needs the job's fields: that it was decided is what is seen here.
            await eventually(
                lambda: state(again), lambda seen: linkedin_of(seen).relisted != () and not linkedin_of(seen).ask_ats
            )
            assert (await state(again)).intent is Intent.UNPOSTED
            await again.terminate()
            return
        assert (await again.result()).reopened == 1
        assert await submits(boards, job) == ["CLOSE", "CLOSE"]


async def test_a_job_that_only_a_person_took_down_is_not_closed_again_without_one(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls)
    async with working(client, settings, boards):
        posted = await send(client, settings, job, Intent.POSTED)
        await settles(posted, Outcome.LIVE)
        await posted.signal("close", ManualAction(by="Ana"))
        await posted.result()
        again = await relist(client, settings, boards, job)
        found = attention_of(linkedin_of(await asks(again, linkedin_of, Category.RELISTED)))
        assert (found.category, found.retrying) == (Category.RELISTED, False)
        assert "does not tell" in found.reason
        assert await submits(boards, job) == ["CLOSE"]
        await again.signal("retry", ManualAction(by="Ana"))
        assert (await again.result()).reopened == 1
        assert await submits(boards, job) == ["CLOSE", "CLOSE"]


async def test_two_systems_that_fight_get_a_person_after_the_third_time(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, portals=["jobs"])
    async with working(client, settings, boards):
        await boards.change_job(job, icims={"portals": []})
        await closed(client, settings, job)
        for count in (1, 2, 3):
            receipt = await (await relist(client, settings, boards, job)).result()
            assert receipt.reopened == count
        last = await relist(client, settings, boards, job)
        found = attention_of(linkedin_of(await asks(last, linkedin_of, Category.RELISTED)))
        assert found.category is Category.RELISTED
        assert "two systems fight" in found.reason
        await hint(last, "LISTED")
        await eventually(lambda: state(last), lambda seen: len(seen.received) >= 2)
        assert attention_of(linkedin_of(await state(last))).category is Category.RELISTED
        assert await submits(boards, job) == ["CLOSE"] * 4
        await boards.change_job(job, linkedin={"listed": False})
        await hint(last, "NOT_LISTED")
        ended = await last.result()
        assert ended.phase is Phase.CLOSED
        assert await submits(boards, job) == ["CLOSE"] * 4


async def test_the_same_is_counted_where_the_lifecycle_still_runs(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"))
    async with working(client, settings, boards):
        await boards.fault("indeed", "find", "http", status=503, times=None)
        running = await send(client, settings, job)
        await settles(running, Outcome.CLOSED)
        for count in (1, 2, 3):
            await boards.change_job(job, linkedin={"listed": True})
            await hint(running, "LISTED")
            await eventually(lambda: submits(boards, job), lambda seen, count=count: len(seen) == 1 + count)  # type: ignore[misc]
            await settles(running, Outcome.CLOSED)
        await boards.change_job(job, linkedin={"listed": True})
        await hint(running)
        assert (
            attention_of(linkedin_of(await asks(running, linkedin_of, Category.RELISTED))).category is Category.RELISTED
        )
        await running.terminate()


async def test_what_icims_cannot_be_asked_now_is_asked_again_and_nothing_is_written_meanwhile(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, portals=["jobs"])
    async with working(client, settings, boards):
        await boards.change_job(job, icims={"portals": []})
        await closed(client, settings, job)
        await boards.fault("icims", "job", "http", status=503, times=3)
        again = await relist(client, settings, boards, job)
        await eventually(lambda: boards.counts(job), lambda seen: seen.get("icims.job", 0) >= 3)
        assert await submits(boards, job) == ["CLOSE"]
        assert (await again.result()).reopened == 1


@pytest.mark.usefixtures("refused_for_long")
@pytest.mark.parametrize("told", ["hint", "confirm", "retry"])
async def test_a_job_that_could_not_be_read_when_it_was_back_is_not_closed_before_icims_is_asked(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, told: str
) -> None:
    settings = configured(sandbox_urls, portals=["jobs"])
    async with working(client, settings, boards):
        await closed(client, settings, job)
        await boards.change_job(job, icims={"portals": ["jobs"]})
        await boards.fault("linkedin", "status", "expire_token", times=None)
        again = await relist(client, settings, boards, job)
        await asks(again, linkedin_of, Category.CREDENTIALS)
        await boards.clear_faults()
        await (hint(again, "LISTED") if told == "hint" else again.signal(told, ManualAction(by="Ana")))
        assert (await settles(again, Outcome.LIVE)).attention is None
        assert (await state(again)).intent is Intent.POSTED
        assert await submits(boards, job) == ["CLOSE"]
        await again.terminate()


async def test_a_passing_failure_to_read_a_job_that_was_closed_long_ago_asks_nobody(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls)
    over = settings.timing.model_copy(update={"confirm_within": timedelta(milliseconds=1)})
    async with working(client, settings, boards):
        await closed(client, settings, job)
        await boards.fault("linkedin", "status", "http", status=503, times=2)
        again = await listed_again(client, settings.model_copy(update={"timing": over}), job)
        assert (await again.result()).phase is Phase.CLOSED
        assert Phase.ATTENTION not in await shown_phases(again)


async def test_a_closed_job_of_which_no_receipt_is_left_is_only_read(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"))
    async with working(client, settings, boards):
        await boards.change_job(job, linkedin={"listed": False})
        receipt = await (await listed_again(client, settings, job)).result()
        assert receipt.boards.linkedin is not None
        assert receipt.boards.linkedin.outcome is Outcome.CLOSED
        assert receipt.boards.indeed is None
        assert await boards.writes(job) == []


async def test_a_hint_without_a_status_makes_a_closed_job_be_read_while_its_lifecycle_runs(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = configured(sandbox_urls, boards=("linkedin", "indeed"))
    async with working(client, settings, boards):
        await boards.fault("indeed", "find", "http", status=503, times=None)
        running = await send(client, settings, job)
        await settles(running, Outcome.CLOSED)
        before = (await boards.counts(job))["linkedin.status"]
        await asyncio.gather(*(hint(running) for _ in range(20)))
        await eventually(
            lambda: state(running),
            lambda seen: not linkedin_of(seen).look and sum(e.count for e in seen.received) == 21,
        )
        # The last read may still be under way.
        counts = await eventually(lambda: boards.counts(job), lambda seen: seen["linkedin.status"] > before)
        assert counts["linkedin.status"] - before <= 8
        assert linkedin_of(await state(running)).state is BoardState.SETTLED
        await running.terminate()
