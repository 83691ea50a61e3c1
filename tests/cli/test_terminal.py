"""What a person at a terminal asks first: how does all stand, where can I look, what became of this job."""

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.lifecycles import eventually, in_phase, send, without_slots

pytestmark = pytest.mark.usefixtures("workers")


async def test_watch_counts_phases_closes_and_what_needs_a_person(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str, job_ids: object
) -> None:
    await without_slots(client, settings, boards, job)
    said = await eventually(
        lambda: cli("watch", "--once", "--json"), lambda said: "out_of_slots" in said.json["attention"]
    )
    assert said.code == 3
    assert said.json["phases"]["attention"] >= 1
    assert set(said.json["closed"]) == {"5 minutes", "hour", "day"}
    text = (await cli("watch", "--once")).stdout
    for part in ("attention", "out_of_slots", "Closed: ", "Longest wait for the boards"):
        assert part in text


async def test_open_opens_the_page_or_what_was_asked_for(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)
    assert (await cli("open", f"1234/{job}")).code == 0
    assert (await cli("open", f"1234/{job}", "--at", "linkedin")).code == 0
    printed = await cli("open", f"1234/{job}", "--print")
    assert opened[0].startswith(f"https://hooks.example.com/jobs/1234/{job}?key=")
    assert opened[1].startswith("https://www.linkedin.com/")
    assert len(opened) == 2
    assert f"http://ui.example.com/namespaces/default/workflows/job-1234-{job}" in printed.stdout
    refused = await cli("open", f"1234/{job}", "--at", "indeed")
    assert (refused.code, len(opened)) == (1, 2)
    assert "has not named the posting's address" in refused.stderr


async def test_a_retry_of_a_closed_job_says_when_it_was_closed_and_an_unknown_one_is_said_to_be(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job)
    await lifecycle.result()
    ended = (await lifecycle.describe()).close_time
    assert ended is not None
    said = await cli("retry", f"1234/{job}", "--json")
    assert said.code == 1
    assert f"was closed at {ended:%Y-%m-%d %H:%M:%S} UTC" in said.json["results"][0]["problem"]

    said = await cli("retry", "1234/777777", "--json")
    assert "is not known" in said.json["results"][0]["problem"]
    said = await cli("close", "1234/777777", "--json")
    assert said.json["results"][0]["sending"] == "started"
    assert "no event ever came for this job" in said.json["results"][0]["note"]
    assert (await cli("close", f"1234/{job}", "--json")).json["results"][0]["note"] is None


async def test_a_limit_says_of_how_many_and_a_receipt_keeps_its_insides_to_itself(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    for _ in range(2):
        await (await send(client, settings, job)).result()
    wanted = ("jobs", "--closed", "--query", f"JobId = '{job}'")
    await eventually(lambda: cli(*wanted, "--json"), lambda said: len(said.json["jobs"]) == 2)
    assert "1 of 2 shown (--limit): 2 closed" in (await cli(*wanted, "--limit", "1")).stdout
    assert "2 in all: 2 closed" in (await cli(*wanted)).stdout

    board = (await cli("receipt", f"1234/{job}")).json["boards"]["linkedin"]
    assert {"state", "outcome", "evidence", "since"} <= set(board)
    assert set(board) & {"submitted", "look", "ask_ats", "earlier", "conflict", "resend", "awaiting"} == set()


async def test_the_values_of_a_category_are_listed(cli: Cli) -> None:
    said = await cli("jobs", "--help")
    assert "out_of_slots" in said.stdout
    assert "credentials" in said.stdout
