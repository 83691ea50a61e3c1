"""Every board that a lifecycle can keep in step. A new board is an entry here; see docs/extending.md."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from models.boards import Boards
from models.states import BoardName, Intent
from workflows.boards.indeed.track import Indeed
from workflows.boards.job import Job
from workflows.boards.linkedin.track import LinkedIn
from workflows.boards.track import Track

TRACKS: Mapping[BoardName, type[Track[Any]]] = {BoardName.LINKEDIN: LinkedIn, BoardName.INDEED: Indeed}


def first_records(boards: Iterable[BoardName], now: datetime) -> Boards:
    """Return what is recorded of boards of which nothing is known yet."""
    return Boards.model_validate({board.value: TRACKS[board].record(since=now) for board in boards})


def tracks_of(boards: Boards, job: Job, intent: Intent) -> dict[BoardName, Track[Any]]:
    """Return a track for each board that is used, where its record stands."""
    return {board: TRACKS[board](job, record, intent) for board, record in boards.used}


def board_of(signal: str) -> BoardName:
    """Return the board whose own signal this is.

    Raises LookupError for any other signal.
    """
    for board, track in TRACKS.items():
        if signal in track.own_signals:
            return board
    raise LookupError(signal)
