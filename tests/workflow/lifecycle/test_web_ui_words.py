"""What the Web UI is given of a lifecycle: title, links, and sentences in the timeline; and what that costs a close."""

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import CONSOLE, RUNBOOKS
from models.temporal import JOB_TITLE
from tests.support.boards import Boards
from tests.support.history import events
from tests.support.lifecycles import Handle, eventually, send, state, without_slots

pytestmark = pytest.mark.usefixtures("workers")


def with_pages(settings: Settings) -> Settings:
    """Return settings that name where the job's page, the console and the runbooks are."""
    told = {"public_url": "https://boards.example.com", "link_secret": "s", "runbook_url": "https://docs.example.com/r"}
    gateway = type(settings.gateway).model_validate({**settings.gateway.model_dump(), **told})
    console = type(settings.console).model_validate({"public_url": "https://console.example.com/"})
    return settings.model_copy(update={"gateway": gateway, "console": console})


async def sentences(lifecycle: Handle, kind: EventType.ValueType) -> list[str]:
    """Return the summaries of events of a kind."""
    found = [each for each in await events(lifecycle) if each.event_type == kind]
    return [each.user_metadata.summary.data.decode().strip('"') for each in found]


async def test_a_close_shows_title_customer_and_links_and_costs_no_timer_for_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await send(client, with_pages(settings), job)
    await lifecycle.result()

    described = await lifecycle.describe()
    title = described.typed_search_attributes.get(JOB_TITLE)
    assert title == (await boards.job(job))["icims"]["title"]
    customer = settings.customers[0].name
    assert await described.static_summary() == f"Job {job} of {customer}"
    memo = await described.memo()
    assert memo["customer"] == customer
    assert memo["links"] == {
        CONSOLE: f"https://console.example.com/jobs/1234/{job}",
        RUNBOOKS: "https://docs.example.com/r",
    }
    steps = await sentences(lifecycle, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    assert "iCIMS wants the job taken down: Ask LinkedIn to close the job" in steps
    timers = await sentences(lifecycle, EventType.EVENT_TYPE_TIMER_STARTED)
    assert [each for each in timers if "person" in each or "sent" in each] == []


async def test_what_needs_a_person_and_what_people_send_are_sentences_in_the_timeline(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await without_slots(client, with_pages(settings), boards, job)
    await boards.clear_faults()
    await lifecycle.signal("update", {"by": "Ben", "fields": {"title": "Night Nurse"}})
    await eventually(lambda: state(lifecycle), lambda seen: "refused" in seen.model_dump_json())
    memo = await (await lifecycle.describe()).memo()
    await lifecycle.signal("retry", {"by": "Ana", "reason": "slots bought"})
    await lifecycle.result()

    assert memo["links"]["Runbook"] == "https://docs.example.com/r#out_of_slots"
    timers = await sentences(lifecycle, EventType.EVENT_TYPE_TIMER_STARTED)
    assert [each for each in timers if each.startswith("LinkedIn needs a person: The customer")] != []
    assert "Ana sent `retry`: slots bought." in timers
    assert "Ben sent `update`." in timers
    assert "`update` was not followed: the job is taken down, and its changes are cleared." in timers
    # The mark ends with what it is of.
    history = await events(lifecycle)
    assert [each.event_type for each in history].count(EventType.EVENT_TYPE_TIMER_CANCELED) >= 1


async def test_temporal_is_given_no_link_that_opens_a_page(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    configured = with_pages(settings)
    lifecycle = await without_slots(client, configured, boards, job)
    told = [each.SerializeToString() for each in await events(lifecycle)]
    told.append((await lifecycle.describe()).raw_description.SerializeToString())
    told.append(str(await lifecycle.query("__temporal_workflow_metadata")).encode())
    assert any(b"console.example.com" in each for each in told)
    assert not any(b"?key=" in each for each in told)
    await lifecycle.terminate()
