"""Both boards are served while iCIMS is away, whatever it fails at; a close needs at most two of its calls."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import Lifecycle
from models.states import BoardState, Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import eventually, linkedin_of, send, state

pytestmark = pytest.mark.usefixtures("workers")

AWAY: dict[str, dict[str, Any]] = {
    "failing": {"kind": "http", "status": 500},
    "used up": {"kind": "http", "status": 429},
    "unavailable": {"kind": "http", "status": 503, "headers": {"Retry-After": "3600"}},
    "firewall": {"kind": "http", "preset": "waf"},
    "not an answer": {"kind": "http", "status": 200, "body": "<html>"},
    "hanging": {"kind": "slow", "seconds": 30.0},
    "broken off": {"kind": "drop"},
}


@pytest.mark.parametrize("how", AWAY)
async def test_an_unpost_closes_linkedin_while_icims_is_away(
    client: Client, settings: Settings, boards: Boards, job: str, how: str
) -> None:
    await boards.fault("icims", "*", **{"times": None, **AWAY[how]})
    handle = await send(client, settings, job)
    await eventually(lambda: state(handle), linkedin_is_closed)
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1


def linkedin_is_closed(seen: Lifecycle) -> bool:
    record = linkedin_of(seen)
    return record.state is BoardState.SETTLED and record.outcome is Outcome.CLOSED and record.attention is None


@pytest.mark.parametrize(
    "icims",
    [{"deleted": True}, {"hidden": True}, {"hidden_fields": ["jobtitle", "joblocation", "overview"]}],
    ids=["deleted", "hidden", "fields-hidden"],
)
async def test_an_unpost_closes_both_boards_although_icims_shows_nothing_of_the_job(
    client: Client, settings: Settings, boards: Boards, job: str, icims: dict[str, Any]
) -> None:
    await boards.change_job(job, icims=icims)
    receipt = await (await send(client, settings, job)).result()
    assert receipt.phase is Phase.CLOSED
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


async def test_a_job_that_linkedin_does_not_know_ends_as_not_found_while_icims_is_away(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, linkedin=False)
    await boards.change_job(job, icims={"deleted": True})
    receipt = await (await send(client, settings, job)).result()
    assert linkedin_of(receipt).outcome is Outcome.NOT_FOUND


async def test_a_close_keeps_the_place_that_linkedin_shows_and_asks_icims_for_no_address(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    before = (await boards.job(job))["linkedin"]["location"]
    await (await send(client, settings, job)).result()
    counts = await boards.counts(job)
    assert (await boards.job(job))["linkedin"]["location"] == before
    assert counts.get("icims.address", 0) == 0
    assert counts.get("icims.job", 0) <= 2
