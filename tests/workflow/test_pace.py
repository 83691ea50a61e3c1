"""Limits are shared out by a workflow, which is on its own: thousands of lifecycles must not hold it up."""

import uuid

from temporalio.client import Client

from activities.indeed.pacing import shared_out
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
