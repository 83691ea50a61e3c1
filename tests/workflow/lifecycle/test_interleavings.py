"""Any interleaving of post, unpost, edit and hires ends in the newest intent, with no write repeated."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.client import Client, WorkflowExecutionStatus

from config.settings import Settings
from models import states
from models.events import AtsEvent, Hire
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import BoardState, Intent
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, customer_of, eventually, handle, indeed_of, linkedin_of, state
from tests.support.sizes import size
from webhook_gateway.dispatch import Dispatcher

TOGETHER, ROUNDS = 40, size(2, 5)
STEPS = st.sampled_from(["post", "unpost", "edit", "hire a", "hire b", "leave a", "leave b"])
SEQUENCES = st.lists(st.lists(STEPS, min_size=2, max_size=7), min_size=TOGETHER, max_size=TOGETHER)


class Expected:
    """What a recruiter would expect, told in the simplest way."""

    def __init__(self) -> None:
        self.intent = Intent.POSTED
        self.hires: set[str] = set()
        self.closed_by_hire = False

    def hear(self, step: str) -> None:
        word, _, who = step.partition(" ")
        if word in {"post", "edit", "unpost"}:
            self.intent = Intent.UNPOSTED if word == "unpost" else Intent.POSTED
            self.closed_by_hire = False
        elif word == "hire" and who not in self.hires:
            self.hires.add(who)
            if self.intent is Intent.POSTED:
                self.intent, self.closed_by_hire = Intent.UNPOSTED, True
        elif word == "leave" and who in self.hires:
            self.hires.remove(who)
            if self.closed_by_hire and not self.hires:
                self.intent, self.closed_by_hire = Intent.POSTED, False


def event(step: str) -> AtsEvent:
    word, _, who = step.partition(" ")
    now = datetime.now(UTC)
    if who:
        hire = Hire(key=f"key-of-{who}", filled=word == "hire")
        return AtsEvent(event_type="WorkFlowStatusChangeEvent", hire=hire, received_at=now)
    intent = Intent.UNPOSTED if word == "unpost" else Intent.POSTED
    return AtsEvent(event_type=word, intent=intent, edited=word == "edit", received_at=now)


async def play(client: Client, config: Settings, job: str, steps: list[str]) -> Intent:
    """Send a sequence and tell what is expected of it."""
    dispatcher, customer, expected = Dispatcher(client, config), customer_of(config), Expected()
    for step in steps:
        await dispatcher.ats_event(customer, job, event(step))
        expected.hear(step)
    return expected.intent


async def check(client: Client, boards: Boards, job: str, steps: list[str], intent: Intent) -> None:
    """Wait for the end and compare it with what is expected."""
    await ends(handle(client, job), intent, steps)
    writes = await boards.writes(job)
    told = f"{steps}: {writes}"
    if intent is Intent.UNPOSTED:
        truth = await boards.job(job)
        assert truth["linkedin"]["listed"] is False, told
        assert truth["indeed"]["overlay_left"] == {}, told
    assert writes.count("linkedin.submit") <= 1, told
    at_indeed = [write for write in writes if write.startswith("indeed.")]
    assert all(before != after for before, after in pairwise(at_indeed)), told


def at_rest(seen: Lifecycle) -> bool:
    # A close that was under way takes a watched job off LinkedIn, and only the ATS's feed can list it again.
    linkedin = linkedin_of(seen)
    if linkedin.attention is not None and linkedin.attention.category is Category.CLOSED_BY_BOARD:
        return linkedin.taken_down and indeed_of(seen).state is BoardState.SETTLED
    return seen.phase in {states.Phase.OPEN, states.Phase.CLOSED}


async def ends(lifecycle_: Handle, intent: Intent, steps: list[str]) -> None:
    if intent is Intent.UNPOSTED:
        receipt = await asyncio.wait_for(lifecycle_.result(), 120)
        assert receipt.intent is intent, steps
        return
    seen = await eventually(lambda: state(lifecycle_), at_rest, within=120, every=1.0)
    assert seen.intent is intent, steps
    assert (await lifecycle_.describe()).status is WorkflowExecutionStatus.RUNNING
    await lifecycle_.terminate()


FIRST_JOB = iter(range(900_000, 990_000, TOGETHER))


@pytest.mark.usefixtures("workers")
@pytest.mark.timeout(300)
@given(sequences=SEQUENCES)
@settings(
    max_examples=ROUNDS,
    deadline=None,
    phases=[Phase.generate],  # no shrinking: each example is a minute's worth of real lifecycles
    suppress_health_check=list(HealthCheck),
)
async def test_the_newest_intent_wins_whatever_is_in_flight(
    client: Client, sandbox_urls: dict[str, str], settings: Settings, boards: Boards, sequences: list[list[str]]
) -> None:
    # No lifecycle may end before the last event of its sequence: LinkedIn's tasks cannot be read until then.
    await boards.fault("linkedin", "tasks", "http", status=503, times=None)
    # Jobs that only the feed can list again are read on meanwhile: not so often that the others starve.
    timing = settings.timing.model_copy(update={"confirm_max": timedelta(seconds=1)})
    calm = settings.model_copy(update={"timing": timing})
    jobs = await boards.add_jobs(next(FIRST_JOB), TOGETHER)
    plays = list(zip(jobs, sequences, strict=True))
    intents = await asyncio.gather(*(play(client, calm, job, steps) for job, steps in plays))
    await boards.clear_faults()
    await asyncio.gather(
        *(check(client, boards, job, steps, intent) for (job, steps), intent in zip(plays, intents, strict=True))
    )
