"""Sentences in the Web UI's timeline: what people send, and for how long something needs a person."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from models.boards import Attention
from models.lifecycle import Lifecycle
from models.texts import clipped
from workflows.boards.steps import SUMMARY_LIMIT

A_MOMENT = timedelta(milliseconds=1)
LONG = timedelta(days=365)


class Marks:
    """Leave marks, each a timer: nothing waits for one, and a close that needs nobody has none."""

    def __init__(self) -> None:
        """Leave none yet."""
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._said: set[asyncio.Task[None]] = set()

    def said(self, sentence: str) -> None:
        """Mark the moment at which somebody said something."""
        mark = asyncio.create_task(_passing(sentence))
        self._said.add(mark)
        mark.add_done_callback(self._said.discard)

    def look(self, lifecycle: Lifecycle) -> None:
        """Keep a mark open for each thing that needs a person, until it does no more."""
        asked = dict(_asked(lifecycle))
        for key in [each for each in self._asking if each not in asked]:
            self._asking.pop(key).cancel()
        # In this order: that of a set differs from process to process, and a replay must begin the same timers.
        for key, sentence in asked.items():
            if key not in self._asking:
                self._asking[key] = asyncio.create_task(_lasting(sentence))


def _asked(lifecycle: Lifecycle) -> list[tuple[str, str]]:
    asked: list[tuple[str, Attention | None]] = [("The job", lifecycle.attention)]
    asked += [(board.label, record.attention) for board, record in lifecycle.boards.used]
    # What it says in detail may change with each try; the mark stays.
    return [
        (f"{where} {each.category} {each.since}", f"{where} needs a person: {each.reason} {each.remedy}")
        for where, each in asked
        if each is not None
    ]


async def _passing(sentence: str) -> None:
    await workflow.sleep(A_MOMENT, summary=clipped(sentence, SUMMARY_LIMIT))


async def _lasting(sentence: str) -> None:
    while True:
        await workflow.sleep(LONG, summary=clipped(sentence, SUMMARY_LIMIT))
