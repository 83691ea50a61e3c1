"""In no world is a job called closed or gone on LinkedIn while it is listed there, or is another job written.

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
from tests.support.worlds.linkedin import Worlds
from tests.support.worlds.linkedin_plan import Happening, Plan

WORLDS = int(os.environ.get("BOARDSYNC_WORLDS", "40"))

CONFLICT = "Cannot close job which is already closed or does not exist"
POSTINGS = st.sampled_from(["listed", "listed", "listed", "listed", "closed", "withheld", "expired", None])


def happening(what: str, **how: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(what), st.fixed_dictionaries(how))


BECOMES = happening("becomes", state=st.sampled_from(["listed", "listed", "closed", "withheld", "expired", None]))
HINTS = happening("hint", listing=st.sampled_from(["LISTED", "LISTED", "NOT_LISTED", "IN_PROGRESS", None]))
ICIMS = happening("icims", portals=st.sampled_from([(), ("jobs",)]))
WISHES = st.one_of(*[happening(each) for each in ("post", "edit", "unpost", "close")])
OTHERS = st.one_of(*[happening(each) for each in ("resync", "retry", "confirm")])
MEANWHILE: st.SearchStrategy[Happening] = st.builds(
    lambda call, event: Happening(event[0], call, event[1]),
    st.integers(1, 14),
    st.one_of(BECOMES, HINTS, WISHES, OTHERS, ICIMS),
)
AFTERWARDS: st.SearchStrategy[Happening] = st.builds(
    lambda event: Happening(event[0], 0, event[1]),
    st.one_of(
        BECOMES, HINTS, HINTS, WISHES, OTHERS, ICIMS, happening("restart"), happening("forward", hours=st.just(30))
    ),
)
COMES_BACK = [Happening("becomes", 0, {"state": "listed"}), Happening("hint", 0, {"listing": "LISTED"})]
"""LinkedIn lists a closed job again, and says so."""
AGAIN_AND_AGAIN = st.integers(1, 5).map(lambda times: tuple(COMES_BACK * times))


def fault(operation: str, kind: str, **fields: Any) -> Mapping[str, Any]:
    return {"operation": operation, "kind": kind, **fields}


KINDS = [
    *(fault(operation, kind) for operation in ("submit", "tasks", "status") for kind in ("http", "drop", "garbage")),
    *(fault(operation, "http", status=429) for operation in ("submit", "tasks", "status")),
    *(fault(operation, "expire_token") for operation in ("submit", "tasks", "status")),
    fault("submit", "lost_answer"),
    fault("submit", "lost_answer"),
    fault("submit", "http_after", status=504),
    fault("submit", "http_after", status=500),
    fault("submit", "lie"),
    fault("submit", "delay_visibility", seconds=200),
    fault("submit", "slow_task", seconds=30),
    fault("submit", "slow_task", seconds=1000),
    fault("submit", "withhold", message="INVALID_LOCATION: no"),
    fault("submit", "element_error", status=409, message=CONFLICT),
    fault("submit", "element_error", status=422, message="ERROR :: /title :: field is required"),
    *(
        fault("submit", "task_outcome", outcome=outcome, takes_effect=takes_effect)
        for outcome in ("FAILED", "PROCESSED", "PROCESSED_WITH_ERROR")
        for takes_effect in (False, True)
    ),
    fault("submit", "task_outcome", outcome="FAILED", message="Internal Server Error"),
    fault("job", "http", provider="icims"),
    fault("job", "drop", provider="icims"),
    fault("portal_job", "http", provider="icims", status=503),
    fault("token", "http"),
]
FAULTS = st.builds(
    lambda kind, after, times: {**kind, "after": after, "times": times},
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.sampled_from([1, 1, 2, 3, None]),
)
SANDBOX: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "task_seconds": st.sampled_from([0.0, 60.0, 280.0]),
        "visibility_seconds": st.sampled_from([0.0, 20.0, 200.0]),
        "task_outcome": st.sampled_from(["SUCCEEDED", "SUCCEEDED", "PROCESSED"]),
        "task_id_seconds": st.sampled_from([2_000.0, 86_400.0]),
        "conflict_surface": st.sampled_from(["element", "http", "task"]),
        "new_job_status": st.sampled_from(["unknown", "IN_PROGRESS"]),
        "update_of_closed": st.sampled_from(["reopens", "ignored"]),
        "duplicate_create": st.sampled_from(["fails", "taken"]),
        "detail_keys": st.sampled_from(["singular", "plural"]),
        "expired_token_text": st.sampled_from(["is expired", "has expired"]),
    },
)
LOSES = {"lost_answer", "http_after"}
LATE = {"delay_visibility", "slow_task"}
BREAKS_OFF = {"post", "edit", "unpost", "close"}


def sound(plan: Plan) -> Plan:
    """Have LinkedIn carry out what it did not answer within the five minutes that it names: else no read proves it.

    A wish that comes while it is called breaks the call off, so that its answer is not seen either.
    """
    broken_off = any(each.what in BREAKS_OFF for each in plan.meanwhile)
    if not broken_off and not any(each["kind"] in LOSES for each in plan.faults):
        return plan
    fields = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    fields["faults"] = tuple(each for each in plan.faults if each["kind"] not in LATE)
    fields["sandbox"] = {name: min(value, 100.0) if name in SECONDS else value for name, value in plan.sandbox.items()}
    return Plan(**fields)


SECONDS = {"task_seconds", "visibility_seconds"}
ANYTHING: st.SearchStrategy[Plan] = st.builds(
    Plan,
    posting=POSTINGS,
    creates=st.booleans(),
    begins_posted=st.booleans(),
    by_event=st.sampled_from([True, True, False]),
    seen_before=st.sampled_from([False, False, True]),
    portals=st.sampled_from([None, (), (), ("jobs",)]),
    meanwhile=st.lists(MEANWHILE, max_size=3).map(tuple),
    afterwards=st.one_of(st.lists(AFTERWARDS, max_size=4).map(tuple), AGAIN_AND_AGAIN),
    faults=st.lists(FAULTS, max_size=3).map(tuple),
    sandbox=SANDBOX,
)
SLOW: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"task_seconds": st.sampled_from([0.0, 60.0]), "visibility_seconds": st.sampled_from([20.0, 100.0])}
)
LATE_OR_LOST = [each for each in KINDS if each["kind"] in LOSES | LATE]
RACES: st.SearchStrategy[Plan] = st.builds(
    Plan,
    posting=st.sampled_from([None, "closed", "listed"]),
    creates=st.just(True),
    begins_posted=st.just(True),
    meanwhile=st.lists(
        st.builds(
            lambda call, what: Happening(what, call), st.integers(3, 8), st.sampled_from(["unpost", "edit", "post"])
        ),
        max_size=2,
    ).map(tuple),
    faults=st.sampled_from(LATE_OR_LOST).map(lambda kind: ({**kind, "times": 1},)),
    sandbox=SLOW,
)
"""A job that is created or edited, and unposted while LinkedIn is at work or its answer is lost."""
PLANS = st.one_of(ANYTHING, ANYTHING, RACES).map(sound)


CLOSED_BY_A_LOST_TRY = Plan(
    creates=True,
    begins_posted=True,
    meanwhile=(Happening("post", 5),),
    faults=({"operation": "submit", "kind": "lost_answer"},),
    sandbox={"task_seconds": 0.0, "visibility_seconds": 20.0},
)
"""The close was carried out, its answer was lost, the next try is refused with 409, and the job is posted again."""


WITHHELD_IN_BETWEEN = Plan(
    posting="closed", begins_posted=True, meanwhile=(Happening("becomes", 3, {"state": "withheld"}),)
)
"""Closed when it was to be closed, so that nothing was sent, and withheld when it is read back: it may come back."""


UNREAD_WHEN_IT_WAS_BACK = Plan(
    posting="listed",
    by_event=False,
    afterwards=tuple(COMES_BACK * 2),
    faults=({"operation": "status", "kind": "expire_token", "after": 2, "times": 2},),
)
"""Closed, and listed again; it cannot be read then, so a person is asked, and the next notification has it read."""


@pytest.mark.usefixtures("at_once")
@pytest.mark.timeout(120 + 12 * WORLDS)
def test_nothing_is_called_proven_while_linkedin_shows_otherwise() -> None:
    outcomes: Counter[str] = Counter()
    worlds = Worlds()
    with asyncio.Runner() as runner:

        @example(CLOSED_BY_A_LOST_TRY)
        @example(WITHHELD_IN_BETWEEN)
        @example(UNREAD_WHEN_IT_WAS_BACK)
        @given(PLANS)
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
            outcomes[found.record.outcome.value if found.record.outcome else "not proven"] += 1
            assert found.lies == ()

        try:
            try_one()
        finally:
            print(dict(outcomes))
    # The worlds are worth something only if many of them come to an end.
    assert outcomes[Outcome.CLOSED.value] + outcomes[Outcome.GONE.value] > sum(outcomes.values()) / 4
