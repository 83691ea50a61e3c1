"""What a lifecycle has come to is in the store before it completes, once, and no board waits for that."""

import json
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent, Phase
from store.ledger.notes import SigningKey
from store.ledger.verify import verify_file
from tests.support.boards import CUSTOMER
from tests.support.lifecycles import eventually, in_phase, send, state
from tests.support.settings import raw_settings
from tests.support.store import body_of, opened, receipts_of
from tests.support.workers import running_workers

KEY = SigningKey("ledger.example.com", b"k" * 32)


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


async def test_a_job_posted_again_before_its_receipt_is_stored_has_one_of_each_end(
    client: Client, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    file = tmp_path / "store.db"
    settings = settings_at(sandbox_urls, file)
    async with running_workers(client, settings):
        file.rename(tmp_path / "away.db")
        file.mkdir()
        lifecycle = await send(client, settings, job)
        await in_phase(lifecycle, Phase.CLOSED)
        await send(client, settings, job, Intent.POSTED)
        await eventually(lambda: state(lifecycle), lambda seen: seen.intent is Intent.POSTED)
        await send(client, settings, job)
        await in_phase(lifecycle, Phase.CLOSED)
        file.rmdir()
        (tmp_path / "away.db").rename(file)
        await lifecycle.result()
    second, first = await receipts_of(settings, job)
    assert second.run_id == f"{first.run_id}/2"
    assert second.ended_at > first.ended_at
