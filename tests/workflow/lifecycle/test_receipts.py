"""What a lifecycle has come to is in the store before it completes, once, and no board waits for that."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.states import BoardName, Intent, Outcome, Phase
from store.database import Store
from store.jobs import Jobs
from store.ledger.notes import SigningKey
from store.ledger.verify import verify_file
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, eventually, in_phase, indeed_of, send, state
from tests.support.settings import raw_settings
from tests.support.store import body_of, opened, receipts_of
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

KEY = SigningKey("ledger.example.com", b"k" * 32)


async def tries(lifecycle: Handle) -> dict[str, int]:
    """Return how often each step that is under way was tried."""
    described = await lifecycle.describe()
    return {each.activity_type.name: each.attempt for each in described.raw_description.pending_activities}


def settings_at(urls: dict[str, str], file: Path) -> Settings:
    """Return settings with a store and a key of their own."""
    raw = raw_settings(urls)
    raw |= {"store": {"url": f"sqlite:///{file}"}, "ledger": {"key": KEY.text()}}
    return parse_settings(raw, {}, base=Path())


async def test_a_receipt_says_what_each_board_answered_and_is_proven_offline(
    client: Client, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    settings = settings_at(sandbox_urls, tmp_path / "store.db")
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job)
        result = await lifecycle.result()
    described = await lifecycle.describe()
    [receipt] = await receipts_of(settings, job)
    assert receipt.run_id == described.run_id
    said = body_of(receipt)
    assert (said["intent"], said["phase"], said["form"]) == ("unposted", "closed", "boardsync receipt 1")
    boards = said["boards"]
    assert isinstance(boards, dict)
    linkedin, indeed = boards["linkedin"], boards["indeed"]
    assert isinstance(linkedin, dict)
    assert isinstance(indeed, dict)
    assert (linkedin["outcome"], linkedin["proven"]) == ("closed", True)
    assert (indeed["outcome"], indeed["proven"]) == ("cleared", True)
    assert result.boards.linkedin is not None
    assert linkedin["task"] == result.boards.linkedin.task_id
    answers = linkedin["answers"]
    assert isinstance(answers, list)
    assert any("NOT_LISTED" in json.dumps(each) for each in answers)
    assert linkedin["asked_at"] is not None

    async with opened(settings) as stored:
        proof = await stored.ledger.proof(receipt.leaf)
        indexed = await stored.jobs.job(CUSTOMER, job)
        checks = await stored.checks.of_job(CUSTOMER, job)
    assert proof is not None
    assert verify_file(proof.text().encode(), KEY.verifier).receipt == said
    assert indexed is not None
    assert {posting.board for posting in indexed.postings} == {"linkedin", "indeed"}
    assert (indexed.phase, indexed.intent) == ("closed", "unposted")
    after = sorted({each.due_at - result.closed_at for each in checks})
    assert after == [timedelta(hours=1), timedelta(days=1), timedelta(days=7)]
    assert len(checks) == 6


async def test_while_the_store_is_away_boards_are_closed_and_the_receipt_waits(
    client: Client, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    async with running_workers(client, settings):
        # No connection is open yet; one that is would go on with the file that was moved.
        file.rename(tmp_path / "away.db")
        file.mkdir()  # nothing can be opened in its place
        lifecycle = await send(client, settings, job)
        seen = await in_phase(lifecycle, Phase.CLOSED)
        assert seen.receipt_due
        assert all(board.proven for _, board in seen.boards.used)
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        await lifecycle.result()
    assert len(await receipts_of(settings, job)) == 1


async def test_while_the_store_is_away_nothing_is_called_absent_that_it_alone_may_know(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    await boards.add_job(job, indeed=[{"overlay": {"campaignCategories": ["spring"]}}])
    (mine,) = await boards.postings(job)
    # No listing has it: a person has entered whose it is.
    await boards.change_posting(mine["sourced_posting_id"], listing="unlisted", job_posting_id=None, silent=True)
    async with running_workers(client, settings):
        async with Store(settings.store.url) as store:
            await Jobs(store).link(CUSTOMER, job, BoardName.INDEED.value, mine["employer_job_id"])
        file.rename(tmp_path / "away.db")
        file.mkdir()
        lifecycle = await send(client, settings, job)
        await eventually(lambda: tries(lifecycle), lambda found: found.get("indeed_clear", 0) > 1)
        assert indeed_of(await state(lifecycle)).outcome is None
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        assert indeed_of(await lifecycle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]


async def test_while_the_store_is_away_a_posting_is_cleared_whatever_it_shows(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    # An address that an earlier lifecycle may have set: the store alone would know.
    await boards.add_job(job, indeed=[{"overlay": {"url": "https://agency.example/jobs/1"}}])
    async with running_workers(client, settings):
        file.rename(tmp_path / "away.db")
        file.mkdir()
        lifecycle = await send(client, settings, job)
        assert indeed_of(await in_phase(lifecycle, Phase.CLOSED)).outcome is Outcome.CLEARED
        assert await boards.overlays(job) == [{}]
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        await lifecycle.result()


@pytest.mark.parametrize("suggested", [(), ("limit.historyCount.suggestContinueAsNew=20",)], ids=["long", "short"])
async def test_each_end_of_a_job_has_its_receipt_also_where_the_store_is_away_until_the_last(
    sandbox_urls: dict[str, str], job: str, tmp_path: Path, suggested: tuple[str, ...]
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    async with running_temporal(dynamic_config=suggested) as address:
        client = await client_of(address)
        async with running_workers(client, settings):
            file.rename(tmp_path / "away.db")
            file.mkdir()
            for _ in range(2):
                lifecycle = await send(client, settings, job)
                await in_phase(lifecycle, Phase.CLOSED)
                await send(client, settings, job, Intent.POSTED)
                await eventually(lambda: state(lifecycle), lambda seen: seen.intent is Intent.POSTED)  # noqa: B023
            await send(client, settings, job)
            await in_phase(lifecycle, Phase.CLOSED)
            file.rmdir()
            (tmp_path / "away.db").rename(file)
            await lifecycle.result()
    third, second, first = await receipts_of(settings, job)
    assert [second.run_id, third.run_id] == [f"{first.run_id}/2", f"{first.run_id}/3"]
    assert first.ended_at < second.ended_at < third.ended_at


async def test_a_lifecycle_that_is_cancelled_and_closed_while_the_store_is_away_ends_once_it_is_back(
    client: Client, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    async with running_workers(client, settings):
        file.rename(tmp_path / "away.db")
        file.mkdir()
        lifecycle = await send(client, settings, job)
        await in_phase(lifecycle, Phase.CLOSED)
        await lifecycle.cancel()
        await in_phase(lifecycle, Phase.CANCELLED)
        await lifecycle.signal("close", {"by": "Ana"})
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        assert (await lifecycle.result()).phase is Phase.CLOSED
    stopped, ended = await receipts_of(settings, job)
    assert [body_of(ended)["phase"], body_of(stopped)["phase"]] == ["closed", "cancelled"]
