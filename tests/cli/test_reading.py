"""`jobs`, `show`, `attention` and `receipt` against real lifecycles."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from boardsync.jobs import attention as needs
from config.settings import Settings
from models.problems import Category
from models.states import Intent
from models.temporal import ATTENTION, CUSTOMER_ID, PHASE
from tests.support.boards import Boards
from tests.support.bulk import offboard
from tests.support.cli import Cli, Said
from tests.support.lifecycles import asks, eventually, linkedin_of, send, without_slots

pytestmark = pytest.mark.usefixtures("workers")


async def listed(cli: Cli, job: str, *words: str) -> Said:
    """List until visibility, which lags behind, knows the job."""
    query = ("--query", f"JobId = '{job}'", "--json")
    return await eventually(lambda: cli("jobs", *words, *query), lambda said: bool(said.json["jobs"]))


async def test_a_job_is_listed_by_what_its_search_attributes_say(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    said = await listed(cli, job, "--phase", "attention", "--linkedin", "attention", "--attention", "out_of_slots")
    (row,) = said.json["jobs"]
    assert (said.code, said.stderr) == (0, "")
    assert (row["customer_id"], row["job_id"], row["phase"], row["linkedin"]) == ("1234", job, "attention", "attention")
    assert (row["attention"], row["status"], row["closed_at"]) == ("out_of_slots", "running", None)
    assert said.json["counts"] == {"attention": 1}

    other = await cli("jobs", "--customer", "5678", "--query", f"JobId = '{job}'", "--json")
    old = await cli("jobs", "--older-than", "1h", "--query", f"JobId = '{job}'", "--json")
    assert (other.json, old.json) == ({"jobs": [], "counts": {}}, {"jobs": [], "counts": {}})
    shown = await cli("jobs", "--query", f"JobId = '{job}'")
    assert f"1234/{job}" in shown.stdout
    assert "1 in all: 1 attention" in shown.stdout
    await lifecycle.terminate()


async def test_closed_jobs_are_listed_and_counted_where_asked_for(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    await (await send(client, settings, job)).result()
    said = await listed(cli, job, "--closed")
    assert (said.json["jobs"][0]["status"], said.json["jobs"][0]["phase"]) == ("completed", "closed")
    assert (await cli("jobs", "--phase", "closed", "--query", f"JobId = '{job}'", "--json")).json["jobs"]
    assert not (await cli("jobs", "--query", f"JobId = '{job}'", "--json")).json["jobs"]
    counted = await cli("jobs", "--closed", "--count", "--query", f"JobId = '{job}'", "--json")
    assert counted.json == {"counts": {"closed": 1}}


@pytest.mark.parametrize("spelling", ["job-1234-{}", "1234/{}", "1234 {}"])
async def test_a_job_that_needs_a_person_is_shown_whole(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str, spelling: str
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    said = await cli("show", *spelling.format(job).split(), "--json")
    shown = said.json
    assert said.code == 0
    assert shown["lifecycle"]["boards"]["linkedin"]["attention"]["category"] == "out_of_slots"
    assert shown["receipt"] is None
    told = [each["what"] for each in shown["timeline"]]
    assert told[:2] == ["The lifecycle began.", "iCIMS unposted the job (JobUnpostToWebEvent, user 121)."]
    assert any("Ask LinkedIn to close the job: The customer's LinkedIn contract has" in each for each in told)
    assert shown["links"]["Temporal Web UI"] == f"http://ui.example.com/namespaces/default/workflows/job-1234-{job}"
    assert shown["links"]["Job page"].startswith(f"https://hooks.example.com/jobs/1234/{job}?key=")

    text = (await cli("show", f"1234/{job}")).stdout
    for part in ("Needs a person", "What to do: Free a slot", "What happened", "Temporal Web UI: http://ui.example"):
        assert part in text
    await lifecycle.terminate()


async def test_what_a_job_waits_for_is_shown_with_its_tries(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", job_id=job, times=None)
    lifecycle = await send(client, settings, job)
    said = await eventually(
        lambda: cli("show", f"1234/{job}", "--json"),
        lambda said: any(each["last_answer"] for each in said.json["under_way"]),
    )
    (step,) = [each for each in said.json["under_way"] if each["last_answer"]]
    assert step["what"] == "Read Indeed back: is it clear?"
    assert step["last_answer"].startswith("Indeed still shows what the agency set on the job")
    text = (await cli("show", f"1234/{job}")).stdout
    assert "What is awaited" in text
    assert "Indeed is read until none of our changes are left." in text
    await lifecycle.terminate()


async def test_a_closed_job_is_shown_by_its_receipt_and_exported(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    await (await send(client, settings, job)).result()
    shown = (await cli("show", f"1234/{job}", "--json")).json
    assert shown["lifecycle"] is None
    assert shown["receipt"]["boards"]["linkedin"]["outcome"] == "closed"
    assert shown["links"]["LinkedIn"].startswith("https://www.linkedin.com/jobs/view/")
    assert shown["timeline"][-1]["what"].endswith(
        "Closed on LinkedIn: it no longer lists the job. "
        "Our changes are off Indeed; the posting itself is still live, its feed decides."
    )
    assert "Receipt: job" in (await cli("show", f"1234/{job}")).stdout

    receipt = await cli("receipt", f"1234/{job}")
    assert (receipt.code, receipt.json["job_id"], receipt.json["boards"]["indeed"]["outcome"]) == (0, job, "cleared")
    lines = await eventually(
        lambda: cli("receipt", "--all", "--customer", "1234", "--since", "1h"), lambda said: job in said.stdout
    )
    assert any(f'"job_id": "{job}"' in line and line.startswith("{") for line in lines.stdout.splitlines())
    listed = await cli("receipt", "--all", "--customer", "1234", "--since", "1h", "--json")
    assert job in [each["job_id"] for each in listed.json["receipts"]]
    none = ("receipt", "--all", "--customer", "5678")
    assert ((await cli(*none)).stdout, (await cli(*none, "--json")).json) == ("", {"receipts": []})


async def test_a_job_that_is_not_closed_has_no_receipt_yet(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    said = await cli("receipt", f"1234/{job}")
    assert (said.code, said.stdout) == (3, "")
    assert f"job 1234/{job} is not closed yet" in said.stderr
    await lifecycle.terminate()
    said = await cli("receipt", f"1234/{job}")
    assert (said.code, said.stdout) == (1, "")
    shown = await cli("show", f"1234/{job}")
    assert "Terminated by" in shown.stdout
    assert "the lifecycle was terminated" in shown.stdout


async def test_what_needs_a_person_comes_oldest_first_with_its_remedy(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    later, without = (str(int(job) + number) for number in (500_000, 500_001))
    lifecycles = []
    for each in (job, later):
        if each != job:
            await boards.add_job(each)
        await boards.fault(
            "linkedin", "submit", "http", job_id=each, status=422, body={"message": "/title"}, times=None
        )
        lifecycles.append(await send(client, settings, each))
        await asks(lifecycles[-1], linkedin_of, Category.INVALID_POSTING)
    await boards.add_job(without)
    lifecycles.append(await without_slots(client, settings, boards, without))
    said = await eventually(
        lambda: cli("attention", "--customer", "1234", "--json"),
        lambda said: later in said.stdout and job in said.stdout and "linkedin.slots" in said.stdout,
    )
    assert said.code == 3
    asked = [each for each in said.json["attention"] if each["cause"] or each["job_id"] in {job, later, without}]
    first, second, cause = asked
    assert [first["job_id"], second["job_id"]] == [job, later]
    assert (first["where"], first["category"], first["cause"]) == ("LinkedIn", "invalid_posting", None)
    assert "retry" in first["remedy"]
    assert (cause["category"], cause["cause"], cause["jobs"]) == ("out_of_slots", "linkedin.slots", 1)
    text = (await cli("attention", "--category", "invalid_posting")).stdout
    assert f"1234/{job}  LinkedIn  invalid_posting" in text
    assert "What to do:    Free a slot" in (await cli("attention")).stdout
    rows = (await cli("jobs", "--cause", "linkedin.slots", "--json")).json["jobs"]
    assert [(row["job_id"], row["waits_for"]) for row in rows] == [(without, ["linkedin.slots"])]
    shown = (await cli("show", f"1234/{without}")).stdout
    assert "It waits for the end of linkedin.slots" in " ".join(shown.split()), "lines end where the terminal does"
    for lifecycle in lifecycles:
        await lifecycle.terminate()
    none = await cli("attention", "--customer", "5678", "--json")
    assert (none.code, none.json) == (0, {"attention": []})
    assert "Nothing needs a person." in (await cli("attention", "--customer", "5678")).stdout


@pytest.mark.usefixtures("refused_for_long")
async def test_a_run_over_many_jobs_asks_for_a_person_like_a_job(
    client: Client, boards: Boards, cli: Cli, job: str
) -> None:
    words = {"code": "FORBIDDEN", "message": "Unauthorized client"}
    await boards.fault("indeed", "find", "graphql_error", customer_id="1234", times=None, **words)
    run = await offboard(client, f"offboarding-{job}")
    said = await eventually(lambda: cli("attention", "--json"), lambda said: run.id in said.stdout)
    (need,) = (each for each in said.json["attention"] if each["workflow_id"] == run.id)
    assert (need["kind"], need["category"], need["customer_id"]) == ("ClientOffboarding", "credentials", "1234")
    assert need["reason"].startswith("Indeed does not authorise")
    assert "`resume`" in need["remedy"]
    await run.terminate()


@workflow.defn(name="AsksForAPerson", sandboxed=False)
class AsksForAPerson:
    """Stands for a workflow other than a job's that needs a person."""

    @workflow.run
    async def run(self) -> None:
        workflow.set_current_details("Indeed refuses the import. What to do: correct the file.")
        await workflow.wait_condition(lambda: False)


@pytest.mark.parametrize("with_worker", [True, False])
async def test_other_workflows_that_need_a_person_are_shown_by_what_they_show_of_themselves(
    client: Client, cli: Cli, job: str, with_worker: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_worker:
        monkeypatch.setattr(needs, "QUERY_WITHIN", timedelta(milliseconds=500))
    attributes = TypedSearchAttributes(
        [SearchAttributePair(PHASE, "attention"), SearchAttributePair(ATTENTION, "refused"),
         SearchAttributePair(CUSTOMER_ID, "77")]
    )  # fmt: skip
    queue, id_ = f"others-{job}", f"import-{job}"
    async with AsyncExitStack() as stack:
        if with_worker:
            await stack.enter_async_context(Worker(client, task_queue=queue, workflows=[AsksForAPerson]))
        other = await client.start_workflow(
            "AsksForAPerson", id=id_, task_queue=queue, search_attributes=attributes, static_details="An import."
        )
        said = await eventually(lambda: cli("attention", "--customer", "77", "--json"), lambda said: id_ in said.stdout)
        (need,) = said.json["attention"]
        await other.terminate()
    assert (said.code, need["kind"], need["category"], need["job_id"]) == (3, "AsksForAPerson", "refused", None)
    shown = "Indeed refuses the import. What to do: correct the file." if with_worker else "An import."
    assert need["reason"] == shown


async def test_the_configuration_is_only_needed_for_links(
    client: Client, settings: Settings, cli: Cli, job: str, tmp_path: Path
) -> None:
    await (await send(client, settings, job)).result()
    shown = await cli("show", f"1234/{job}", "--json", BOARDSYNC_CONFIG=None)
    assert list(shown.json["links"]) == ["LinkedIn"]
    broken = tmp_path / "broken.toml"
    broken.write_text("[gatevay]\n")
    said = await cli("show", f"1234/{job}", "--config", str(broken))
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr == "boardsync: customers: required, but missing\n"
