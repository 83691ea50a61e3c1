"""Limits are shared out by a workflow, which is on its own: thousands of lifecycles must not hold it up."""

import asyncio
import gc
import uuid
from typing import Any

import pytest
from temporalio.client import Client

from activities.indeed.pacing import pace_id, shared_out
from clients.errors import ProviderError
from clients.rate_limit import Limit
from config.settings import Settings
from models.temporal import PACE_QUEUE, Queue
from tests.support.workers import running_workers


async def test_a_limit_is_shared_out_while_no_lifecycle_is_worked_on(client: Client, settings: Settings) -> None:
    assert PACE_QUEUE is not Queue.JOB_POSTINGS
    limit = Limit("in-tests", 5, "five a second, in tests")
    async with running_workers(client, settings, [PACE_QUEUE]):
        grant = await shared_out(client)(limit, uuid.uuid4().hex).reserve(3, callers=1, using=0)
    assert grant.count == 3


async def test_a_workflow_that_was_ended_is_begun_again_by_the_next_ask(client: Client, settings: Settings) -> None:
    limit, credential = Limit("in-tests", 20, "twenty a second, in tests"), uuid.uuid4().hex
    share = shared_out(client)(limit, credential)
    async with running_workers(client, settings, [PACE_QUEUE]):
        for wanted in (16, 17):
            assert (await share.reserve(wanted, callers=1, using=0)).count == wanted
        await client.get_workflow_handle(pace_id(limit, credential)).terminate()
        for wanted in (18, 19):
            assert (await share.reserve(wanted, callers=1, using=0)).count == wanted


async def test_who_cannot_ask_says_so_once_and_leaves_nothing_unheard(client: Client) -> None:
    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    nowhere = Client(client.service_client, namespace="nowhere", data_converter=client.data_converter)
    with pytest.raises(ProviderError, match="gave no answer"):
        await shared_out(nowhere)(Limit("in-tests", 5, "five a second"), "c").reserve(1, callers=1, using=0)
    gc.collect()
    await asyncio.sleep(0)
    assert unheard == []
