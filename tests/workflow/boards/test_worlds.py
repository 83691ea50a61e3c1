"""In no world is a job called clear or gone while something is left, and no other job's posting is ever written.

The track and its activities run for real against the sandbox, on a clock that stands still unless somebody waits.
`BOARDSYNC_WORLDS=2000` tries so many of them.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from models.states import Outcome
from tests.support.worlds.indeed import JOB, Meanwhile, Plan, open_worlds

WORLDS = int(os.environ.get("BOARDSYNC_WORLDS", "40"))
TRACKING = "https://example.com/jobs/500?utm_source="

OVERLAYS = st.sampled_from(
    [
        False,
        True,
        {"trackingUrl": TRACKING + "OLD", "campaignCategories": ["spring"]},
        {"trackingUrl": TRACKING + "%7Ba%7D"},
        {"campaignCategories": ["a", "b"], "title": "Head Nurse"},
    ]
)
LIFECYCLES = st.sampled_from(["ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE", "PENDING"])


def special(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


POSTINGS = special(
    overlay=OVERLAYS,
    lifecycle=LIFECYCLES,
    posted_after=st.sampled_from([-100_000, -1000, 1000, 100_000]),
    requisition_id=st.sampled_from([JOB, "R-1", "600", None]),
    node=st.sampled_from([*["whole"] * 8, "null", "error"]),
    listing=st.sampled_from([*["listed"] * 8, "null"]),
    claimed_by=st.sampled_from([None, *["advertiser-1234"] * 5, "advertiser-other"]),
    title=st.just("As the feed spells it"),
)
FOREIGN = special(
    overlay=OVERLAYS,
    lifecycle=LIFECYCLES,
    posted_after=st.sampled_from([-100_000, -1000, 1000, 100_000]),
    requisition_id=st.sampled_from([JOB, JOB, "R-1"]),
    job_posting_id=st.sampled_from([None, None, None, "5000", "0500"]),
)
MOVES = st.tuples(st.just("move"), st.fixed_dictionaries({"ends": st.integers(0, 6), "arrives": st.integers(0, 6)}))
REINGESTIONS = st.tuples(
    st.just("reingest"),
    st.fixed_dictionaries(
        {"old": st.sampled_from(["ACTIVE", "INACTIVE", "null", "error"]), "keeps_overlay": st.booleans()}
    ),
)
EDITS = st.tuples(
    st.just("edit"),
    st.fixed_dictionaries(
        {"posting": st.integers(0, 2)},
        optional={
            "lifecycle": LIFECYCLES,
            "node": st.sampled_from(["whole", "null"]),
            "listing": st.sampled_from(["listed", "unlisted"]),
            "claimed_by": st.sampled_from([None, "advertiser-other"]),
            "job_posting_id": st.sampled_from([JOB, JOB, "another", None]),
        },
    ),
)
ADDITIONS = st.tuples(st.just("add"), POSTINGS)
UNPOSTS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.tuples(st.just("unpost"), st.just({}))
EVENTS: st.SearchStrategy[Meanwhile] = st.builds(
    lambda call, event: Meanwhile(call, event[0], event[1]),
    st.integers(1, 14),
    st.one_of(MOVES, REINGESTIONS, EDITS, ADDITIONS, UNPOSTS),
)


def fault(operation: str, kind: str, **fields: Any) -> Mapping[str, Any]:
    return {"operation": operation, "kind": kind, **fields}


DEAD_CURSOR = {"code": "BAD_USER_INPUT", "message": "The cursor is not valid.", "only": "next_page"}
KINDS = [
    *(fault(operation, kind) for operation in ("find", "node", "clear", "update") for kind in ("http", "drop")),
    *(fault(operation, "lost_answer") for operation in ("clear", "update")),
    *(fault(operation, "http_after") for operation in ("clear", "update")),
    *(fault(operation, "graphql_error") for operation in ("clear", "update", "node", "find")),
    fault("clear", "lie"),
    fault("update", "lie"),
    fault("update", "partial", fields=("trackingUrl",)),
    fault("clear", "graphql_error", code="NOT_FOUND", message="no"),
    fault("clear", "http", status=429),
    fault("find", "graphql_error", **DEAD_CURSOR),
    fault("find", "empty_page", only="next_page"),
    fault("find", "empty_page", only="first_page"),
    fault("node", "null_field", fields=("seatsConnection",)),
    fault("node", "null_field", fields=("jobData",)),
    fault("node", "null_field", fields=("jobData.externalPostingMetadata",)),
    fault("node", "null_field", fields=("jobData.title", "jobData.company")),
    fault("find", "null_field", fields=("jobData",)),
    fault("node", "garbage"),
    fault("node", "surrogate"),
    fault("find", "surrogate"),
    fault("find", "expire_token"),
]
FAULTS = st.builds(
    lambda kind, after, times: {**kind, "after": after, "times": times},
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.integers(1, 3),
)
SANDBOX = special(
    find_cursors=st.sampled_from(["entry", "offset"]),
    inactive_jobs=st.sampled_from(["listed", "unlisted"]),
    missing_node=st.sampled_from(["null", "error"]),
    write_to_inactive=st.sampled_from(["ok", "NOT_FOUND"]),
    clear_unclaimed=st.sampled_from(["ok", "NOT_FOUND"]),
    error_path=st.booleans(),
    error_message_place=st.sampled_from(["extensions", "top", "both"]),
    iri_spelling=st.sampled_from(["iri", "urn"]),
    title_shape=st.sampled_from(["as_sent", "truncated"]),
    url_shape=st.sampled_from(["as_sent", "encoded", "normalised"]),
    throttle_shape=st.sampled_from(["http", "errors"]),
    global_status_shape=st.sampled_from(["object", "array"]),
    campaign_categories=st.sampled_from(["replace", "append"]),
    estimate_offset=st.integers(-2, 2),
    max_batch=st.sampled_from([1, 2, 100]),
    visibility_seconds=st.sampled_from([0.0, 3.0]),
)
CONFIGURED = st.sampled_from(
    [
        {},
        {"tracking_url": None, "campaign_categories": []},
        {"tracking_url": None, "campaign_categories": [], "company_name": "Night Clinic"},
        {"url": "https://apply.example.com/{job_id}"},
    ]
)


def sound(plan: Plan) -> Plan:
    """Leave out lies about what is shown late: no read can tell these from the truth."""
    if not plan.sandbox.get("visibility_seconds"):
        return plan
    honest = tuple(each for each in plan.faults if each["kind"] != "lie")
    return Plan(**{**{name: getattr(plan, name) for name in Plan.__dataclass_fields__}, "faults": honest})


PLANS: st.SearchStrategy[Plan] = st.builds(
    Plan,
    postings=st.one_of(*[st.lists(POSTINGS, min_size=count, max_size=3).map(tuple) for count in (0, 1, 1, 2, 2)]),
    foreign=st.lists(FOREIGN, max_size=3).map(tuple),
    fillers=st.integers(0, 8),
    begins_posted=st.booleans(),
    meanwhile=st.lists(EVENTS, max_size=3).map(tuple),
    faults=st.lists(FAULTS, max_size=3).map(tuple),
    sandbox=SANDBOX,
    configured=CONFIGURED,
).map(sound)


RENAMED_AND_HIDDEN = Plan(
    postings=({},),
    meanwhile=(Meanwhile(3, "edit", {"posting": 0, "job_posting_id": "another", "node": "null"}),),
)
"""A posting that the listing has by another job's name alone, and that nothing shows by its id."""


HIDDEN_BESIDE_OTHERS = Plan(
    postings=({}, {}, {"overlay": True, "node": "null", "requisition_id": JOB}),
    meanwhile=(Meanwhile(4, "edit", {"posting": 2, "node": "whole", "listing": "unlisted"}),),
)
"""A posting that is listed and not shown at first, and shown and not listed once the others are found."""


SHOWN_AGAIN_UNLISTED = Plan(
    postings=({}, {}, {}),
    meanwhile=(
        Meanwhile(1, "edit", {"posting": 2, "listing": "listed", "node": "null"}),
        Meanwhile(9, "edit", {"posting": 2, "listing": "unlisted", "node": "whole"}),
    ),
)
"""A posting that is listed and not shown by its id when that is asked, and the other way round when the listing is."""


@pytest.mark.usefixtures("at_once")
@pytest.mark.timeout(120 + 12 * WORLDS)
def test_nothing_is_called_proven_while_the_board_shows_otherwise() -> None:
    outcomes: Counter[str] = Counter()
    with asyncio.Runner() as runner:
        context = open_worlds()
        worlds = runner.run(context.__aenter__())

        @given(PLANS)
        @example(RENAMED_AND_HIDDEN)
        @example(HIDDEN_BESIDE_OTHERS)
        @example(SHOWN_AGAIN_UNLISTED)
        @settings(
            max_examples=WORLDS,
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        def try_one(plan: Plan) -> None:
            found = runner.run(worlds.run(plan))
            note(found.record.model_dump_json(indent=1))
            outcomes[found.outcome.value if found.outcome else "not proven"] += 1
            assert found.lies == []

        try:
            try_one()
        finally:
            runner.run(context.__aexit__(None, None, None))
            print(dict(outcomes))
    # The worlds are worth something only if most of them come to an end.
    assert outcomes[Outcome.CLEARED.value] + outcomes[Outcome.GONE.value] > sum(outcomes.values()) / 4
