"""Jobs that Boardsync creates on LinkedIn: created once, updated, renewed, and read back each time."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import BoardState, Intent, Outcome, Phase
from models.problems import Category
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, eventually, send, state
from tests.workflow.linkedin_lives import (
    asks,
    attention,
    creating,
    edit,
    hint,
    linkedin_workers,
    resync,
    settles,
    submits,
    track,
)


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    return creating(sandbox_urls)


@pytest.fixture(autouse=True)
async def workers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with linkedin_workers(client, settings):
        yield


@pytest.fixture
async def job(boards: Boards, job_ids: AsyncIterator[str]) -> str:
    """A job that LinkedIn does not have yet."""
    job_id = next(job_ids)  # type: ignore[call-overload]
    await boards.add_job(job_id, linkedin=False, indeed=False)
    return str(job_id)


async def post(client: Client, settings: Settings, job: str) -> Handle:
    return await send(client, settings, job, Intent.POSTED)


async def created(client: Client, settings: Settings, job: str) -> Handle:
    handle = await post(client, settings, job)
    await settles(handle, Outcome.LIVE)
    return handle


async def test_a_post_creates_the_job_and_reads_it_back_as_live(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await post(client, settings, job)
    mine = await settles(handle, Outcome.LIVE)
    assert (await state(handle)).phase is Phase.OPEN
    assert mine.created
    assert [each.answered for each in mine.evidence if each.asked == "Listing status"] == ["no such job"] * 2 + ["LISTED"]
    assert (await boards.job(job))["linkedin"]["listed"] is True
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()


async def test_25_identical_posts_create_the_job_once(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    for _ in range(25):
        handle = await post(client, settings, job)
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()


async def test_a_job_that_linkedin_lists_already_is_not_created(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job)
    handle = await post(client, settings, job)
    assert not (await settles(handle, Outcome.LIVE)).created
    assert await submits(boards, job) == []
    await edit(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    await handle.terminate()


@pytest.mark.parametrize("fault", [{"kind": "lost_answer"}, {"kind": "http_after", "status": 504}])
async def test_a_lost_answer_never_creates_twice(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, fault: dict[str, object]
) -> None:
    # LinkedIn shows the job long after the try that it did not answer was to be repeated.
    settings = creating(sandbox_urls, linkedin_task_after="4s")
    await boards.set(linkedin__task_seconds=1.0, linkedin__visibility_seconds=1.0)
    await boards.fault("linkedin", "submit", job_id=job, **fault)  # type: ignore[arg-type]
    handle = await post(client, settings, job)
    mine = await settles(handle, Outcome.LIVE)
    assert mine.created
    counts = await boards.counts(job)
    assert counts["linkedin.submit.CREATE"] == 1
    await handle.terminate()


async def test_a_try_that_never_reached_linkedin_is_made_again(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "drop", job_id=job)
    handle = await created(client, settings, job)
    assert (await boards.counts(job))["linkedin.submit.CREATE"] == 2
    assert (await boards.writes(job)) == ["linkedin.submit"]
    await handle.terminate()


async def test_an_edit_is_sent_as_an_update_and_says_what_was_proven(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    await boards.change_job(job, location="Austin, TX 78701")
    await edit(handle)
    mine = await settles(handle, Outcome.UPDATED)
    (proof,) = [each for each in mine.evidence if each.asked == "What is proven" and "task succeeded" in each.answered]
    assert "no title and description to compare" in proof.answered
    assert (await boards.job(job))["linkedin"]["location"].startswith("Austin")
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    await handle.terminate()


async def test_an_update_is_read_until_linkedin_shows_the_new_location(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls, confirm_within="1500ms", attention_after="3s")
    handle = await created(client, settings, job)
    await boards.change_job(job, location="Austin, TX 78701")
    await boards.fault("linkedin", "submit", "lie", job_id=job)
    await edit(handle)
    seen = await asks(handle)
    assert attention(seen).category is Category.NOT_TAKEN
    assert "Austin" in attention(seen).reason
    assert track(seen).outcome is None
    await handle.terminate()


async def test_a_create_that_is_claimed_but_not_listed_is_never_called_live(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls, confirm_within="1500ms", attention_after="3s")
    await boards.fault("linkedin", "submit", "lie", job_id=job)
    handle = await post(client, settings, job)
    seen = await asks(handle)
    assert attention(seen).category is Category.NOT_TAKEN
    assert attention(seen).retrying
    assert track(seen).outcome is None
    await handle.signal("retry")
    await settles(handle, Outcome.LIVE)
    await handle.terminate()


async def test_a_slow_linkedin_is_read_until_it_lists_the_job(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(
        linkedin__task_seconds=0.8, linkedin__visibility_seconds=0.8, linkedin__new_job_status="IN_PROGRESS"
    )
    handle = await created(client, settings, job)
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()


@pytest.mark.parametrize(
    ("knobs", "category", "words"),
    [
        ({"linkedin__job_slots": 0}, Category.OUT_OF_SLOTS, "Insufficient job slots"),
        ({"linkedin__budget_left": False}, Category.OUT_OF_SLOTS, "lifetime budget"),
        ({"linkedin__task_outcome": "FAILED"}, Category.REFUSED, "could not be processed"),
        ({"linkedin__task_outcome": "PROCESSED"}, Category.FED_FROM_ELSEWHERE, "XML feed"),
        ({"linkedin__task_outcome": "PROCESSED_WITH_ERROR"}, Category.FED_FROM_ELSEWHERE, "could not be processed"),
        ({"icims__hidden_fields": ["overview", "responsibilities", "qualifications"]}, Category.INVALID_POSTING, "100"),
    ],
)
async def test_what_keeps_a_job_from_being_posted_needs_a_person_and_retry_posts_it(
    client: Client,
    settings: Settings,
    boards: Boards,
    job: str,
    knobs: dict[str, object],
    category: Category,
    words: str,
) -> None:
    await boards.set(**knobs)
    handle = await post(client, settings, job)
    found = attention(await asks(handle))
    assert found.category is category
    assert words in found.reason
    assert not found.retrying
    await boards.reset()
    await boards.add_job(job, linkedin=False, indeed=False)
    await handle.terminate()


async def test_a_missing_description_names_the_fields_and_retry_posts_the_job(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(icims__hidden_fields=["overview", "responsibilities", "qualifications"])
    handle = await post(client, settings, job)
    assert "overview, responsibilities, qualifications" in attention(await asks(handle)).remedy
    assert await submits(boards, job) == []
    await handle.terminate()


async def test_a_withheld_job_names_the_reason_and_an_edit_mends_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    message = "INVALID_LOCATION: The job location cannot be standardized."
    await boards.fault("linkedin", "submit", "withhold", job_id=job, message=message)
    handle = await post(client, settings, job)
    found = attention(await asks(handle))
    assert found.category is Category.INVALID_POSTING
    assert "country or the postal code" in found.reason
    assert found.retrying
    await boards.change_job(job, location="Austin, TX 78701")
    await edit(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    await handle.terminate()


async def test_a_job_whose_time_has_run_out_is_renewed_without_a_person(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    await boards.change_job(job, linkedin={"expired": True})
    await hint(handle, "NOT_LISTED")
    await eventually(lambda: submits(boards, job), lambda seen: seen == ["CREATE", "RENEW"])
    mine = await settles(handle, Outcome.LIVE)
    assert mine.attention is None
    assert (await boards.job(job))["linkedin"]["listed"] is True
    await handle.terminate()


async def test_confirm_finds_a_job_whose_time_has_run_out(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    await boards.change_job(job, linkedin={"expired": True})
    await handle.signal("confirm")
    await eventually(lambda: submits(boards, job), lambda seen: seen == ["CREATE", "RENEW"])
    await settles(handle, Outcome.LIVE)
    await handle.terminate()


async def test_a_resync_sends_a_created_job_again_even_unchanged(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    for _ in range(5):
        await resync(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    (heard,) = [each for each in (await state(handle)).received if "sent again" in each.what]
    assert heard.count == 5
    await handle.terminate()


async def test_a_resync_opens_no_job_that_linkedin_has_closed(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    await boards.change_job(job, linkedin={"listed": False})
    await resync(handle)
    seen = await asks(handle)
    assert attention(seen).category is Category.CLOSED_BY_BOARD
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()


async def test_a_job_that_is_closed_by_hand_on_linkedin_is_listed_again_by_retry(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, job)
    await boards.change_job(job, linkedin={"listed": False})
    await hint(handle, "NOT_LISTED")
    assert attention(await asks(handle)).retrying
    await handle.signal("retry", {"by": "Ana"})
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == ["CREATE", "CREATE"]
    await handle.terminate()


async def test_a_job_of_another_id_is_a_duplicate(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.add_job(job)  # a feed's, under the usual id and the job's number
    base = creating(sandbox_urls)
    customer = base.customers[0]
    assert customer.linkedin is not None
    linkedin = customer.linkedin.model_copy(update={"external_job_posting_id": "api-{job_id}"})
    settings = base.model_copy(update={"customers": (customer.model_copy(update={"linkedin": linkedin}),)})
    del settings  # the workers' settings decide: see the sandbox's own test of the duplicate
    handle = await post(client, base, job)
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == []
    await handle.terminate()


async def test_an_unpost_closes_what_was_created(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    handle = await created(client, settings, job)
    await send(client, settings, job)
    receipt = await handle.result()
    assert receipt.boards.linkedin is not None
    assert receipt.boards.linkedin.outcome is Outcome.CLOSED
    assert await submits(boards, job) == ["CREATE", "CLOSE"]


async def test_a_post_is_at_work_until_it_is_read_back(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(linkedin__task_seconds=2.0)
    handle = await post(client, settings, job)
    seen = await eventually(lambda: state(handle), lambda seen: track(seen).state is BoardState.CONFIRMING)
    assert seen.phase is Phase.UPDATING
    assert track(seen).outcome is None
    await settles(handle, Outcome.LIVE)
    await handle.terminate()
