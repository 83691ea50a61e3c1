"""What the agency set comes off Indeed: by hand, as the job is unposted, and whoever holds the job."""

from datetime import UTC, datetime

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import Intent, Live, Outcome
from tests.support.boards import Boards
from tests.support.indeed import heard, hint, overlay, post, posted, settles
from tests.support.lifecycles import asks, eventually, indeed_of, state

MARKED = ("campaign_categories", "tracking_url")


async def test_a_clear_by_hand_takes_all_off_until_something_new_is_wanted(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    await handle.signal("clear", {"by": "Ana", "reason": "wrong campaign"})
    await eventually(lambda: overlay(boards, job), lambda found: found == {})
    track = await settles(handle)
    assert track.outcome is Outcome.CLEARED
    assert track.held_off
    await handle.signal("indeed_changed", hint("1"))
    seen = await heard(handle, "Indeed says that the job has changed")
    assert await overlay(boards, job) == {}

    await post(client, settings, job)
    await eventually(lambda: overlay(boards, job), lambda found: len(found) == len(MARKED))
    track = await settles(handle)
    assert (track.outcome, track.held_off) == (Outcome.UPDATED, False)

    await handle.signal("clear")
    await eventually(lambda: overlay(boards, job), lambda found: found == {})
    await settles(handle)
    await handle.signal("update", {"fields": {"title": "Nurse"}})
    await eventually(lambda: overlay(boards, job), lambda found: found.get("title") == "Nurse")
    assert seen.intent is Intent.POSTED
    await settles(handle)
    await handle.terminate()


async def test_an_update_of_a_job_that_is_taken_down_is_refused_in_words(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", job_id=job)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.counts(job), lambda counts: counts.get("indeed.clear", 0) == 1)
    await handle.signal("update", {"by": "Ana", "fields": {"title": "Nurse"}})
    words = "signal update refused: the job is taken down, and its changes are cleared; nothing was changed"
    seen = await heard(handle, words)
    assert indeed_of(seen).overrides is None
    await handle.signal("clear", {"by": "Ana"})  # as a retry would: the board lied the first time
    receipt = await handle.result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert [each.what for each in receipt.received][-1] == "signal clear"
    assert (await boards.counts(job))["indeed.clear"] == 2
    assert (await boards.counts(job)).get("indeed.update", 0) == 0


async def test_an_unpost_clears_what_was_sent_also_while_it_is_not_visible(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    await boards.set(indeed__visibility_seconds=1.0)
    handle = await post(client, settings, bare)
    await eventually(lambda: overlay(boards, bare), lambda found: found != {})
    await eventually(lambda: state(handle), lambda seen: bool(indeed_of(seen).written))
    await post(client, settings, bare, Intent.UNPOSTED)
    receipt = await handle.result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert await boards.writes(bare) == ["indeed.update", "indeed.clear"]
    assert await overlay(boards, bare) == {}


async def test_a_job_renamed_in_the_ats_while_it_is_cleared_is_compared_with_its_new_name(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "delay_visibility", job_id=job, seconds=1.0)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.counts(job), lambda counts: counts.get("indeed.clear", 0) == 1)
    await boards.change_job(job, title="Renamed meanwhile", indeed={"lifecycle": "INACTIVE"})
    track = indeed_of(await handle.result())
    assert (track.outcome, track.posting) == (Outcome.GONE, Live.NOT_LIVE)
    assert (await boards.counts(job))["indeed.clear"] == 1


STATUSES = [
    ("organic", "ACTIVE", "organic", Live.LIVE),
    ("sponsored_with_spend", "ACTIVE", "sponsored_with_spend", Live.LIVE),
    ("sponsored_without_spend", "ACTIVE", "sponsored_without_spend", Live.LIVE),
    ("nowhere", "ACTIVE", "nowhere", Live.LIVE),
    ("unclear", "ACTIVE", "unknown", Live.LIVE),
    ("organic", "INACTIVE", "not_live", Live.NOT_LIVE),
    ("organic", "PENDING", "pending", Live.UNKNOWN),
]


async def test_after_a_clear_it_is_said_how_the_posting_itself_stands_and_since_when(
    client: Client, settings: Settings, boards: Boards
) -> None:
    await boards.set(indeed__global_status_shape="array")
    jobs = await boards.add_jobs(61_000, len(STATUSES))
    began = datetime.now(UTC)
    for job, (search, lifecycle, *_) in zip(jobs, STATUSES, strict=True):
        await boards.change_job(job, indeed={"search_status": search, "lifecycle": lifecycle})
    handles = [await post(client, settings, job, Intent.UNPOSTED) for job in jobs]
    for handle, (_, _, status, live) in zip(handles, STATUSES, strict=True):
        track = indeed_of(await handle.result())
        assert (track.status, track.posting) == (status, live)
        assert track.outcome is (Outcome.GONE if status == "not_live" else Outcome.CLEARED)
        # A live posting is so since Indeed posted it; since when another one is not, Indeed does not say.
        assert (track.posting_since is not None and track.posting_since < began) is (live is Live.LIVE)


async def test_a_job_that_another_advertiser_holds_is_clear_if_it_shows_nothing_of_ours(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, overlay={"title": "The other agency's title"})
    await boards.change_job(job, indeed={"claimed_by": "advertiser-other"})
    receipt = await (await post(client, settings, job, Intent.UNPOSTED)).result()
    track = indeed_of(receipt)
    assert track.outcome is Outcome.CLEARED
    assert any(
        each.answered.startswith("nothing of ours to clear") and "claimed" in each.answered for each in track.evidence
    )


async def test_a_job_that_another_advertiser_holds_asks_for_a_person_if_it_shows_something_of_ours(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"claimed_by": "advertiser-other"})
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await asks(handle, indeed_of, Category.CLAIMED)
    await boards.change_job(job, indeed={"claimed_by": None})
    await handle.signal("retry")
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED


@pytest.mark.parametrize("answer", ["ok", "NOT_FOUND"])
async def test_a_job_that_was_never_updated_is_clear_whatever_indeed_answers_to_a_clear(
    client: Client, settings: Settings, boards: Boards, bare: str, answer: str
) -> None:
    await boards.set(indeed__clear_unclaimed=answer)
    # The feed spells the title in its own way, so that a clear is tried.
    await boards.add_job(bare, overlay={"title": "Registered Nurse - feed"})
    await boards.change_job(bare, indeed={"claimed_by": None})
    receipt = await (await post(client, settings, bare, Intent.UNPOSTED)).result()
    assert (await overlay(boards, bare) == {}) is (answer == "ok")
    assert indeed_of(receipt).outcome is Outcome.CLEARED
