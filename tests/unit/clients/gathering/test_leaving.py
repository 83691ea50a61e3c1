"""Until a request leaves, whoever asked for a part of it may take that back. In virtual time."""

import asyncio
from collections.abc import Sequence
from contextvars import copy_context

from clients.errors import ProviderError
from clients.gathering import WINDOW, Gathering, GatheringOfWrites
from clients.leaving import WRITE_BEGUN, leave
from tests.unit.clients.gathering.provider import TEN, in_virtual_time


class Queue:
    """A provider whose limit lets a request leave only when it is told to, as a client's pace does."""

    def __init__(self) -> None:
        self.turn = asyncio.Event()
        self.sent: list[list[str]] = []

    async def send(self, items: Sequence[str]) -> list[str | ProviderError]:
        await self.turn.wait()
        leave()
        self.sent.append(list(items))
        await asyncio.sleep(1)
        return [f"did {each}" for each in items]


async def asked(gathering: Gathering[str, str], item: str, begun: asyncio.Event | None = None) -> asyncio.Task[str]:
    """Ask, and go on once the request waits for its turn."""
    context = copy_context()
    context.run(WRITE_BEGUN.set, begun)
    task = asyncio.get_running_loop().create_task(gathering.ask(item), context=context)
    await asyncio.sleep(2 * WINDOW)
    return task


@in_virtual_time
async def test_what_is_given_up_while_its_request_waits_for_its_turn_is_never_sent() -> None:
    queue = Queue()
    gathering: Gathering[str, str] = GatheringOfWrites(queue.send, largest=TEN)
    given_up = await asked(gathering, "a")
    given_up.cancel()
    queue.turn.set()
    await asyncio.sleep(60)
    assert queue.sent == []


@in_virtual_time
async def test_what_goes_with_it_is_sent_without_it() -> None:
    queue = Queue()
    gathering: Gathering[str, str] = GatheringOfWrites(queue.send, largest=TEN, at_once=1)
    first = await asked(gathering, "first")
    others = [await asked(gathering, each) for each in ("a", "b", "c")]
    queue.turn.set()
    assert await first == "did first"
    queue.turn.clear()
    await asyncio.sleep(2 * WINDOW)
    others[1].cancel()
    queue.turn.set()
    assert [await others[0], await others[2]] == ["did a", "did c"]
    assert queue.sent == [["first"], ["a", "c"]]


@in_virtual_time
async def test_a_caller_learns_when_its_own_write_leaves_and_not_before() -> None:
    queue = Queue()
    gathering: Gathering[str, str] = GatheringOfWrites(queue.send, largest=TEN)
    begun = asyncio.Event()
    task = await asked(gathering, "a", begun)
    assert not begun.is_set()
    queue.turn.set()
    await asyncio.sleep(0.5)
    assert begun.is_set()
    assert await task == "did a"


@in_virtual_time
async def test_of_a_read_nobody_is_told() -> None:
    queue, begun = Queue(), asyncio.Event()
    queue.turn.set()
    gathering: Gathering[str, str] = Gathering(queue.send, largest=TEN)
    assert await (await asked(gathering, "a", begun)) == "did a"
    assert not begun.is_set()
