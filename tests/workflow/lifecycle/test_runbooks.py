"""Each category of attention is brought about and ended by the very commands of its runbook."""

import asyncio
import json
from asyncio.subprocess import DEVNULL
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import httpx
import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus

from activities.indeed.pacing import shared_out
from boardsync.jobs.attention import METADATA, read_needs
from boardsync.local.stack import temporal_executable
from config.loading import parse_settings
from config.settings import Settings
from models.causes import CauseReport
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Phase
from models.temporal import ATTENTION, CAUSE, COMMON_CAUSE, ENDPOINT_HEALTH, Queue
from runtime.schedules import schedule_endpoint_health
from tests.support.boards import CUSTOMER, Boards, control_of
from tests.support.cli import Cli
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import Handle, eventually, handle, state
from tests.support.processes import ROOT, spawn
from tests.support.runbooks import Curl, Runbook, runbooks
from tests.support.settings import raw_settings
from tests.support.webhooks import webhook_settings
from tests.support.workers import running_workers

EXAMPLE = "1209"
AUTH = {"Authorization": basic("icims-1234", "webhook-secret-1234")}


def impatient(urls: dict[str, str]) -> Settings:
    raw = raw_settings(urls, attention_after="4s", confirm_within="2s")
    raw["customers"][0]["closing_statuses"] = ["9782"]
    return parse_settings(raw, {}, base=ROOT)


def asking(urls: dict[str, str]) -> Settings:
    raw = raw_settings(urls)
    raw["customers"][0]["indeed"]["ask_when_hidden"] = True
    return parse_settings(raw, {}, base=ROOT)


class Shell:
    """Run the commands of a runbook for a job of the test's own, against its servers."""

    def __init__(self, client: Client, address: str, servers: dict[str, httpx.AsyncClient], job: str) -> None:
        self._client, self._address, self._servers, self._job = client, address, servers, job

    async def run(self, commands: list[list[str]]) -> None:
        for words in commands:
            words = [word.replace(EXAMPLE, self._job) for word in words]  # noqa: PLW2901 -- as a shell fills in
            match words[0]:
                case "curl":
                    await self._curl(Curl.of(words))
                case "sleep":  # until the job is closed, or posted and at rest
                    await eventually(lambda: is_over(handle(self._client, self._job)), bool)
                case "temporal":
                    command = [temporal_executable(), *words[1:], "--address", self._address]
                    sent = await (await spawn(command, stderr=DEVNULL)).wait() == 0
                    # Where Boardsync goes on by itself it may be done before the signal.
                    assert sent or await is_over(handle(self._client, self._job)), words
                case _:
                    pytest.fail(f"an unknown command: {words}")

    async def _curl(self, command: Curl) -> None:
        http = self._servers[command.port]
        gateway = str(self._servers["8080"].base_url).rstrip("/")
        body = json.loads(json.dumps(command.body).replace("http://127.0.0.1:8080", gateway))
        reply = await http.request(command.method, command.path, json=body, headers=AUTH)
        assert reply.is_success or reply.status_code == 303, reply.text


async def asked_by(client: Client, category: str) -> set[str]:
    """Return what `boardsync attention` shows of a category: the jobs, and the kinds of other workflows.

    A cause asks for all the jobs that wait for it.
    """
    needs = await read_needs(client, customer=None, category=Category(category))
    # A lifecycle that a busy machine did not let answer is said to be not known, and asked again.
    needs = [need for need in needs if not need.reason.startswith("Its state is not known")]
    assert all(need.reason and need.remedy for need in needs)
    found: set[str] = set()
    for need in needs:
        found |= await jobs_of_cause(client, need.workflow_id) if need.kind == COMMON_CAUSE else set()
        found |= {need.job_id or need.kind}
    return found


async def jobs_of_cause(client: Client, workflow_id: str) -> set[str]:
    cause: CauseReport = await client.get_workflow_handle(workflow_id).query(CAUSE, result_type=CauseReport)
    return set(cause.job_ids)


def asked_for(seen: Lifecycle) -> list[str]:
    asked = [seen.attention, *(record.attention for _, record in seen.boards.used)]
    return [each.category.value for each in asked if each]


async def in_attention(lifecycle: Handle, book: Runbook) -> None:
    # A machine under load may ask for a person where no step was taken up in time, and mends that by itself.
    await eventually(lambda: state(lifecycle), lambda seen: asked_for(seen) == [book.heading], within=60)


async def is_found(client: Client, job: str, book: Runbook) -> None:
    """See that a job asks for a person, and that operators and queries find it by that."""
    await in_attention(handle(client, job), book)
    await eventually(partial(asked_by, client, book.heading), {job}.issubset)
    query = f"JobId = '{job}' AND CustomerId = '{CUSTOMER}' AND {ATTENTION.name} = '{book.heading}'"
    await eventually(lambda: client.count_workflows(query), lambda found: found.count >= 1)


async def what_asks(lifecycle: Handle) -> Lifecycle | None:
    """Return a lifecycle that is not over yet."""
    return None if await is_over(lifecycle) else await state(lifecycle)


async def is_over(lifecycle: Handle) -> bool:
    described = await lifecycle.describe()
    if described.status is WorkflowExecutionStatus.COMPLETED:
        return True
    return (await state(lifecycle)).phase is Phase.OPEN


async def all_are_told(cli: Cli, client: Client, books: dict[str, Runbook]) -> None:
    """See that the command line lists each job, and that the Web UI's details hold the words."""
    said = await cli("attention", "--customer", CUSTOMER, "--json")
    listed = {need["job_id"]: need for need in said.json["attention"]}
    for need in said.json["attention"]:
        if need["kind"] == COMMON_CAUSE:
            listed |= dict.fromkeys(await jobs_of_cause(client, need["workflow_id"]), need)
    for job, book in books.items():
        assert listed[job]["category"] == book.heading
        shown: WorkflowMetadata = await handle(client, job).query(METADATA, result_type=WorkflowMetadata)
        assert listed[job]["remedy"][:40] in shown.current_details


@pytest.mark.timeout(400)
async def test_each_category_is_seen_and_ended_by_following_its_runbook(
    client: Client, temporal: str, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    books = {next(job_ids): book for book in runbooks() if book.heading != Category.WEBHOOK_BLOCKED}
    for job in books:
        await boards.add_job(job)
    async with (
        running_workers(client, asking(sandbox_urls), shared_out=shared_out(client)),
        running_gateway(client, impatient(sandbox_urls)) as gateway,
        control_of(sandbox_urls) as control,
    ):
        shells = {job: Shell(client, temporal, {"8080": gateway, "9100": control}, job) for job in books}
        # One after the other: where two jobs are closed by one request, the fault of one spoils that of the other.
        for job, book in books.items():
            await shells[job].run(book.commands("Try it"))
            await in_attention(handle(client, job), book)
        await asyncio.gather(*(is_found(client, job, book) for job, book in books.items()))
        await all_are_told(Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default"}), client, books)
        # One after the other: a sandbox forgets its faults as a whole.
        for job, book in books.items():
            await shells[job].run(book.commands("End it"))
        for job in books:
            await eventually(partial(what_asks, handle(client, job)), lambda seen: seen is None)
        for category in {book.heading for book in books.values()}:
            await eventually(partial(asked_by, client, category), books.keys().isdisjoint)
        for job in books:
            if (await handle(client, job).describe()).status is WorkflowExecutionStatus.RUNNING:
                await handle(client, job).terminate()


async def test_a_blocked_webhook_is_seen_and_ended_by_following_its_runbook(
    client: Client, temporal: str, sandbox_urls: dict[str, str], boards: Boards
) -> None:
    (book,) = (each for each in runbooks() if each.heading == Category.WEBHOOK_BLOCKED)
    settings = Settings.model_validate(webhook_settings(sandbox_urls, endpoint_check_every="1s"))
    blocked = f"WorkflowType = '{ENDPOINT_HEALTH}' AND {ATTENTION.name} = '{book.heading}'"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running_workers(client, settings, [Queue.JOB_POSTINGS, Queue.OPERATIONS]))
        gateway = await stack.enter_async_context(running_gateway(client, settings))
        control = await stack.enter_async_context(control_of(sandbox_urls))
        shell = Shell(client, temporal, {"8080": gateway, "9100": control}, EXAMPLE)
        await schedule_endpoint_health(client, settings)
        await shell.run(book.commands("Try it"))
        await eventually(
            lambda: client.count_workflows(f"{blocked} AND ExecutionStatus = 'Running'"), lambda n: n.count >= 1
        )
        assert await asked_by(client, book.heading) == {ENDPOINT_HEALTH}
        await shell.run(book.commands("End it"))
        await eventually(
            lambda: client.count_workflows(f"{blocked} AND ExecutionStatus = 'Running'"), lambda n: n.count == 0
        )
        without = settings.model_copy(update={"linkedin": settings.linkedin.model_copy(update={"parent": None})})
        await schedule_endpoint_health(client, without)  # removes the schedule
