"""The tracks of a lifecycle: one for each board that the customer uses, as boards come and go."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from models.boards import BoardRecord, Boards, Evidence
from models.states import BoardName, BoardState, Intent
from workflows.boards.job import Job
from workflows.boards.registry import TRACKS, tracks_of
from workflows.boards.track import Track

NO_LONGER = "no longer among the customer's boards: Boardsync does nothing here, and proves nothing"
AGAIN = "among the customer's boards again"
CONFIGURATION = "Configuration"


class Tracks:
    """Run a track for each board that is used; keep what is known of a board that is used no more."""

    def __init__(self, job: Job, boards: Boards, intent: Intent) -> None:
        """Take up the work where the records stand."""
        self._job = job
        self._used = tracks_of(boards, job, intent)
        self._aside: dict[BoardName, BoardRecord] = dict(boards.set_aside)
        self._tasks: dict[BoardName, asyncio.Task[None]] = {}
        self._leaving: list[asyncio.Task[None]] = []

    def __iter__(self) -> Iterator[Track[Any]]:
        """Return the tracks of the boards that are used."""
        return iter(self._used.values())

    def get(self, board: BoardName) -> Track[Any] | None:
        """Return a board's track; None where the board is not used."""
        return self._used.get(board)

    @property
    def records(self) -> Boards:
        """Return what is known of every board."""
        views = {board.value: track.view for board, track in self._used.items()}
        return Boards.model_validate({**{board.value: record for board, record in self._aside.items()}, **views})

    @property
    def tasks(self) -> "list[asyncio.Task[None]]":
        """Return what runs, to be watched: a track that has failed must show."""
        return [*self._tasks.values(), *self._leaving]

    @property
    def states(self) -> set[BoardState]:
        """Return the states of the boards that are used."""
        return {track.view.state for track in self}

    @property
    def busy(self) -> bool:
        """Return whether a board has something to do that needs no person."""
        return any(track.busy for track in self)

    def each(self, work: Callable[[Track[Any]], None]) -> None:
        """Tell every track something."""
        for track in self:
            work(track)

    def start(self) -> None:
        """Have every track work that does not yet."""
        self._leaving = [task for task in self._leaving if not task.done() or task.exception() is not None]
        for board, track in self._used.items():
            if board not in self._tasks:
                self._tasks[board] = asyncio.create_task(track.run())

    def use(self, boards: Iterable[BoardName], intent: Intent, now: datetime) -> list[Track[Any]]:
        """Take up boards that are new, and set those aside that are used no more; return the new tracks."""
        wanted = set(boards)
        for board in [each for each in self._used if each not in wanted]:
            self._set_aside(board, now)
        return [self._take_up(board, intent, now) for board in BoardName if board in wanted - set(self._used)]

    async def stop(self) -> None:
        """Call off what is under way, so that the lifecycle can continue as new."""
        self.each(lambda track: track.stop())
        for task in self.tasks:
            await task

    def cancel(self) -> None:
        """End all work."""
        for task in self.tasks:
            task.cancel()

    def _set_aside(self, board: BoardName, now: datetime) -> None:
        track = self._used.pop(board)
        track.stop()
        if board in self._tasks:
            self._leaving.append(self._tasks.pop(board))
        gone = {"state": BoardState.IDLE, "outcome": None, "attention": None, "awaiting": None, "asked_at": None}
        evidence = (*track.view.evidence, _note(NO_LONGER, now))
        self._aside[board] = track.view.model_copy(
            update={**gone, "set_aside": True, "since": now, "evidence": evidence}
        )
        self._job.changed()

    def _take_up(self, board: BoardName, intent: Intent, now: datetime) -> Track[Any]:
        record = self._aside.pop(board, None)
        if record is None:
            record = TRACKS[board].record(since=now)
        else:
            evidence = (*record.evidence, _note(AGAIN, now))
            record = record.model_copy(update={"set_aside": False, "since": now, "evidence": evidence})
        track = TRACKS[board](self._job, record, intent)
        self._used[board] = track
        self._job.changed()
        return track


def _note(answered: str, now: datetime) -> Evidence:
    # By hand: a person changed the configuration, and no board answered.
    return Evidence(at=now, asked=CONFIGURATION, answered=answered, by_hand=True)
