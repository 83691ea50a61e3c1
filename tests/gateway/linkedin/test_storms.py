"""Many notifications at once, forged ones among them, and while Temporal is killed: what is acknowledged is kept."""

import asyncio
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from config.settings import Settings
from models.states import Intent
from runtime.connection import connect
from tests.gateway.linkedin.sending import post, told
from tests.support.boards import CUSTOMER
from tests.support.gateway import running_gateway
from tests.support.lifecycles import event, eventually, handle
from tests.support.processes import HOST, end, free_port, spawn
from tests.support.settings import without_store
from tests.support.temporal import client_of, server_command
from tests.support.webhooks import (
    CHILD_SECRET,
    OTHER_SECRET,
    PARENT_SECRET,
    notice,
)
from webhook_gateway import dispatch, hints
from webhook_gateway.dispatch import Dispatcher

JOBS, NOTICES = 40, 1_000
PATIENT, IMPATIENT = 120.0, 1.0


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Temporal take its time: a busy machine is no outage."""
    monkeypatch.setattr(dispatch, "TOTAL_TIMEOUT", PATIENT)
    for module in (dispatch, hints):
        monkeypatch.setattr(module, "RPC_TIMEOUT", timedelta(seconds=PATIENT))


async def start_quietly(client: Client, settings: Settings, job_id: str) -> None:
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    await Dispatcher(client, settings).ats_event(customer, job_id, event(Intent.POSTED))


@pytest.mark.usefixtures("patient")
async def test_a_storm_changes_nothing_wrong_and_no_good_notification_is_refused(
    client: Client, gateway: httpx.AsyncClient, webhooks: Settings, job_ids: Iterator[str]
) -> None:
    rng = random.Random(20261124)  # noqa: S311 -- the same storm each time
    jobs = [next(job_ids) for _ in range(JOBS)]
    await asyncio.gather(*(start_quietly(client, webhooks, each) for each in jobs))
    distinct = [
        notice(
            rng.choice([*jobs, "999999"]),
            listingStatus=rng.choice(["LISTED", "NOT_LISTED", "IN_PROGRESS", "SUSPENDED"]),
            listingStatusDetails={"statusMessage": f"GOOD: {number}"},
        )
        for number in range(NOTICES // 2)
    ]
    storm = [(each, rng.choice([CHILD_SECRET, PARENT_SECRET]), 200) for each in distinct * 2]
    for at in rng.sample(range(NOTICES), NOTICES // 20):
        forged = {**storm[at][0], "listingStatusDetails": {"statusMessage": f"FORGED: {at}"}}
        storm[at] = (forged, rng.choice(["wrong", OTHER_SECRET]), 400)
    rng.shuffle(storm)
    slots = asyncio.Semaphore(20)

    async def one(payload: Any, secret: str) -> int:
        async with slots:
            return (await post(gateway, payload, secret)).status_code

    statuses = await asyncio.gather(*(one(payload, secret) for payload, secret, _ in storm))
    assert statuses == [expected for _, _, expected in storm]
    good = [payload for payload, _, expected in storm if expected == 200]
    for job_id in jobs:
        heard = sorted(each.listing.message or "" for each in await told(client, job_id) if each.listing)
        due = [
            each["listingStatusDetails"]["statusMessage"]
            for each in good
            if each["externalJobPostingId"] == f"{CUSTOMER}-{job_id}"
        ]
        assert heard == sorted(due), "each once for every time it was sent, and nothing forged"
    with pytest.raises(RPCError, match="not found"):
        await handle(client, "999999").describe()
    await asyncio.gather(*(handle(client, each).terminate() for each in jobs))


SENT = 240


@dataclass(slots=True)
class Sender:
    """Sends as LinkedIn does: each notification until it is answered 200."""

    http: httpx.AsyncClient
    jobs: list[str]
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0

    async def every_twelfth(self, first: int) -> None:
        """Send a twelfth of all, one after the other."""
        for number in range(first, SENT, 12):
            await self._deliver(number)

    async def count(self) -> tuple[int, int]:
        """Return how many were acknowledged, and how often one was refused."""
        return len(self.acknowledged), self.refused

    async def _deliver(self, number: int) -> None:
        job_id, name = self.jobs[number % len(self.jobs)], f"N{number}"
        body = notice(job_id, listingStatusDetail={"statusMessage": f"{name}: x"})
        while (reply := await post(self.http, body)).status_code != 200:
            assert (reply.status_code, reply.content) == (500, b"")
            self.refused += 1
            await asyncio.sleep(0.05)
        self.acknowledged.append((job_id, name))


@pytest.mark.usefixtures("patient")
async def test_killing_temporal_in_the_middle_loses_no_acknowledged_notification(
    webhooks: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    command = server_command(port, database=tmp_path / "temporal.db")
    server = await spawn(command)
    try:
        client = await client_of(f"{HOST}:{port}")
        jobs = [str(number) for number in range(1, 9)]
        for each in jobs:
            await start_quietly(client, webhooks, each)
        lazy = await connect(lazy=True, address=f"{HOST}:{port}")
        async with running_gateway(lazy, without_store(webhooks)) as http:
            linkedin = Sender(http, jobs)
            async with asyncio.TaskGroup() as group:
                for first in range(12):
                    group.create_task(linkedin.every_twelfth(first))
                await eventually(linkedin.count, lambda counts: counts[0] >= 30)
                monkeypatch.setattr(dispatch, "TOTAL_TIMEOUT", IMPATIENT)  # so that the outage need not be long
                await end(server, number=signal.SIGKILL)
                before = len(linkedin.acknowledged)
                await eventually(linkedin.count, lambda counts: counts[1] > 0)
                monkeypatch.setattr(dispatch, "TOTAL_TIMEOUT", PATIENT)
                server = await spawn(command)
        assert before < SENT
        client = await client_of(f"{HOST}:{port}")
        for job_id in jobs:
            heard = {each.listing.name for each in await told(client, job_id) if each.listing}
            assert heard >= {name for job, name in linkedin.acknowledged if job == job_id}
        assert len(linkedin.acknowledged) == SENT
    finally:
        await end(server)
