"""What Indeed tells of a job makes it be read, and proves nothing."""

from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import Intent, Outcome, Phase
from models.temporal import ATS_EVENT
from tests.support.boards import Boards
from tests.support.indeed import (
    heard,
    hint,
    indeed_settings,
    overlay,
    post,
    posted,
    settles,
    written,
)
from tests.support.lifecycles import asks, event, eventually, indeed_of, state
from tests.support.workers import running_workers

MARKED = ("campaign_categories", "tracking_url")


async def test_what_an_edit_in_the_ats_drops_is_set_again_when_indeed_tells(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    await boards.set(indeed__ats_edit="drops_overlay")
    await boards.change_job(bare, title="Edited")
    assert await overlay(boards, bare) == {}
    for _ in range(20):
        await handle.signal("indeed_changed", hint("the same"))
    await eventually(lambda: overlay(boards, bare), lambda found: len(found) == len(MARKED))
    await heard(handle, "Indeed says that the job has changed", 20)
    await settles(handle)
    assert len(await written(boards, bare)) == 2
    assert (await boards.counts(bare))["indeed.update"] == 2
    await handle.terminate()


async def test_hints_of_a_settled_job_cause_a_read_and_nothing_else(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    before = await boards.counts(bare)
    for number in range(30):
        await handle.signal("indeed_changed", hint(str(number)))
    await heard(handle, "Indeed says that the job has changed", 30)
    counts = await eventually(lambda: boards.counts(bare), lambda now: now["indeed.node"] > before["indeed.node"])
    seen = await state(handle)
    assert (seen.phase, indeed_of(seen).outcome) == (Phase.OPEN, Outcome.UPDATED)
    assert counts["indeed.update"] == before["indeed.update"]
    await handle.terminate()


async def test_a_hint_makes_a_waiting_read_back_happen_at_once(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    hour = settings.timing.confirm_max * 10_000
    timing = settings.timing.model_copy(update={"confirm_first": hour, "confirm_max": hour, "confirm_within": hour})
    settings = settings.model_copy(update={"timing": timing})
    await boards.set(indeed__visibility_seconds=0.3)
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        await eventually(lambda: boards.counts(bare), lambda now: now.get("indeed.node", 0) >= 2)
        await eventually(lambda: boards.job(bare), lambda now: now["indeed"]["overlay_visible"] != {})
        await handle.signal("indeed_changed", hint())
        await settles(handle)
        await handle.terminate()


async def test_a_hint_settles_what_waited_for_a_person_without_writing(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    claimed = "the job is claimed by a different advertiser"
    await boards.fault("indeed", "update", "graphql_error", job_id=bare, code="FORBIDDEN", message=claimed)
    handle = await post(client, settings, bare)
    await asks(handle, indeed_of, Category.CLAIMED)
    await boards.add_job(bare)  # somebody sets it in Indeed's own pages
    await handle.signal("indeed_changed", hint())
    track = await settles(handle)
    assert (track.outcome, track.attention) == (Outcome.UPDATED, None)
    assert (await boards.counts(bare))["indeed.update"] == 1
    await handle.terminate()


async def test_a_look_at_an_open_job_sets_again_what_an_edit_dropped_and_changes_no_intent(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    before = await overlay(boards, bare)
    await boards.set(indeed__ats_edit="drops_overlay")
    await boards.change_job(bare, title="Nurse, nights", indeed={"silent": True})
    assert await overlay(boards, bare) == {}
    look = event(Intent.POSTED).model_copy(update={"intent": None, "looked": True})
    await handle.signal(ATS_EVENT, look)
    await eventually(lambda: overlay(boards, bare), lambda found: found == before)
    seen = await state(handle)
    assert (seen.intent, [each.what for each in seen.received][-1]) == (Intent.POSTED, look.event_type)
    await handle.terminate()
