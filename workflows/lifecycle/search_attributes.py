"""What a lifecycle can be found by: search attributes, changed once per transition."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeUpdate, TypedSearchAttributes

from models.lifecycle import Attention, BoardState, Lifecycle
from models.temporal import ATTENTION, INDEED_JOB_ID, UNSETTLED_SINCE, search_attributes, updates_known


def search_attribute_updates(
    lifecycle: Lifecycle, shown: TypedSearchAttributes, known: Collection[str] | None = None
) -> list[SearchAttributeUpdate[Any]]:
    """Return what differs from what is shown; empty while no state has changed.

    An attribute that the namespace lacks is left out, as Temporal would refuse the whole step: `known` are those that
    it has, None for all.
    Each upsert is a billed Action, so the job's id at Indeed and times wait for the next change of state.
    """
    tracks = lifecycle.boards.used
    states = [(board, track.state) for board, track in (*tracks, *lifecycle.boards.set_aside)]
    wanted = search_attributes(lifecycle.customer_id, lifecycle.job_id, lifecycle.phase, states)
    updates: list[SearchAttributeUpdate[Any]] = [
        pair.key.value_set(pair.value) for pair in wanted if shown.get(pair.key) != pair.value
    ]
    asked = [lifecycle.attention, *(track.attention for _, track in tracks)]
    category = _oldest(asked)
    if shown.get(ATTENTION) != category:
        updates.append(ATTENTION.value_unset() if category is None else ATTENTION.value_set(category))
    indeed = lifecycle.boards.indeed
    iri = indeed.employer_job_id if indeed is not None else None
    since = unsettled_since(lifecycle)
    if updates and shown.get(UNSETTLED_SINCE) != since:
        updates.append(UNSETTLED_SINCE.value_unset() if since is None else UNSETTLED_SINCE.value_set(since))
    if updates and iri is not None and shown.get(INDEED_JOB_ID) != iri:
        updates.append(INDEED_JOB_ID.value_set(iri))
    return updates_known(updates, known)


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
