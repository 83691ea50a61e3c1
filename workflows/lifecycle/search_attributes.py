"""What a lifecycle can be found by: search attributes, changed when something changes that people search by."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeUpdate, TypedSearchAttributes

from models.boards import Attention
from models.lifecycle import Lifecycle
from models.states import BoardName, BoardState, Intent, Phase
from models.temporal import (
    ATTENTION,
    BOARD_STATE,
    INDEED_HIDDEN,
    INDEED_JOB_ID,
    JOB_TITLE,
    PHASE,
    UNSETTLED_SINCE,
    WAITS_FOR,
    search_attributes,
    updates_known,
)

UNDER_WAY = frozenset({Phase.UPDATING, Phase.CLOSING})
"""Phases that pass: how each board stands meanwhile is told by the query and the details."""
MOVING = frozenset({BoardState.WORKING.value, BoardState.CONFIRMING.value})


def search_attribute_updates(
    lifecycle: Lifecycle, shown: TypedSearchAttributes, known: Collection[str] | None = None
) -> list[SearchAttributeUpdate[Any]]:
    """Return what differs from what is shown; empty while nothing has changed that people search by.

    That is the phase, what needs a person, and, once nothing is under way, how each board stands and whether the job is
    found. Everything else waits for it: each upsert is a billed Action, and costs the server a write to visibility.
    An attribute that the namespace lacks is left out, as Temporal would refuse the whole step: `known` are those that
    it has, None for all.
    """
    updates = updates_known(_differing(lifecycle, shown), known)
    changed = {each.key.name for each in updates}
    if changed & {PHASE.name, ATTENTION.name, WAITS_FOR.name}:
        return updates
    if lifecycle.phase not in UNDER_WAY and INDEED_HIDDEN.name in changed:
        return updates
    stands_anew = any(_stands_anew(board, state, shown) for board, state in _states(lifecycle))
    return updates if lifecycle.phase not in UNDER_WAY and stands_anew and changed else []


def _differing(lifecycle: Lifecycle, shown: TypedSearchAttributes) -> Iterator[SearchAttributeUpdate[Any]]:
    for pair in search_attributes(
        lifecycle.customer_id, lifecycle.job_id, lifecycle.phase, _states(lifecycle), unsettled_since(lifecycle)
    ):
        if shown.get(pair.key) != pair.value:
            yield pair.key.value_set(pair.value)
    if unsettled_since(lifecycle) is None and shown.get(UNSETTLED_SINCE) is not None:
        yield UNSETTLED_SINCE.value_unset()
    asked = [lifecycle.attention, *(track.attention for _, track in lifecycle.boards.used)]
    causes = sorted({each.cause for each in asked if each is not None and each.cause is not None})
    if sorted(shown.get(WAITS_FOR) or ()) != causes:
        yield WAITS_FOR.value_set(causes) if causes else WAITS_FOR.value_unset()
    category = _oldest(asked)
    if shown.get(ATTENTION) != category:
        yield ATTENTION.value_unset() if category is None else ATTENTION.value_set(category)
    if lifecycle.title is not None and shown.get(JOB_TITLE) != lifecycle.title:
        yield JOB_TITLE.value_set(lifecycle.title)
    indeed = lifecycle.boards.indeed
    iri = indeed.employer_job_id if indeed is not None else None
    if iri is not None and shown.get(INDEED_JOB_ID) != iri:
        yield INDEED_JOB_ID.value_set(iri)
    hidden = _hidden(lifecycle)
    if shown.get(INDEED_HIDDEN) != hidden:
        yield INDEED_HIDDEN.value_unset() if hidden is None else INDEED_HIDDEN.value_set(hidden)


def _hidden(lifecycle: Lifecycle) -> str | None:
    indeed = lifecycle.boards.indeed
    if indeed is None or indeed.set_aside or lifecycle.intent is not Intent.POSTED or indeed.hidden is None:
        return None
    return indeed.hidden.value


def _states(lifecycle: Lifecycle) -> list[tuple[BoardName, BoardState]]:
    return [(board, track.state) for board, track in (*lifecycle.boards.used, *lifecycle.boards.set_aside)]


def _stands_anew(board: BoardName, state: BoardState, shown: TypedSearchAttributes) -> bool:
    before = shown.get(BOARD_STATE[board])
    return before != state.value and not {before, state.value} <= MOVING


def unsettled_since(lifecycle: Lifecycle) -> datetime | None:
    """Return since when the boards are not at the intent; None while they are."""
    waiting = [
        track.asked_at or track.since
        for _, track in lifecycle.boards.used
        if track.state not in {BoardState.IDLE, BoardState.SETTLED}
    ]
    if lifecycle.attention is not None:
        waiting.append(lifecycle.attention.since)
    return min(waiting, default=None)


def _oldest(asked: list[Attention | None]) -> str | None:
    waiting = [each for each in asked if each is not None]
    return min(waiting, key=lambda each: each.since).category.value if waiting else None
