"""After a close the boards are looked at again: over eight simulated days."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.providers import Providers, open_http
from activities.stored import Stored
from activities.sweeps.recheck import RecheckActivities
from config.settings import Settings
from models.boards import Attention
from models.states import BoardName, Intent, Outcome, Phase
from models.sweeps import Found, Rechecked, RecheckInput
from models.temporal import ASKED, ATTENTION, CONFIRM, RECHECK, RETRY, Queue
from store.checks import Checks
from store.database import Store
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, handle, indeed_of, send
from tests.support.settings import reporting_settings
from tests.support.workers import running_workers
from tests.workflow.sweeps.conftest import with_store
from worker import queue_activities

LINKEDIN, INDEED = BoardName.LINKEDIN.value, BoardName.INDEED.value
OTHERS = tuple(queue for queue in Queue if queue is not Queue.OPERATIONS)


class Days:
    """A worker whose store and boards live through days at once."""

    def __init__(self, client: Client, settings: Settings, boards: Boards, store: Store) -> None:
        self.client, self.settings, self.boards = client, settings, boards
        self._passed = timedelta(0)
        self._checks = Checks(store)
        self._runs = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self._passed

    async def pass_by(self, **by: float) -> Rechecked:
        """Let time pass, and look at what is due."""
        self._passed += timedelta(**by)
        await self.boards.forward(**by)
        return await self.look()

    async def look(self) -> Rechecked:
        self._runs += 1
        run: WorkflowHandle[Any, Rechecked] = await self.client.start_workflow(
            RECHECK,
            RecheckInput(),
            id=f"recheck-{id(self)}-{self._runs}",
            task_queue=Queue.JOB_POSTINGS.value,
            result_type=Rechecked,
        )
        return await run.result()

    async def close(self, job_id: str) -> None:
        """Close a job; its lifecycle's end schedules the looks."""
        await self.boards.act("unpost", job_id, lost=True)
        await (await send(self.client, self.settings, job_id)).result()

    async def found(self, job_id: str, board: str) -> list[str | None]:
        """Return what each look showed, in order."""
        return [check.found for check in await self._checks.of_job(CUSTOMER, job_id) if check.board == board]


@pytest.fixture
async def days(own_client: Client, sandbox_urls: dict[str, str], boards: Boards, store: Store) -> AsyncIterator[Days]:
    # With a server of its own: what other tests' lifecycles leave in the store would be looked at, too.
    client = own_client
    settings = with_store(reporting_settings(sandbox_urls), store)
    days = Days(client, settings, boards, store)
    async with open_http() as http, Stored(settings) as stored, running_workers(client, settings, OTHERS):
        providers = Providers(settings, http, stored=stored)
        recheck = RecheckActivities(client, providers, clock=days.now)
        plain = queue_activities(client, providers)[Queue.OPERATIONS]
        activities = [each for each in plain if each.__name__ not in {"batch", "still_live"}]
        activities += [recheck.batch, recheck.still_live]
        async with Worker(client, task_queue=Queue.OPERATIONS.value, activities=activities):
            yield days


async def test_a_job_that_stays_off_is_looked_at_three_times_in_eight_days(days: Days, job: str) -> None:
    await days.boards.change_job(job, indeed={"lifecycle": "INACTIVE", "silent": True})
    await days.close(job)

    assert await days.look() == Rechecked()
    assert (await days.pass_by(hours=2)).found == {Found.STILL_OFF: 2}
    assert (await days.pass_by(hours=22)).found == {Found.STILL_OFF: 2}
    assert await days.pass_by(days=3) == Rechecked()
    assert (await days.pass_by(days=4)).found == {Found.STILL_OFF: 2}

    assert await days.found(job, LINKEDIN) == ["still off"] * 3
    assert await days.found(job, INDEED) == ["still off"] * 3
    assert await days.pass_by(days=1) == Rechecked()


async def test_a_job_that_linkedin_lists_again_is_closed_again(days: Days, job: str) -> None:
    await days.close(job)
    first = (await handle(days.client, job).describe()).run_id
    await days.boards.change_job(job, linkedin={"listed": True, "silent": True})

    seen = await days.pass_by(hours=1)

    assert seen.found[Found.LIVE_AGAIN] == 1
    assert (await days.found(job, LINKEDIN))[0] == "live again"
    receipt = await handle(days.client, job).result()
    assert (await handle(days.client, job).describe()).run_id != first
    assert receipt.phase in {Phase.CLOSED, Phase.NOT_FOUND}
    assert (await days.boards.job(job))["linkedin"]["listed"] is False


async def test_an_overlay_that_is_back_at_indeed_is_cleared_again(days: Days, job: str) -> None:
    await days.close(job)
    await days.boards.change_job(job, indeed={"overlay": True, "silent": True})

    seen = await days.pass_by(hours=1)

    assert seen.found[Found.LIVE_AGAIN] == 1
    receipt = await handle(days.client, job).result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    left = (await days.boards.job(job))["indeed"]["overlay_left"]
    assert not any(left.values()) if isinstance(left, dict) else not left


async def test_a_posting_that_ends_meanwhile_is_gone_and_icims_is_told(days: Days, job: str) -> None:
    await days.close(job)
    assert await _reported(days, job) == "Deletion in Progress"
    assert (await days.pass_by(hours=1)).found == {Found.STILL_OFF: 1, Found.STILL_LIVE: 1}
    await days.boards.change_job(job, indeed={"lifecycle": "INACTIVE", "silent": True})

    seen = await days.pass_by(hours=23)

    assert seen.found == {Found.STILL_OFF: 1, Found.GONE: 1}
    receipt = await handle(days.client, job).result()
    assert indeed_of(receipt).outcome is Outcome.GONE
    assert await _reported(days, job) == "Unposted"
    assert set((await days.pass_by(days=7)).found) == {Found.STILL_OFF}


async def test_postings_that_are_live_after_a_week_ask_for_a_person_once_per_customer(
    days: Days, job_ids: Iterator[str]
) -> None:
    jobs = [next(job_ids), next(job_ids)]
    for job in jobs:
        await days.boards.add_job(job)
        await days.close(job)
    await days.pass_by(days=1)
    asking = days.client.get_workflow_handle(f"still-live-{CUSTOMER}")

    seen = await days.pass_by(days=7)

    assert seen.found == {Found.STILL_OFF: 2, Found.STILL_LIVE: 2}

    async def asked() -> Attention | None:
        said = await asking.query(ASKED)
        return None if said is None else Attention.model_validate(said)

    attention = await eventually(asked, lambda seen: seen is not None and seen.reason.startswith("2 job"))
    assert attention is not None
    assert (await asking.describe()).typed_search_attributes.get(ATTENTION) == "still_shown"

    await days.boards.change_job(jobs[0], indeed={"lifecycle": "INACTIVE", "silent": True})
    await asking.signal(RETRY)
    await eventually(asked, lambda seen: seen is not None and seen.reason.startswith("1 job"))
    await asking.signal(CONFIRM)
    assert await asking.result() == {"job_ids": [jobs[1]]}


async def test_a_board_that_does_not_answer_puts_its_own_checks_off(days: Days, job: str) -> None:
    await days.close(job)
    await days.boards.fault("linkedin", "status", "http", status=503, body={"message": "away"}, times=None)

    seen = await days.pass_by(hours=1)

    assert (seen.put_off, seen.found) == (1, {Found.STILL_LIVE: 1})
    assert seen.reason is not None
    assert await days.look() == Rechecked()
    await days.boards.clear_faults()
    assert (await days.pass_by(minutes=6)).found == {Found.STILL_OFF: 1}


async def test_one_job_that_linkedin_cannot_read_holds_up_no_other(days: Days, job_ids: Iterator[str]) -> None:
    jobs = [next(job_ids) for _ in range(5)]
    for job in jobs:
        await days.boards.add_job(job, indeed=False)
        await days.close(job)
    await days.boards.fault(
        "linkedin", "status", "http", job_id=jobs[2], status=500, body={"message": "failed"}, times=None
    )

    seen = await days.pass_by(hours=1)

    assert seen.found[Found.STILL_OFF] == 4
    assert seen.put_off == 1


async def test_a_job_that_is_posted_again_meanwhile_is_left_alone(days: Days, job: str) -> None:
    await days.close(job)
    await days.boards.change_job(job, linkedin={"listed": True, "silent": True})
    await send(days.client, days.settings, job, Intent.POSTED)

    seen = await days.pass_by(hours=1)

    assert set(seen.found) <= {Found.POSTED_AGAIN, Found.STILL_OFF}
    assert await days.found(job, LINKEDIN) == ["posted again", None, None]
    assert (await days.boards.job(job))["linkedin"]["listed"] is True


async def _reported(days: Days, job: str) -> Any:
    boards = (await days.boards.job(job))["icims"]["reported"]
    return {each["value"]: each["status"] for each in boards["jobboards"]}["Indeed"]
