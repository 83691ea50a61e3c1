"""Whatever is sent, the sandbox answers as a provider would and does not break."""

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.calls import RefusalError
from sandbox.content import Location
from sandbox.linkedin.schema import Rules, check
from sandbox.seed import seed
from sandbox.settings import Settings
from sandbox.timeline import Timeline
from sandbox.world import World

# The first text of a process is slow to make, which says nothing about the code under test.
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
NAMES = st.sampled_from(
    [
        "externalJobPostingId",
        "jobPostingOperationType",
        "title",
        "description",
        "companyApplyUrl",
        "location",
        "integrationContext",
        "listedAt",
        "listingType",
        "contract",
        "workplaceTypes",
        "alternateLocations",
        "expireAt",
    ]
)
VALID: dict[str, Any] = {
    "externalJobPostingId": "1",
    "jobPostingOperationType": "CLOSE",
    "title": "T",
    "description": "d" * 100,
    "companyApplyUrl": "https://example.com",
    "location": "Here",
    "companyName": "C",
}


@quick
@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_any_linkedin_element_is_judged(change: dict[str, Any]) -> None:
    rules = Rules(
        contract_urn="urn:li:contract:1",
        strict_close=True,
        refuse_unknown=True,
        apply_url_surface="http",
        now_ms=0,
    )
    try:
        error = check({**VALID, **change}, rules)
        status = error.status if error else 202
    except RefusalError as refusal:
        status = refusal.response.status
    assert status in {202, 400, 403, 422, 500}


@quick
@given(st.dictionaries(st.text(max_size=20), JSON, max_size=3))
def test_settings_take_or_refuse_any_change(changes: dict[str, Any]) -> None:
    with contextlib.suppress(ValidationError):
        Settings().patched(changes)


@quick
@given(st.text(min_size=1, max_size=60))
def test_any_text_is_a_place(text: str) -> None:
    assert isinstance(Location.model_validate(text).city, str)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("San Francisco, CA", ("San Francisco", "CA", "")),
        ("Phoenix, AZ 85003", ("Phoenix", "AZ", "85003")),
        ("Phoenix", ("Phoenix", "", "")),
        ("London SW1A 1AA", ("London", "", "SW1A 1AA")),
    ],
)
def test_places_are_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    place = Location.model_validate(text)
    assert (place.city, place.state, place.zip) == parts


@quick
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.integers(0, 20))
def test_readers_never_see_what_is_not_true_yet(changes: list[tuple[int, int]], now: int) -> None:
    timeline = Timeline(-1)
    true_at = 0
    for number, (wait, delay) in enumerate(changes):
        true_at += wait
        timeline.set(number, true_at=true_at, visible_at=true_at + delay)
    assert timeline.visible(now) <= timeline.truth(now) <= timeline.planned()


@quick
@given(st.integers(1, 3))
def test_a_reset_world_equals_a_new_one(times: int) -> None:
    world = World(seed=seed)
    job = world.indeed.get("1234", "1209")
    for _ in range(times):
        world.reset()
    again = world.indeed.get("1234", "1209")
    assert job
    assert again
    assert (again.posting_uuid, again.posted_at) == (job.posting_uuid, job.posted_at)
