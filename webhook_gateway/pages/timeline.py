"""What happened to a job, in one line of time: what each board was asked and answered, and what Boardsync was told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from models.plain_words import plainly
from webhook_gateway.pages.view import Board, Exchange, Heard, Moment, Page


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One entry: what a board answered, or what Boardsync was told."""

    at: Moment
    lane: str
    """The board, or `told`: the colour of the entry."""
    where: str
    said: str
    answered: str | None = None
    ids: Sequence[tuple[str, str]] = ()
    later: str | None = None
    """How long after the entry before it."""


def timeline_of(page: Page) -> Sequence[Happening]:
    """Return all that was asked, answered and heard, newest first."""
    told = [_heard(each) for each in page.heard]
    asked = [_asked(board, each) for board in page.boards for each in board.evidence if not each.by_signal]
    found = sorted([*reversed(told), *reversed(asked)], key=lambda each: each.at.iso)
    spaced = [replace(each, later=gap(before.at, each.at)) for before, each in pairwise(found)]
    return [*reversed(spaced), *found[:1]]


def gap(before: Moment, after: Moment) -> str | None:
    """Say how long passed between two moments; None where that is next to nothing."""
    seconds = (datetime.fromisoformat(after.iso) - datetime.fromisoformat(before.iso)).total_seconds()
    for unit, size, least in (("day", 86400, 1), ("hour", 3600, 1), ("minute", 60, 1), ("second", 1, 10)):
        if seconds >= size * least:
            count = int(seconds // size)
            return f"{count} {unit}{'s' * (count != 1)} later"
    return None


def _asked(board: Board, exchange: Exchange) -> Happening:
    return Happening(
        at=exchange.at,
        lane=board.anchor,
        where=board.label,
        said=plainly(exchange.asked),
        answered=plainly(exchange.answered),
        ids=exchange.ids,
    )


def _heard(heard: Heard) -> Happening:
    said = plainly(heard.text)
    said = said if said.startswith("iCIMS") else said[:1].upper() + said[1:]
    return Happening(at=heard.at, lane="told", where="Boardsync was told", said=said, answered=heard.reason)
