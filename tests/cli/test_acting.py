"""`close`, `update`, `clear`, `retry` and `confirm`: one job, a list, a query; asked before, waited for after."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import Client

from boardsync.jobs import waiting as standing
from boardsync.jobs.lifecycles import query_lifecycle
from config.settings import Settings
from models.lifecycle import Lifecycle
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.lifecycles import Handle, eventually, handle, send, state, without_slots
from tests.support.webhooks import signals

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
async def three(boards: Boards, job: str) -> list[str]:
    """Return three jobs on both boards."""
    more = [str(int(job) + offset) for offset in (600_000, 700_000)]
    for each in more:
        await boards.add_job(each)
    return [job, *more]


async def test_a_close_starts_the_lifecycle_of_an_unknown_job_and_is_waited_for(
    client: Client, cli: Cli, boards: Boards, job: str
) -> None:
    said = await cli("close", f"1234/{job}", "--by", "Ana", "--reason", "filled by phone", "--wait", "--json")
    (result,) = said.json["results"]
    assert (said.code, result["sending"], result["problem"]) == (0, "started", None)
    assert result["standing"]["phase"] == "closed"
    assert result["standing"]["settled"] is True
    assert "Closed on LinkedIn" in result["standing"]["said"]
    receipt = await handle(client, job).result()
    assert [(each.what, each.by, each.reason) for each in receipt.received] == [
        ("signal close", "Ana", "filled by phone")
    ]
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


async def test_a_close_reaches_an_open_lifecycle_by_signal(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    said = await cli("close", f"job-1234-{job}", "--wait", "--json", BOARDSYNC_CONFIG=None)
    assert (said.code, said.json["results"][0]["sending"]) == (0, "sent")
    assert (await lifecycle.result()).received[-1].what == "signal close"


async def test_a_retry_ends_what_needed_a_person(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    still = await cli("retry", f"1234/{job}", "--wait", "--json")
    assert (still.code, still.json["results"][0]["standing"]["phase"]) == (3, "attention")
    assert "LinkedIn: The customer's LinkedIn contract has no" in still.json["results"][0]["standing"]["said"]
    await boards.clear_faults()
    said = await cli("retry", f"1234/{job}", "--by", "Ana", "--reason", "slots bought", "--wait")
    assert said.code == 0
    assert "closed" in said.stdout
    assert (await lifecycle.result()).received[-1].by == "Ana"


async def test_a_confirm_that_waits_tells_what_the_board_says_now(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    said = await cli("confirm", f"1234/{job}", "--wait", "--json")
    assert said.code == 3
    assert said.json["results"][0]["standing"]["settled"] is False
    await boards.change_job(job, linkedin={"listed": False})
    said = await cli("confirm", f"1234/{job}", "--wait", "--json")
    stands = said.json["results"][0]["standing"]
    assert (said.code, stands["phase"]) == (0, "closed"), stands
    await lifecycle.result()
    assert "linkedin.submit" not in await boards.writes(job)


async def test_a_job_that_closes_while_it_is_looked_at_is_not_said_to_need_a_person(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    loop = asyncio.get_running_loop()

    async def closes() -> None:
        await boards.change_job(job, linkedin={"listed": False})
        await lifecycle.result()

    async def query(asked: Handle) -> Lifecycle:
        seen = await query_lifecycle(asked)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(closes(), loop))
        return seen

    monkeypatch.setattr(standing, "query_lifecycle", query)
    said = await cli("confirm", f"1234/{job}", "--wait", "--json")
    assert (said.code, said.json["results"][0]["standing"]["phase"]) == (0, "closed")


async def test_a_list_is_acted_on_and_each_job_has_its_own_result(
    client: Client, settings: Settings, cli: Cli, three: list[str], tmp_path: Path
) -> None:
    lifecycle = await send(client, settings, three[0], Intent.POSTED)
    listed = tmp_path / "jobs.txt"
    listed.write_text(f"# as exported\n1234/{three[0]}\n\njob-1234-{three[1]}  # never posted\n1234 {three[0]}\n")
    said = await cli("confirm", "--from", str(listed), "--yes", "--json")
    assert said.code == 3
    assert [(each["job"], each["sending"]) for each in said.json["results"]] == [
        (f"1234/{three[0]}", "sent"),
        (f"1234/{three[1]}", "failed"),
    ]
    assert "Only `close` starts one" in said.json["results"][1]["problem"]
    piped = await cli("close", "--from", "-", "--yes", "--wait", stdin="\n".join(f"1234/{each}" for each in three))
    assert piped.code == 0
    for each in three:
        assert (await handle(client, each).result()).job_id == each
        assert f"1234/{each}" in piped.stdout
    await lifecycle.result()


async def test_jobs_are_found_by_what_needs_a_person(
    client: Client, settings: Settings, boards: Boards, cli: Cli, three: list[str]
) -> None:
    lifecycles = [await without_slots(client, settings, boards, each) for each in three]
    # Visibility lags behind: other tests' jobs may still be found by the category alone.
    these = ("--attention", "out_of_slots", "--query", f"JobId IN ({', '.join(map(repr, three))})")
    await eventually(
        lambda: cli("jobs", *these, "--count", "--json"), lambda said: said.json == {"counts": {"attention": 3}}
    )
    await boards.clear_faults()

    refused = await cli("retry", *these, "--customer", "1234")
    assert (refused.code, refused.stdout) == (1, "")
    assert f"1234/{three[0]}" in refused.stderr
    assert "nothing was sent: say --yes to send `retry` to 3 jobs" in refused.stderr
    assert {(await state(each)).phase for each in lifecycles} == {Phase.ATTENTION}

    said = await cli("retry", *these, "--customer", "1234", "--yes", "--wait", "--json")
    assert said.code == 0
    assert {each["standing"]["phase"] for each in said.json["results"]} == {"closed"}
    none = await eventually(lambda: cli("retry", *these, "--yes"), lambda said: "No job matches" in said.stdout)
    assert none.code == 0


async def test_an_update_sends_its_fields_and_a_clear_who_and_why(
    client: Client, settings: Settings, cli: Cli, job: str, tmp_path: Path
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    fields = tmp_path / "fields.json"
    fields.write_text('{"title": "from the file", "salary": {"currency": "USD"}}')
    pairs = ("--set", "title=Chef = cook", "--set", 'campaign_categories:=["a", "b"]')
    said = await cli("update", f"1234/{job}", *pairs, "--fields", str(fields), "--by", "Ana", "--reason", "asked for")
    assert said.code == 0
    cleared = await cli("clear", f"1234/{job}", "--by", "Ana")
    assert cleared.code == 0
    # A signal that comes while a worker decides is in the history only once it has decided.
    assert await eventually(lambda: signals(client, lifecycle.id, "clear"), bool) == [{"by": "Ana"}]
    assert await signals(client, lifecycle.id, "update") == [
        {
            "by": "Ana",
            "reason": "asked for",
            "fields": {"title": "Chef = cook", "salary": {"currency": "USD"}, "campaign_categories": ["a", "b"]},
        }
    ]
    told = [each["what"] for each in (await cli("show", f"1234/{job}", "--json")).json["timeline"]]
    assert "Ana sent `update` of title, salary, campaign_categories: asked for" in told
    assert "Ana sent `clear`." in told
    await lifecycle.terminate()


async def test_a_signal_that_the_lifecycle_refuses_is_told_with_the_reason(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    said = await cli("update", f"1234/{job}", "--set", "title=Chef", "--wait", "--json")
    stands = said.json["results"][0]["standing"]
    assert (said.code, stands["settled"]) == (3, False)
    assert stands["said"].startswith("refused `update`: the job is taken down")
    await boards.clear_faults()
    assert (await cli("retry", f"1234/{job}", "--wait")).code == 0
    await lifecycle.result()
