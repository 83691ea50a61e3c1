"""What LinkedIn says in words that nobody knows decides nothing: the step reads again, and only then sends."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.linkedin.postings import LinkedInActivities
from activities.providers import Providers, open_http
from models.calls.common import Backoff
from models.calls.linkedin import LinkedInPost, LinkedInSubmitted
from models.states import Operation
from tests.support.boards import CUSTOMER, Boards
from tests.support.linkedin import creating, submits


async def test_a_listing_said_unclearly_is_read_again_before_it_counts_as_nothing_to_send(
    sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.change_job(job, linkedin={"listed": False})
    # Every text of one answer ends in a character that does not exist: "NOT_LISTED" is none of LinkedIn's words then.
    await boards.fault("linkedin", "status", "surrogate", times=1)
    backoff = Backoff(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=50))
    call = LinkedInPost(customer_id=CUSTOMER, job_id=job, fresh=True, backoff=backoff)
    async with open_http() as http:
        step = LinkedInActivities(Providers(creating(sandbox_urls), http)).post
        with pytest.raises(ApplicationError) as read_again:
            await ActivityEnvironment().run(step, call)
        assert not read_again.value.non_retryable
        assert await submits(boards, job) == []
        sent: LinkedInSubmitted = await ActivityEnvironment().run(step, call)
    assert sent.operation is Operation.CREATE
    assert await submits(boards, job) == ["CREATE"]
