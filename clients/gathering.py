"""Gather single calls into few requests, each with an answer of its own.

The idea is a data loader's. aiodataloader was looked at and not taken: it keeps answers, though a read proves something
only where it begins after the question; it waits for nobody, knows no size that a provider finds too large, and a
caller that gives up spoils the answers of all others.
"""

import asyncio
import math
from bisect import insort
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from clients.errors import ProviderError
from clients.failures import NO_ANSWER
from clients.leaving import LEAVING, WRITE_BEGUN, Withdrawn
from clients.urgency import UNHURRIED, URGENCY
from models.problems import IN_DOUBT, Category

WINDOW = 0.01
"""Seconds for which a call waits for company while another request is under way; none where it is the only one."""
AT_ONCE = 8
"""Requests under way at a time: what is asked for meanwhile goes out together."""
FAILURES_IN_A_ROW = 12
"""So many say that the provider is failing, rather than single items: one bad item among 50 is found by six."""
ALONE_KEPT = 1_000
_OF_ALL = frozenset({Category.RATE_LIMITED, Category.CREDENTIALS})

UNHURRIED_WINDOW = 1.0
"""Seconds between two requests of what is unhurried, unless they are full: alone it waits for nobody either."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Send = Callable[[Sequence[Item]], Awaitable[Sequence[Answer | ProviderError]]]
"""Sends some items and returns what became of each, in their order; raises ProviderError where all have failed."""


def refused(error: ProviderError) -> bool:
    """Return whether a write was refused as a whole, maybe for one item: nothing of it was carried out."""
    return error.problem.category not in IN_DOUBT | _OF_ALL


def failed_on_one(error: ProviderError) -> bool:
    """Return whether a read may have failed because of one item: it was answered, and may be sent again at once."""
    return refused(error) or (error.problem.category in IN_DOUBT and error.code not in NO_ANSWER)


@dataclass(eq=False, slots=True)
class _Place(Generic[Item, Answer]):
    """An item that waits, and who waits for it."""

    key: Hashable
    item: Item
    urgency: int
    waiters: list[asyncio.Future[Answer]] = field(default_factory=list)
    begun: list[asyncio.Event] = field(default_factory=list)
    """To be set as the item leaves."""

    @property
    def wanted(self) -> bool:
        return not all(each.done() for each in self.waiters)


class Gathering(Generic[Item, Answer]):
    """Send what is asked for at about the same time in one request.

    A request never has two items of one `key`. One that fails as a whole is sent again in halves where `cut_up` says
    that this does no harm; else it is the failure of each of its items, and each goes alone when it is asked for next:
    so one bad item holds up no other for long. Of an answer that is `unclear`, as it may be another item's, each item
    goes alone at once.
    """

    _writes = False
    _apart = 0.0
    """Seconds between two requests, unless they are full."""

    def __init__(
        self,
        send: Send[Item, Answer],
        *,
        largest: int,
        key: Callable[[Item], Hashable] = lambda item: item,
        weigh: Callable[[Item], int] = lambda _: 0,
        heaviest: int = 0,
        cut_up: Callable[[ProviderError], bool] = refused,
        unclear: Callable[[Answer | ProviderError], bool] = lambda _: False,
        at_once: int = AT_ONCE,
    ) -> None:
        """Send nothing yet; requests have up to `largest` items, which weigh up to `heaviest`."""
        self.size = self.largest = largest
        self._send, self._key, self._weigh, self._heaviest = send, key, weigh, heaviest
        self._cut_up, self._unclear, self._at_once = cut_up, unclear, at_once
        self._waiting: list[_Place[Item, Answer]] = []
        self._by_key: dict[Hashable, _Place[Item, Answer]] = {}
        self._alone: set[Hashable] = set()
        self._timer: asyncio.Handle | None = None
        self._due = math.inf
        """When the timer fires: not every event loop's handle tells, uvloop's does not where that is at once."""
        self._began_at = -math.inf
        self._under_way = self._in_a_row = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, item: Item, *, urgency: int | None = None) -> Answer:
        """Return what becomes of one item, of a request that begins after this call.

        A caller that gives up before its item leaves takes it back, however long the request waits for its turn; the
        other callers get their answers all the same.
        Raises ProviderError.
        """
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        place = self._place(item, URGENCY.get() if urgency is None else urgency)
        place.waiters.append(waiter)
        if self._writes and (begun := WRITE_BEGUN.get()) is not None:
            place.begun.append(begun)
        self._look()
        return await waiter

    async def ask_all(self, items: Sequence[Item]) -> list[Answer | ProviderError]:
        """Return what becomes of each of some items, in their order; only a fault of ours is raised."""
        answers = await asyncio.gather(*(self.ask(each) for each in items), return_exceptions=True)
        return [_answer_or_problem(each) for each in answers]

    def _place(self, item: Item, urgency: int) -> _Place[Item, Answer]:
        key = self._key(item)
        place = self._by_key.get(key)
        if place is None or place.item != item or not place.wanted:
            place = self._by_key[key] = _Place(key, item, urgency)
            insort(self._waiting, place, key=_urgency)
        elif urgency < place.urgency:
            self._waiting.remove(place)
            place.urgency = urgency
            insort(self._waiting, place, key=_urgency)
        return place

    def _look(self) -> None:
        """Send what fills a request, and let anything less wait a moment, if there is or just was another request."""
        while len(self._waiting) >= self.size and self._under_way < self._at_once:
            self._begin()
        if not self._waiting or self._under_way >= self._at_once:
            return
        loop = asyncio.get_running_loop()
        apart = UNHURRIED_WINDOW if self._waiting[0].urgency >= UNHURRIED else self._apart
        due = max(loop.time() + (WINDOW if self._under_way else 0.0), self._began_at + apart)
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = loop.call_at(due, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        if self._under_way < self._at_once:
            self._begin()
        self._look()

    def _begin(self) -> None:
        places = self._take()
        if not places:
            return
        self._under_way += 1
        loop = asyncio.get_running_loop()
        self._began_at = loop.time()
        # Whoever happens to have asked last has no more to do with the request than the others.
        context = Context()
        context.run(URGENCY.set, places[0].urgency)
        task = loop.create_task(self._run(places), context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self) -> list[_Place[Item, Answer]]:
        """Take the most urgent items that go together."""
        taken: list[_Place[Item, Answer]] = []
        left: list[_Place[Item, Answer]] = []
        keys: set[Hashable] = set()
        weight, room = 0, self.size
        for place in self._waiting:
            if not place.wanted:
                self._forget(place)
                continue
            more, alone = self._weigh(place.item), place.key in self._alone
            if taken and (len(taken) >= room or place.key in keys or alone or weight + more > self._heaviest):
                left.append(place)
                continue
            taken.append(place)
            keys.add(place.key)
            weight += more
            room = 1 if alone else room
            self._forget(place)
        self._waiting = left
        return taken

    def _forget(self, place: _Place[Item, Answer]) -> None:
        """Let nobody join an item any more."""
        if self._by_key.get(place.key) is place:
            del self._by_key[place.key]

    async def _run(self, places: list[_Place[Item, Answer]]) -> None:
        waiters = [each for place in places for each in place.waiters]
        try:
            await self._deliver(places)
        except asyncio.CancelledError:
            for each in waiters:
                each.cancel()
            raise
        except Exception as error:  # noqa: BLE001 -- a fault of ours, which every caller is to see
            for each in waiters:
                if not each.done():
                    each.set_exception(error)
        finally:
            self._under_way -= 1
            self._look()

    async def _deliver(self, places: Sequence[_Place[Item, Answer]]) -> bool:
        """Send some items and tell who waits; return whether they went as one request that was answered."""
        places = [each for each in places if each.wanted]
        if not places:
            return True
        LEAVING.set(partial(_leave, places))
        try:
            answers = await self._send([each.item for each in places])
        except Withdrawn:
            return await self._deliver(places)
        except ProviderError as error:
            await self._failed(places, error)
            return False
        self._in_a_row = 0
        if len(places) >= self.size:
            self.size = min(self.largest, self.size + 1)
        unclear = []
        for place, answer in zip(places, answers, strict=True):
            if len(places) > 1 and self._unclear(answer):
                unclear.append(place)
            else:
                self._tell(place, answer)
        for place in unclear:
            await self._deliver([place])
        return True

    async def _failed(self, places: Sequence[_Place[Item, Answer]], error: ProviderError) -> None:
        self._in_a_row += 1
        if error.problem.category is Category.RATE_LIMITED:
            self.size = max(1, self.size // 2)
        elif len(places) > 1 and self._in_a_row <= FAILURES_IN_A_ROW and error.sent:
            if self._cut_up(error):
                await self._in_halves(places)
                return
            if error.problem.category in IN_DOUBT:
                self._go_alone(places)
        for place in places:
            self._tell(place, error)

    async def _in_halves(self, places: Sequence[_Place[Item, Answer]]) -> None:
        """Send again what was refused: either it was too much at once, or one item of it spoils it for the others."""
        half = (len(places) + 1) // 2
        first, second = await self._deliver(places[:half]), await self._deliver(places[half:])
        if first and second:
            self.largest = min(self.largest, half)
            self.size = min(self.size, half)

    def _go_alone(self, places: Sequence[_Place[Item, Answer]]) -> None:
        if len(self._alone) + len(places) > ALONE_KEPT:
            self._alone.clear()
        self._alone.update(each.key for each in places)

    def _tell(self, place: _Place[Item, Answer], answer: Answer | ProviderError) -> None:
        if not isinstance(answer, ProviderError):
            self._alone.discard(place.key)
        for each in place.waiters:
            if each.done():
                continue
            if isinstance(answer, ProviderError):
                each.set_exception(answer.again())
            else:
                each.set_result(answer)


class GatheringOfWrites(Gathering[Item, Answer]):
    """The same for writes: a caller learns from when on its own may have been carried out."""

    _writes = True


def _leave(places: Sequence[_Place[Any, Any]]) -> None:
    """Let a request leave only with what is still wanted."""
    if not all(each.wanted for each in places):
        raise Withdrawn
    for each in places:
        for begun in each.begun:
            begun.set()


def _urgency(place: _Place[Any, Any]) -> int:
    return place.urgency


def _answer_or_problem(answer: Answer | BaseException) -> Answer | ProviderError:
    if isinstance(answer, BaseException) and not isinstance(answer, ProviderError):
        raise answer
    return answer
