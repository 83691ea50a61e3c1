"""Whatever is sent, the state of a lifecycle stays small enough to be queried, shown and carried over."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import Lifecycle
from models.overlay import HTML_LIMIT
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, event, eventually, send, state

pytestmark = pytest.mark.usefixtures("workers")
STATE_LIMIT = 200_000


def size(seen: Lifecycle) -> int:
    return len(seen.model_dump_json().encode())


async def opened(client: Client, settings: Settings, job: str) -> Handle:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.OPEN)
    return lifecycle


def change(**fields: Any) -> dict[str, Any]:
    return {"by": "Ana", "fields": fields}


async def test_updates_of_a_megabyte_are_refused_with_words_and_the_job_can_still_be_closed(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await opened(client, settings, job)
    before = await state(lifecycle)
    for mark in "abc":
        await lifecycle.signal("update", change(description=mark * 1_300_000))
    seen = await eventually(lambda: state(lifecycle), lambda seen: sum(e.count for e in seen.received) >= 7)
    refusals = [each.what for each in seen.received if "refused" in each.what]
    assert refusals
    assert all("1,300,0" in each and "at most 72,000" in each for each in refusals)
    assert size(seen) < STATE_LIMIT
    assert seen.boards.indeed is not None
    assert before.boards.indeed is not None
    assert seen.boards.indeed.overrides == before.boards.indeed.overrides
    await send(client, settings, job)
    assert (await lifecycle.result()).phase is Phase.CLOSED


async def test_what_is_set_in_parts_is_counted_together(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await opened(client, settings, job)
    await lifecycle.signal("update", change(url="https://example.com/" + "u" * 40_000))
    await lifecycle.signal("update", change(tracking_url="https://example.com/" + "t" * 40_000))
    seen = await eventually(
        lambda: state(lifecycle), lambda seen: any("refused" in each.what for each in seen.received)
    )
    assert seen.boards.indeed is not None
    assert seen.boards.indeed.overrides is not None
    assert (seen.boards.indeed.overrides.url is None, seen.boards.indeed.overrides.tracking_url is None) == (
        False,
        True,
    )
    await lifecycle.terminate()


async def test_the_longest_description_that_indeed_takes_is_taken(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await opened(client, settings, job)
    text = "<p>" + "d" * (HTML_LIMIT - 7) + "</p>"
    await lifecycle.signal("update", change(description=text, description_formatting="HTML"))
    await eventually(
        lambda: state(lifecycle),
        lambda seen: (
            seen.boards.indeed is not None
            and seen.boards.indeed.overrides is not None
            and seen.boards.indeed.overrides.description == text
        ),
    )
    await lifecycle.terminate()


async def test_words_by_the_thousand_keep_the_state_small(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "find", "http", status=503, times=None)
    await boards.fault("linkedin", "submit", "http", status=503, times=None)
    lifecycle = await send(client, settings, job)
    for n in range(40):
        await lifecycle.signal("retry", {"by": "\u00e9" * 200, "reason": f"{n} " + "\U0001f600" * 1900})
        noisy = event(Intent.UNPOSTED).model_copy(update={"event_type": f"{n}" * 5000, "user_id": "\u00e9" * 5000})
        await lifecycle.signal("ats_event", noisy)
    seen = await eventually(lambda: state(lifecycle), lambda seen: seen.received[-1].what.startswith("3939"))
    assert size(seen) < STATE_LIMIT
    await lifecycle.terminate()
