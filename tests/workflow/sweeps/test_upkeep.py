"""The ledger's day, with the store on PostgreSQL: an unpost from the gateway to a proof, told and kept."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle

from activities.stored import Stored
from config.loading import parse_settings
from models.lifecycle import Receipt
from models.notices import NotificationReceipt
from models.temporal import LEDGER_UPKEEP, Queue
from models.upkeep import Upkept
from store.admin import migrate
from store.ledger import checkpoint
from store.ledger.audit import audit
from store.ledger.notes import SigningKey
from store.ledger.verify import verify_file
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import Handle, eventually
from tests.support.postgresql import running_postgresql
from tests.support.receiver import SIGNING_KEY, Receiver, receiving
from tests.support.runner import SANDBOXED
from tests.support.settings import raw_settings
from tests.support.workers import running_workers
from tests.unit.store.entries import entry

KEY = SigningKey("ledger.example.com", b"k" * 32)


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    with running_postgresql() as folder:
        url = f"postgresql://boardsync@/postgres?host={folder}"
        asyncio.run(migrate(url))
        yield url


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def upkeep(client: Client, number: int) -> Upkept:
    run: WorkflowHandle[Any, Upkept] = await client.start_workflow(
        LEDGER_UPKEEP, id=f"ledger-upkeep-{number}", task_queue=Queue.JOB_POSTINGS.value, result_type=Upkept
    )
    return await run.result()


async def told(client: Client, done: Upkept) -> NotificationReceipt:
    assert done.told_by is not None
    telling: WorkflowHandle[Any, NotificationReceipt] = client.get_workflow_handle(
        done.told_by, result_type=NotificationReceipt
    )
    return await telling.result()


@pytest.mark.sandboxed
async def test_a_close_is_proven_told_once_a_day_and_removed_after_its_time(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver, postgresql_url: str
) -> None:
    raw = raw_settings(sandbox_urls)
    raw["store"]["url"], raw["ledger"] = postgresql_url, {"key": KEY.text()}
    only = {"events": ["ledger.checkpoint"], "customers": ["5678"]}
    raw["notifications"] = [{"name": "auditor", "url": receiver.url, "secret": SIGNING_KEY, **only}]
    settings = parse_settings(raw, {}, base=Path())
    event = {"customerId": CUSTOMER, "userId": "121", "systemId": job, "eventType": "JobUnpostToWebEvent"}
    headers = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
    async with (
        running_workers(client, settings, runner=SANDBOXED),
        running_gateway(client, settings) as gateway,
        Stored(settings) as stored,
    ):
        empty = await upkeep(client, 0)
        assert (empty.head, empty.told_by, empty.removed) == (None, None, 0)
        assert (await gateway.post("/webhooks/icims", json=event, headers=headers)).status_code == 200
        lifecycle: Handle = client.get_workflow_handle(f"job-{CUSTOMER}-{job}", result_type=Receipt)
        await eventually(lifecycle.result, lambda receipt: receipt.proven == {"linkedin": True, "indeed": True})

        first = await upkeep(client, 1)
        assert first.removed == 0
        assert (await told(client, first)).type == "ledger.checkpoint"
        (body,) = receiver.verified()
        signed = checkpoint.read(body["data"]["note"], KEY.verifier)
        assert (signed.size, body["data"]["size"], body["data"]["log"]) == (1, 1, KEY.name)
        proof = await stored.ledger.proof(0)
        assert proof is not None
        receipt = verify_file(proof.text().encode(), KEY.verifier, published=(body["data"]["note"],)).receipt
        assert isinstance(receipt, dict)
        assert receipt["job_id"] == job

        old = datetime.now(UTC) - settings.ledger.keep - timedelta(days=1)
        await stored.ledger.append_all([entry(number, old) for number in range(3)])
        second = await upkeep(client, 2)
        await told(client, second)
        assert second.head is not None
        assert (second.head.size, second.removed) == (4, 3)
        walked = await audit(
            stored.store, KEY.verifier, published=[each["data"]["note"] for each in receiver.verified()]
        )
        assert (walked.faults, walked.removed) == ((), 3)
