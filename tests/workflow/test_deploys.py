"""A build whose code is broken is given a share of open lifecycles, seen to fail, and taken back: none is harmed."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import VersioningBehavior as Told
from temporalio.client import Client, WorkflowHandle
from temporalio.common import VersioningBehavior

import worker
from config.settings import Settings
from models.states import Intent, Outcome, Phase
from models.temporal import JOB_POSTING, Queue
from runtime.deployments import Deployment, begin, read_deployment
from runtime.metrics.census import FAILING_WORKFLOWS, take_census
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.guides import blocks
from tests.support.lifecycles import Handle, eventually, indeed_of, linkedin_of, send, state
from tests.support.sizes import LONG
from tests.support.temporal import FAILS_AGAIN_AFTER, client_of, running_temporal
from tests.support.workers import running_workers

LIFECYCLES, SHARE = (200, 10) if LONG else (20, 50)
"""With `make test-long` as many lifecycles and as small a share as the drill of docs/deploys.md has."""
SHORT = "Short"
SOON_A_PROBLEM = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
GOOD, BROKEN, NEXT = "0.2.0+aaaaaaaaaaaa", "0.2.1+bbbbbbbbbbbb", "0.2.2+cccccccccccc"


@workflow.defn(name=JOB_POSTING, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class BrokenJobPosting:
    """A lifecycle with a bug that no test has found."""

    @workflow.run
    async def run(self, *_: object) -> None:
        """Fail each step."""
        raise RuntimeError("a bug")


@workflow.defn(name=SHORT, versioning_behavior=VersioningBehavior.PINNED)
class Short:
    """What ends by itself: here when it is told to."""

    def __init__(self) -> None:
        """Wait."""
        self.told = False

    @workflow.run
    async def run(self) -> str:
        """End once it is told to."""
        await workflow.wait_condition(lambda: self.told)
        return "done"

    @workflow.signal
    def go_on(self) -> None:
        """Tell it."""
        self.told = True


@workflow.defn(name=SHORT, versioning_behavior=VersioningBehavior.PINNED)
class BrokenShort:
    """The same with a bug that shows late."""

    def __init__(self) -> None:
        """Wait."""
        self.told = False

    @workflow.run
    async def run(self) -> str:
        """Fail once it is told to end."""
        await workflow.wait_condition(lambda: self.told)
        raise RuntimeError("a bug")

    @workflow.signal
    def go_on(self) -> None:
        """Tell it."""
        self.told = True


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Run a server of its own: builds would keep the workers of other tests from their work."""
    fails_again_soon = f'history.defaultWorkflowTaskTimeout="{FAILS_AGAIN_AFTER.total_seconds():g}s"'
    async with running_temporal(dynamic_config=[SOON_A_PROBLEM, fails_again_soon]) as address:
        yield address


@pytest.fixture
def versioned(settings: Settings) -> Settings:
    return settings.model_copy(update={"worker": settings.worker.model_copy(update={"versioning": True})})


async def known(client: Client, build: str) -> bool:
    return build in {each.build_id for each in (await read_deployment(client)).builds}


async def changed(cli: Cli, *words: str) -> Deployment:
    """Give a command until Temporal has heard of every queue of a build that has just come."""

    async def done() -> Deployment | None:
        said = await cli("deploy", *words, "--json")
        return Deployment.model_validate(said.json) if said.code == 0 else None

    found = await eventually(done, lambda result: result is not None)
    assert found is not None
    return found


async def open_all(client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]) -> list[Handle]:
    jobs = [next(job_ids) for _ in range(LIFECYCLES)]
    await asyncio.gather(*(boards.add_job(each) for each in jobs))
    opened = [await send(client, settings, each, Intent.POSTED) for each in jobs]
    for each in opened:
        await eventually(lambda each=each: state(each), lambda seen: seen.phase is Phase.OPEN)  # type: ignore[misc]
    return opened


def cli_of(address: str) -> Cli:
    return Cli({"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": ""})


async def behavior(of: WorkflowHandle[Any, Any]) -> Told.ValueType:
    """Return what Temporal was told of a workflow."""
    described = await of.describe()
    return described.raw_description.workflow_execution_info.versioning_info.behavior


async def failing(cli: Cli) -> int:
    said = await cli("deploy", "status", "--json")
    return int(said.json["failing"])


async def started(
    stack: AsyncExitStack, client: Client, settings: Settings, build: str, classes: Sequence[type] | None = None
) -> None:
    """Start workers of a build, with other lifecycle classes where they are given, and wait until it is known."""
    with pytest.MonkeyPatch.context() as patched:
        if classes is not None:
            patched.setattr(worker, "WORKFLOWS", {**worker.WORKFLOWS, Queue.JOB_POSTINGS: classes})
        await stack.enter_async_context(running_workers(client, settings, build=build))
    await eventually(lambda: known(client, build), bool)


@pytest.mark.timeout(900 if LONG else 300)
async def test_a_broken_build_is_ramped_seen_and_taken_back_and_no_lifecycle_is_harmed(
    address: str,
    versioned: Settings,
    boards: Boards,
    job_ids: Iterator[str],
) -> None:
    client = await client_of(address)
    cli = cli_of(address)
    assert "no worker with a version" in (await cli("deploy", "status")).stdout
    assert (await cli("deploy", "rollback")).code == 1
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running_workers(client, versioned, build=GOOD))
        await begin(client, GOOD)
        assert (await read_deployment(client)).current == GOOD
        opened = await open_all(client, versioned, boards, job_ids)

        assert await behavior(opened[0]) == Told.VERSIONING_BEHAVIOR_AUTO_UPGRADE
        await started(stack, client, versioned, BROKEN, [BrokenJobPosting])
        await begin(client, BROKEN)
        assert (await read_deployment(client)).current == GOOD, "a later build waits for a person"
        assert (await cli("deploy", "ramp", "no-such-build", "10")).code == 2
        now = await changed(cli, "ramp", BROKEN, str(SHARE))
        assert (now.current, now.ramping, now.percentage) == (GOOD, BROKEN, SHARE)

        for each in opened:
            await send(client, versioned, each.id.rpartition("-")[2])
        assert await eventually(lambda: failing(cli), bool)
        assert (await cli("deploy", "status")).code == 3
        await take_census(client)
        assert FAILING_WORKFLOWS._value.get() > 0
        now = await changed(cli, "rollback")
        assert (now.current, now.ramping) == (GOOD, None)

        receipts = await asyncio.gather(*(each.result() for each in opened))
        assert {linkedin_of(each).outcome for each in receipts} == {Outcome.CLOSED}
        assert {indeed_of(each).outcome for each in receipts} == {Outcome.CLEARED}
        await eventually(lambda: failing(cli), lambda count: count == 0)

        await started(stack, client, versioned, NEXT)
        assert (await changed(cli, "promote", NEXT)).current == NEXT
        assert (await changed(cli, "rollback")).current == GOOD


@pytest.mark.timeout(300)
async def test_short_workflows_end_with_their_build_and_a_rollback_frees_those_that_cannot(
    address: str, versioned: Settings
) -> None:
    client = await client_of(address)
    cli = cli_of(address)

    async def short(name: str) -> WorkflowHandle[Any, Any]:
        return await client.start_workflow(SHORT, id=name, task_queue=Queue.JOB_POSTINGS.value, result_type=str)

    async def pinned(name: str) -> bool:
        return await behavior(client.get_workflow_handle(name)) == Told.VERSIONING_BEHAVIOR_PINNED

    async with AsyncExitStack() as stack:
        await started(stack, client, versioned, GOOD, [Short])
        await begin(client, GOOD)
        before = await short("begun-before")
        await eventually(lambda: pinned("begun-before"), bool)
        await started(stack, client, versioned, BROKEN, [BrokenShort])
        assert (await changed(cli, "promote", BROKEN)).current == BROKEN
        after = await short("begun-after")
        await eventually(lambda: pinned("begun-after"), bool)

        for each in (before, after):
            await each.signal("go_on")
        assert await before.result() == "done", "it ends with the build that began it"
        assert await eventually(lambda: failing(cli), bool)
        assert (await changed(cli, "rollback")).current == GOOD
        assert await after.result() == "done"


def test_every_workflow_says_which_build_goes_on_with_it() -> None:
    said = {
        each.__name__: workflow._Definition.must_from_class(each).versioning_behavior
        for classes in worker.WORKFLOWS.values()
        for each in classes
    }
    pinned = {name for name, behavior in said.items() if behavior is VersioningBehavior.PINNED}
    assert pinned == {"Recheck", "Reconcile", "LedgerUpkeep", "LinkedInResync"}
    assert {behavior for name, behavior in said.items() if name not in pinned} == {VersioningBehavior.AUTO_UPGRADE}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("page", ["docs/deploys.md", "docs/command-line.md"])
async def test_the_guides_commands_do_as_printed(address: str, versioned: Settings, page: str) -> None:
    client, cli = await client_of(address), cli_of(address)
    lines = [line for block in blocks(page) for line in block.splitlines() if line.startswith("boardsync deploy")]
    async with AsyncExitStack() as stack:
        await started(stack, client, versioned, GOOD)
        await begin(client, GOOD)
        await started(stack, client, versioned, "0.2.1+bbbbbbbbbbbb")
        for line in lines:
            _, _, *words = shlex.split(line, comments=True)
            if words == ["status"]:
                assert (await cli("deploy", *words)).code == 0
            else:
                await changed(cli, *words)
    assert (await read_deployment(client)).current == GOOD
