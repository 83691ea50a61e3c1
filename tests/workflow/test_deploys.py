"""A build whose code is broken is given a share of open lifecycles, seen to fail, and taken back: none is harmed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior

import worker
from config.settings import Settings
from models.states import Intent, Outcome, Phase
from models.temporal import JOB_POSTING, Queue
from runtime.deployments import Deployment, begin, read_deployment
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.lifecycles import Handle, eventually, indeed_of, linkedin_of, send, state
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

LIFECYCLES = 20
SOON_A_PROBLEM = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
GOOD, BROKEN, NEXT = "0.2.0+aaaaaaaaaaaa", "0.2.1+bbbbbbbbbbbb", "0.2.2+cccccccccccc"


@workflow.defn(name=JOB_POSTING, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class BrokenJobPosting:
    """A lifecycle with a bug that no test has found."""

    @workflow.run
    async def run(self, *_: object) -> None:
        """Fail each step."""
        raise RuntimeError("a bug")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Run a server of its own: builds would keep the workers of other tests from their work."""
    async with running_temporal(dynamic_config=[SOON_A_PROBLEM]) as address:
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


async def failing(cli: Cli) -> int:
    said = await cli("deploy", "status", "--json")
    return int(said.json["failing"])


@pytest.mark.timeout(300)
async def test_a_broken_build_is_ramped_seen_and_taken_back_and_no_lifecycle_is_harmed(
    address: str,
    versioned: Settings,
    boards: Boards,
    job_ids: Iterator[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = await client_of(address)
    cli = Cli({"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": ""})
    assert "no worker with a version" in (await cli("deploy", "status")).stdout
    assert (await cli("deploy", "rollback")).code == 1
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running_workers(client, versioned, build=GOOD))
        await begin(client, GOOD)
        assert (await read_deployment(client)).current == GOOD
        opened = await open_all(client, versioned, boards, job_ids)

        broken = {**worker.WORKFLOWS, Queue.JOB_POSTINGS: [BrokenJobPosting]}
        with monkeypatch.context() as patched:
            patched.setattr(worker, "WORKFLOWS", broken)
            await stack.enter_async_context(running_workers(client, versioned, build=BROKEN))
        await eventually(lambda: known(client, BROKEN), bool)
        await begin(client, BROKEN)
        assert (await read_deployment(client)).current == GOOD, "a later build waits for a person"
        assert (await cli("deploy", "ramp", "no-such-build", "10")).code == 2
        now = await changed(cli, "ramp", BROKEN, "50")
        assert (now.current, now.ramping, now.percentage) == (GOOD, BROKEN, 50.0)

        for each in opened:
            await send(client, versioned, each.id.rpartition("-")[2])
        assert await eventually(lambda: failing(cli), bool)
        assert (await cli("deploy", "status")).code == 3
        now = await changed(cli, "rollback")
        assert (now.current, now.ramping) == (GOOD, None)

        receipts = await asyncio.gather(*(each.result() for each in opened))
        assert {linkedin_of(each).outcome for each in receipts} == {Outcome.CLOSED}
        assert {indeed_of(each).outcome for each in receipts} == {Outcome.CLEARED}
        await eventually(lambda: failing(cli), lambda count: count == 0)

        await stack.enter_async_context(running_workers(client, versioned, build=NEXT))
        await eventually(lambda: known(client, NEXT), bool)
        assert (await changed(cli, "promote", NEXT)).current == NEXT
        assert (await changed(cli, "rollback")).current == GOOD
