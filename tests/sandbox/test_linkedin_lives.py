"""The life of a job on the simulated LinkedIn, from its creation to its close."""

from dataclasses import replace

import pytest

from clients.linkedin.posting import element
from clients.linkedin.protocol import Accepted, Listing
from models.states import Operation
from tests.sandbox.harness import Sandbox
from tests.sandbox.linkedin_posting import CLOSE, CREATE, POSTING, changed, client


@pytest.mark.parametrize("version", [None, "202604"])
@pytest.mark.parametrize("listing_type", ["PREMIUM", "BASIC"])
async def test_a_job_lives_from_create_to_close(sandbox: Sandbox, version: str | None, listing_type: str) -> None:
    linkedin = client(sandbox, version=version)
    posting = replace(
        POSTING,
        external_job_posting_id="1234-new",
        listing_type=listing_type,
        company_field="company" if version else "integrationContext",
        poster_email="ana@example.com",
        job_code="2026-new",
    )
    shown = []
    for operation in (Operation.CREATE, Operation.UPDATE, Operation.RENEW, Operation.CLOSE):
        (accepted,) = await linkedin.submit([element(posting, operation)])
        assert isinstance(accepted, Accepted), operation
        sandbox.clock.now += 1
        status = await linkedin.status("1234-new")
        assert status is not None
        shown.append((status.listing, status.location))
    where = "San Francisco, CA"
    assert shown == [(Listing.LISTED, where)] * 3 + [(Listing.NOT_LISTED, where)]


async def test_a_job_is_listed_for_180_days_and_renewed_for_as_many(sandbox: Sandbox) -> None:
    linkedin = client(sandbox)
    await linkedin.submit([CREATE])
    sandbox.clock.now += 180 * 86_400 - 1
    status = await linkedin.status("1234-new")
    assert status is not None
    assert status.listing is Listing.LISTED
    sandbox.clock.now += 1
    status = await linkedin.status("1234-new")
    assert status is not None
    assert status.listing is Listing.NOT_LISTED
    assert status.expires_at is not None
    assert status.expires_at.timestamp() <= sandbox.clock.now
    await linkedin.submit([changed(CREATE, jobPostingOperationType="RENEW")])
    sandbox.clock.now += 1
    status = await linkedin.status("1234-new")
    assert status is not None
    assert status.listing is Listing.LISTED


async def test_a_write_that_is_carried_out_late_wins(sandbox: Sandbox) -> None:
    linkedin = client(sandbox)
    await sandbox.fault("linkedin", "submit", "slow_task", seconds=5)
    await linkedin.submit([changed(CLOSE, jobPostingOperationType="UPDATE")])
    await linkedin.submit([CLOSE])
    sandbox.clock.now += 1
    status = await linkedin.status("1234-1209")
    assert status is not None
    assert status.listing is Listing.NOT_LISTED
    sandbox.clock.now += 5
    status = await linkedin.status("1234-1209")
    assert status is not None
    assert status.listing is Listing.LISTED


@pytest.mark.parametrize("shown", ["unknown", "IN_PROGRESS"])
async def test_a_new_job_may_be_shown_as_in_progress(sandbox: Sandbox, shown: str) -> None:
    await sandbox.set(linkedin__new_job_status=shown)
    linkedin = client(sandbox)
    await linkedin.submit([CREATE])
    status = await linkedin.status("1234-new")
    assert (status is None) is (shown == "unknown")
    assert status is None or status.listing is Listing.IN_PROGRESS
