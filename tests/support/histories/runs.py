"""Scenarios of workflows over many jobs, sweeps, and what runs for a provider."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from models.operations import EndpointReport, EndpointWatch, ResyncRequest
from models.states import Intent, Phase
from models.sweeps import Rechecked, RecheckInput, Reconciled, ReconcileInput, StillLiveInput, StillLiveJobs
from models.temporal import (
    ENDPOINT_HEALTH,
    JOBS,
    LEDGER_UPKEEP,
    PROGRESS,
    RECHECK,
    RECONCILE,
    RESYNC_JOBS,
    STILL_LIVE,
    Queue,
)
from models.upkeep import Upkept
from tests.support.boards import CUSTOMER
from tests.support.bulk import bulk_close, offboard, progress
from tests.support.gateway import running_gateway
from tests.support.histories.world import World
from tests.support.lifecycles import eventually, in_phase

NOBODY = "http://127.0.0.1:1/webhooks/linkedin"
SOON = timedelta(milliseconds=200)


async def closing_many(world: World) -> None:
    """A list of jobs that is closed, paused in between."""
    jobs = [await world.job("bulk") for _ in range(12)]
    run = await bulk_close(world.client, "bulkclose-list", customer_id=CUSTOMER, job_ids=jobs, dry_run=False)
    await run.signal("pause", {"by": "Ana"})
    await eventually(lambda: run.query(PROGRESS), bool)
    await run.signal("resume", {"by": "Ana"})
    await run.result()


async def resync(world: World) -> None:
    """LinkedIn asks for jobs again, of which some are open."""
    jobs = [await world.job("resync") for _ in range(3)]
    for each in jobs[:2]:
        await in_phase(await world.send(each, Intent.POSTED), Phase.OPEN)
    request = ResyncRequest(customer_id=CUSTOMER, received_at=datetime.now(UTC), job_ids=tuple(jobs * 4), page_size=2)
    await world.client.execute_workflow(
        RESYNC_JOBS, request, id="linkedinresync-named", task_queue=Queue.JOB_POSTINGS.value
    )


async def blocked_webhook(world: World) -> None:
    """LinkedIn has blocked the webhook until it is validated again."""
    await world.boards.set(linkedin__webhook_url=NOBODY)
    for _ in range(2):
        await world.control.post("/webhooks/linkedin/validate")
    run = await world.client.start_workflow(
        ENDPOINT_HEALTH,
        EndpointWatch(every=SOON, attention_after=timedelta(seconds=3)),
        id="linkedinendpointhealth-blocked",
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=EndpointReport,
    )
    await eventually(run.describe, lambda seen: seen.search_attributes.get("Attention") == ["webhook_blocked"])
    await eventually(lambda: world.control.get("/counts"), lambda reply: reply.json().get("linkedin.webhooks", 0) > 8)
    async with running_gateway(world.client, world.settings) as gateway:
        await world.boards.set(linkedin__webhook_url=f"{gateway.base_url}/webhooks/linkedin")
        await run.result()
        await world.boards.set(linkedin__webhook_url=NOBODY)


async def looking_again(world: World) -> None:
    """What is due after closes is looked at; one job is live again."""
    job = await world.job("looked-at")
    await (await world.send(job)).result()
    await world.boards.change_job(job, linkedin={"listed": True, "silent": True})
    for number in range(2):
        await world.client.execute_workflow(
            RECHECK,
            RecheckInput(),
            id=f"recheck-due-{number}",
            task_queue=Queue.JOB_POSTINGS.value,
            result_type=Rechecked,
        )


async def still_live(world: World) -> None:
    """Postings that outlive their jobs, until a person accepts that; further ones come meanwhile."""
    jobs = [await world.job("still-live") for _ in range(4)]
    for each in jobs:
        await (await world.send(each)).result()
    run = await world.client.start_workflow(
        STILL_LIVE,
        StillLiveInput(customer_id=CUSTOMER, every=SOON),
        id="stilllive-accepted",
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=StillLiveJobs,
    )
    for each in jobs:
        await run.signal(JOBS, StillLiveJobs(job_ids=(each,)))
    await eventually(run.describe, lambda seen: seen.search_attributes.get("Phase") == ["attention"])
    if world.short:
        await eventually(run.describe, lambda seen: seen.run_id != run.first_execution_run_id)
    await run.signal("confirm", {"by": "Ana"})
    await run.result()


async def reconciling(world: World) -> None:
    """A customer compared: an unpost was lost, and a post."""
    unposted, posted = await world.job("lost-unpost"), await world.job("lost-post")
    await in_phase(await world.send(unposted, Intent.POSTED), Phase.OPEN)
    await world.boards.act("unpost", unposted, lost=True)
    await world.boards.act("post", posted, lost=True)
    await world.client.execute_workflow(
        RECONCILE,
        ReconcileInput(customer_id=CUSTOMER),
        id="reconcile-lost",
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=Reconciled,
    )


async def upkeep(world: World) -> None:
    """The ledger's checkpoint is signed and told."""
    await world.client.execute_workflow(
        LEDGER_UPKEEP, id="ledgerupkeep-daily", task_queue=Queue.JOB_POSTINGS.value, result_type=Upkept
    )


async def leaving(world: World) -> None:
    """A client leaves: dry, then in earnest. The last scenario, as it clears what is there."""
    await (await offboard(world.client, "clientoffboarding-dry", batch_size=10)).result()
    run = await offboard(world.client, "clientoffboarding-earnest", dry_run=False, batch_size=2, by="Ana")
    await eventually(lambda: progress(run), lambda seen: sum(seen.counts.values()) > 4)
    await run.result()


SCENARIOS: tuple[Callable[[World], Awaitable[None]], ...] = (
    closing_many,
    resync,
    blocked_webhook,
    looking_again,
    still_live,
    reconciling,
    upkeep,
    leaving,
)
