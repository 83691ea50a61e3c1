"""`bulk-close`, `offboard`, `pause`, `resume`: runs over many jobs without JSON typed by hand."""

import pytest
from temporalio.client import Client

from boardsync.jobs import runs
from config.settings import Settings
from models.bulk import BulkResult, Fate
from models.states import Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.bulk import Run, progress
from tests.support.cli import Cli
from tests.support.lifecycles import eventually, handle, indeed_of, linkedin_of, send

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at a run often."""
    monkeypatch.setattr(runs, "LOOK_EVERY", 0.1)


async def test_many_jobs_are_closed_once_it_is_said_so(client: Client, cli: Cli, boards: Boards, job: str) -> None:
    other = str(int(job) + 800_000)
    await boards.add_job(other)
    names = [f"1234/{each}" for each in (job, other)]
    dry = await cli("bulk-close", *names, "--id", f"dry-{job}")
    assert dry.code == 0
    assert "Nothing was done: this was a dry run." in dry.stdout
    assert await boards.writes(job) == []
    said = await cli("bulk-close", *names, "--act", "--reason", "site closes", "--id", f"real-{job}", "--json")
    result = BulkResult.model_validate(said.json["result"])
    assert (said.code, sorted(result.jobs[Fate.CLOSED])) == (0, sorted(names))
    receipt = await handle(client, job).result()
    assert [(each.what, each.reason) for each in receipt.received] == [("signal close", "site closes")]


async def test_leaving_a_client_can_be_paused_and_goes_on(client: Client, cli: Cli, boards: Boards, job: str) -> None:
    name = f"offboarding-{job}"
    begun = await cli("offboard", "1234", "--act", "--id", name, "--detach", "--json")
    assert (begun.code, begun.json) == (0, {"run": name})
    assert (await cli("pause", name, "--by", "Ana", "--reason", "the client calls")).code == 0
    run: Run = client.get_workflow_handle(name, result_type=BulkResult)
    told = await eventually(lambda: progress(run), lambda seen: bool(seen.received))
    assert [(each.what, each.by) for each in told.received] == [("signal pause", "Ana")]
    again = await cli("offboard", "1234", "--id", name)
    if again.code:  # unless the run has ended by then
        assert "goes on already" in again.stderr
    assert (await cli("resume", name)).code in {0, 1}
    assert (await run.result()).refused == ()


async def test_what_is_no_run_is_refused(cli: Cli) -> None:
    assert "no run nobody goes on" in (await cli("pause", "nobody")).stderr
    assert (await cli("bulk-close")).code == 2
    assert (await cli("bulk-close", "1234/1", "5678/2")).code == 2
    assert (await cli("offboard", "a client")).code == 2
    empty = await cli("bulk-close", "--from", "-", stdin="# none yet\n")
    assert (empty.code, "names no job" in empty.stderr) == (2, True)


async def test_a_run_for_nobody_is_not_begun_and_a_lifecycle_is_no_run(
    client: Client, cli: Cli, settings: Settings, job: str
) -> None:
    for words in (("offboard", "999"), ("bulk-close", "999/1")):
        said = await cli(*words)
        assert (said.code, "999 is not in the configuration" in said.stderr) == (2, True)
    lifecycle = await send(client, settings, job, Intent.POSTED)
    for signal in ("pause", "resume"):
        said = await cli(signal, lifecycle.id)
        assert (said.code, "is no run over many jobs" in said.stderr) == (2, True)
    await lifecycle.terminate()


async def test_a_close_of_a_job_that_no_board_knows_says_so_and_asks_nobody(
    client: Client, cli: Cli, boards: Boards, job: str
) -> None:
    unknown = str(int(job) + 900_000)
    said = await cli("close", f"1234/{unknown}", "--wait", "--json")
    (result,) = said.json["results"]
    assert (said.code, result["standing"]["phase"]) == (0, "not_found")
    receipt = await handle(client, unknown).result()
    assert (receipt.phase, linkedin_of(receipt).outcome) == (Phase.NOT_FOUND, Outcome.NOT_FOUND)
    assert indeed_of(receipt).outcome is Outcome.NOT_FOUND
    assert await boards.writes(unknown) == []
    text = (await cli("close", f"1234/{unknown}", "--wait")).stdout
    assert "proves nothing" in text or "no such job" in text
