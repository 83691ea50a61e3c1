"""`postings`: Indeed's listing of a customer, with how members find each posting."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from boardsync.exits import ExitCode
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.settings import raw_settings, write_toml


@pytest.fixture(autouse=True)
async def fast(boards: Boards) -> None:
    """Let Indeed be asked as often as it takes."""
    await boards.set(indeed__finds_per_second=1000)


async def test_postings_are_listed_with_how_members_find_them(cli: Cli, boards: Boards, job: str) -> None:
    await boards.change_job(job, title="=Night Nurse", indeed={"search_status": "nowhere"})
    said = await cli("postings", "1234", "--status", "nowhere", "--json")
    (posting,) = said.json["postings"]
    assert (said.code, said.json["complete"]) == (0, True)
    assert (posting["posting_id"], posting["status"], posting["live"]) == (job, "nowhere", "live")
    assert "trackingUrl" in posting["set_by_us"]
    assert posting["manage_url"].startswith("https://employers.indeed.com/jobs/view?")
    assert posting["call_to_action"]
    text = (await cli("postings", "1234")).stdout
    assert "1 nowhere" in text
    rows = list(csv.DictReader(io.StringIO((await cli("postings", "1234", "--status", "nowhere", "--csv")).stdout)))
    assert [(row["posting_id"], row["title"]) for row in rows] == [(job, "'=Night Nurse")]


async def test_what_is_not_live_is_told_apart(cli: Cli, boards: Boards, job: str) -> None:
    await boards.change_job(job, indeed={"lifecycle": "INACTIVE"})
    ended = (await cli("postings", "1234", "--not-live", "--json")).json["postings"]
    assert [each["posting_id"] for each in ended] == [job]
    live = (await cli("postings", "1234", "--live", "--sort", "title", "--json")).json["postings"]
    assert job not in {each["posting_id"] for each in live}
    titles = [each["title"] for each in live]
    assert titles == sorted(titles)


async def test_what_cannot_be_listed_is_refused_with_words(cli: Cli, boards: Boards) -> None:
    assert "is not in the configuration" in (await cli("postings", "999")).stderr
    await boards.fault("indeed", "token", "http", status=401, body={"error": "invalid_client"}, times=None)
    said = await cli("postings", "1234")
    assert said.code == 1
    assert "The client id and secret were refused." in said.stderr


async def test_a_posting_whose_standing_cannot_be_read_is_not_passed_over_in_silence(
    cli: Cli, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"search_status": "nowhere"})
    for operation in ("node", "nodes"):
        await boards.fault("indeed", operation, "http", status=500, times=None)
    said = await cli("postings", "1234", "--status", "nowhere", "--json")
    assert (said.code, said.json) == (ExitCode.NOT_DONE, {"postings": [], "complete": False})
    assert "Not everything could be read" in said.stderr


async def test_indeed_is_asked_again_where_it_asks_to_slow_down(cli: Cli, boards: Boards, job: str) -> None:
    await boards.change_job(job, indeed={"search_status": "nowhere"})
    for operation in ("find", "nodes", "node"):
        await boards.fault("indeed", operation, "http", status=429, times=1)
    said = await cli("postings", "1234", "--status", "nowhere", "--json")
    assert (said.code, said.json["complete"]) == (0, True)
    assert [each["posting_id"] for each in said.json["postings"]] == [job]
    await boards.fault("indeed", "find", "http", status=429, headers={"Retry-After": "3600"}, times=None)
    said = await cli("postings", "1234")
    assert said.code == 1
    assert "again in a few minutes" in said.stderr


async def test_the_postings_of_every_account_are_listed_with_their_account(
    cli: Cli, boards: Boards, sandbox_urls: dict[str, str], job_ids: Iterator[str], tmp_path: Path
) -> None:
    await boards.add_application("brand")
    job = next(job_ids)
    await boards.add_job(job, linkedin=False, indeed=[{}, {"client_id": "brand"}])
    rule = {
        "when": {"field": "positiontype", "value": "Per Diem"},
        "client_id": "brand",
        "client_secret": "brand-secret",
        "advertiser_id": "brand-advertiser",
    }
    raw = raw_settings(sandbox_urls)
    raw["customers"][0]["indeed"]["rules"] = [rule]
    write_toml(tmp_path / "boardsync.toml", raw)
    said = await cli("postings", "1234", "--json", BOARDSYNC_CONFIG=str(tmp_path / "boardsync.toml"))
    found = said.json["postings"]
    accounts = {each["account"] for each in found if each["posting_id"] == job}
    assert accounts == {"indeed-1234/advertiser-1234", "brand/brand-advertiser"}
