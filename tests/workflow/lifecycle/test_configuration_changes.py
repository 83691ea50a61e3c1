"""Open lifecycles follow the configuration: boards that are new are taken up, those used no more are set aside."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.lifecycle import Lifecycle
from models.states import BoardName, BoardState, Intent, Outcome, Phase
from models.temporal import INDEED_STATE, LINKEDIN_STATE
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, eventually, send, state
from tests.support.settings import raw_settings
from workflows.lifecycle.details import details

pytestmark = pytest.mark.usefixtures("workers")


def using(urls: dict[str, str], *boards: str) -> Settings:
    raw = raw_settings(urls)
    for customer in raw["customers"]:
        customer["boards"] = list(boards)
    return parse_settings(raw, {}, base=Path())


def outcomes(seen: Lifecycle) -> dict[BoardName, Outcome | None]:
    return {board: record.outcome for board, record in seen.boards.used}


async def opened(client: Client, urls: dict[str, str], job: str, *boards: str) -> Handle:
    lifecycle = await send(client, using(urls, *boards), job, Intent.POSTED)
    await eventually(
        lambda: state(lifecycle), lambda seen: set(outcomes(seen).values()) <= {Outcome.LIVE, Outcome.UPDATED}
    )
    return lifecycle


@pytest.fixture
def both(sandbox_urls: dict[str, str]) -> Settings:
    return using(sandbox_urls, "linkedin", "indeed")


@pytest.mark.parametrize("first", ["linkedin", "indeed"])
async def test_an_unpost_closes_a_board_that_was_configured_after_the_lifecycle_began(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, both: Settings, first: str
) -> None:
    lifecycle = await opened(client, sandbox_urls, job, first)
    await send(client, both, job)
    receipt = await lifecycle.result()
    assert outcomes_of(receipt.boards.used) == {
        BoardName.LINKEDIN: Outcome.CLOSED,
        BoardName.INDEED: Outcome.CLEARED,
    }
    assert (await boards.job(job))["linkedin"]["listed"] is False
    assert (await boards.job(job))["indeed"]["overlay_left"] == {}


def outcomes_of(used: Sequence[tuple[BoardName, object]]) -> dict[BoardName, object]:
    return {board: getattr(record, "outcome", None) for board, record in used}


async def test_a_post_again_takes_up_a_new_board_and_leaves_the_other_as_it_is(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, both: Settings
) -> None:
    lifecycle = await opened(client, sandbox_urls, job, "indeed")
    writes = await boards.writes(job)
    await send(client, both, job, Intent.POSTED)
    seen = await eventually(
        lambda: state(lifecycle), lambda seen: outcomes(seen).get(BoardName.LINKEDIN) is Outcome.LIVE
    )
    assert outcomes(seen)[BoardName.INDEED] is Outcome.UPDATED
    assert await boards.writes(job) == writes
    described = await lifecycle.describe()
    assert described.typed_search_attributes.get(LINKEDIN_STATE) is not None
    await lifecycle.terminate()


async def test_a_board_used_no_more_is_set_aside_and_nothing_is_said_to_be_proven_there(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    lifecycle = await opened(client, sandbox_urls, job, "linkedin", "indeed")
    await send(client, using(sandbox_urls, "linkedin"), job)
    receipt = await lifecycle.result()
    assert receipt.phase is Phase.CLOSED
    assert receipt.proven == {BoardName.LINKEDIN: True, BoardName.INDEED: False}
    assert receipt.boards.indeed is not None
    assert (receipt.boards.indeed.set_aside, receipt.boards.indeed.outcome) == (True, None)
    assert "proves nothing" in receipt.boards.indeed.evidence[-1].answered
    assert "indeed.clear" not in await boards.writes(job)
    described = await lifecycle.describe()
    assert described.typed_search_attributes.get(INDEED_STATE) == BoardState.IDLE.value


async def test_a_board_that_needs_a_person_no_longer_holds_up_a_job_once_it_is_used_no_more(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, both: Settings
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, times=None, message="Insufficient job slots")
    lifecycle = await send(client, both, job)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.ATTENTION)
    await send(client, using(sandbox_urls, "indeed"), job)
    receipt = await lifecycle.result()
    assert receipt.proven == {BoardName.LINKEDIN: False, BoardName.INDEED: True}


async def test_a_board_comes_back(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, both: Settings
) -> None:
    lifecycle = await opened(client, sandbox_urls, job, "linkedin", "indeed")
    await send(client, using(sandbox_urls, "indeed"), job, Intent.POSTED)
    seen = await eventually(lambda: state(lifecycle), lambda seen: len(seen.boards.set_aside) == 1)
    assert "no longer uses LinkedIn" in details(seen)
    await send(client, both, job)
    receipt = await lifecycle.result()
    assert receipt.boards.linkedin is not None
    assert (receipt.boards.linkedin.outcome, receipt.boards.linkedin.set_aside) == (Outcome.CLOSED, False)
