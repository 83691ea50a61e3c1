"""Gathering: few requests, and each item has its own answer, whatever is wrong with others. In virtual time."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.failures import TIMEOUT
from clients.gathering import FAILURES_IN_A_ROW, WINDOW, Gathering, failed_on_one, refused
from clients.urgency import UNHURRIED, URGENCY
from models.problems import Category, Problem
from runtime.process import run_quickly
from tests.support import virtual_time

TEN = 10


def problem(category: Category, *, sent: bool = True, code: str = "") -> ProviderError:
    told = Problem(category=category, reason="no", remedy="none", retry_after=timedelta(0))
    return ProviderError(told, provider="P", operation="o", sent=sent, code=code)


class Provider:
    """Takes so many items at once, and takes its time; items and requests fail as they are told to."""

    def __init__(self, *, most: int = 100, takes: float = 0.1) -> None:
        self.most, self.takes = most, takes
        self.requests: list[list[str]] = []
        self.began: list[float] = []
        self.refused: set[str] = set()
        self.spoilt: dict[str, Category] = {}
        self.failing: ProviderError | None = None
        self.carried_out: Counter[str] = Counter()
        self.side_by_side = self.most_side_by_side = 0

    async def send(self, items: Sequence[str]) -> list[str | ProviderError]:
        self.requests.append(list(items))
        self.began.append(asyncio.get_running_loop().time())
        self.side_by_side += 1
        self.most_side_by_side = max(self.most_side_by_side, self.side_by_side)
        await asyncio.sleep(self.takes)
        self.side_by_side -= 1
        if self.failing is not None:
            raise self.failing
        if len(items) > self.most:
            raise problem(Category.INVALID_POSTING)
        for each in items:
            if each in self.spoilt:
                raise problem(self.spoilt[each])
        self.carried_out.update(each for each in items if each not in self.refused)
        return [problem(Category.CLAIMED) if each in self.refused else f"did {each}" for each in items]

    @property
    def sizes(self) -> list[int]:
        return [len(each) for each in self.requests]


def names(count: int) -> list[str]:
    return [f"n{number}" for number in range(count)]


def in_virtual_time(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        virtual_time.run(test())

    run.__name__ = test.__name__
    return run


@in_virtual_time
async def test_what_is_asked_for_at_once_goes_together_and_each_has_its_own_answer() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN)
    provider.refused = {"n3"}
    answers = await gathering.ask_all(names(25))
    assert [each for each in answers if isinstance(each, str)] == [f"did {each}" for each in names(25) if each != "n3"]
    assert isinstance(answers[3], ProviderError)
    assert answers[3].problem.category is Category.CLAIMED
    assert provider.sizes == [10, 10, 5]


def test_on_the_event_loop_of_the_workers_calls_go_together_too() -> None:
    # Its handle of a call that is due at once does not tell when it is due.
    provider = Provider(takes=0.0)
    answers: list[str | ProviderError] = []

    async def work() -> None:
        answers.extend(await Gathering(provider.send, largest=TEN).ask_all(names(3)))

    run_quickly(work())
    assert answers == ["did n0", "did n1", "did n2"]
    assert provider.sizes == [3]


@in_virtual_time
async def test_who_asks_alone_waits_for_nobody() -> None:
    provider = Provider()
    assert await Gathering(provider.send, largest=TEN).ask("n0") == "did n0"
    assert provider.began == [pytest.approx(0.0, abs=WINDOW / 10)]


@in_virtual_time
async def test_beside_a_request_under_way_a_call_waits_no_longer_than_the_window() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN)

    async def at(delay: float, item: str) -> None:
        await asyncio.sleep(delay)
        await gathering.ask(item)

    await asyncio.gather(at(0, "a"), at(0.05, "b"), at(0.054, "c"), at(0.08, "d"))
    assert provider.requests == [["a"], ["b", "c"], ["d"]]
    assert provider.began[1] - 0.05 <= WINDOW + 0.001
    assert WINDOW <= 0.02


@in_virtual_time
async def test_what_cannot_be_sent_yet_goes_out_together() -> None:
    provider = Provider(takes=1.0)
    gathering = Gathering(provider.send, largest=TEN, at_once=2)

    async def one_by_one() -> None:
        async with asyncio.TaskGroup() as group:
            for each in names(40):
                group.create_task(gathering.ask(each))
                await asyncio.sleep(0.02)

    await one_by_one()
    assert provider.most_side_by_side == 2
    assert sum(provider.sizes) == 40
    assert len(provider.sizes) <= 8


@in_virtual_time
async def test_the_urgent_go_first() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=2, at_once=1)

    async def ask(item: str, urgency: int) -> None:
        URGENCY.set(urgency)
        await gathering.ask(item)

    async with asyncio.TaskGroup() as group:
        group.create_task(ask("first", 5))
        await asyncio.sleep(0.01)
        for number in range(4):
            group.create_task(ask(f"check {number}", 5))
        for number in range(2):
            group.create_task(ask(f"close {number}", 1))
        # Asked for once more, and now urgently.
        group.create_task(ask("check 3", 1))
    assert provider.requests == [
        ["first"],
        ["close 0", "close 1"],
        ["check 3", "check 0"],
        ["check 1", "check 2"],
    ]


@in_virtual_time
async def test_what_is_unhurried_waits_for_much_company_and_alone_for_nobody() -> None:
    provider = Provider(takes=0.01)
    gathering = Gathering(provider.send, largest=50)
    URGENCY.set(UNHURRIED)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await gathering.ask("alone")
    assert loop.time() - began < 0.02
    async with asyncio.TaskGroup() as group:
        for each in names(520):
            group.create_task(gathering.ask(each))
            await asyncio.sleep(0.01)
    assert len(provider.requests) <= 1 + 520 / 50 + 2
    # Whoever waits for an answer does not wait for the unhurried, and takes them along.
    unhurried = [asyncio.create_task(gathering.ask(each)) for each in names(2)]
    await asyncio.sleep(0.001)
    URGENCY.set(1)
    began = loop.time()
    await gathering.ask("close")
    assert loop.time() - began < 0.02
    assert provider.requests[-1] == ["close", *names(2)]
    await asyncio.gather(*unhurried)


@in_virtual_time
async def test_two_who_ask_for_the_same_share_a_request_that_begins_after_both() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN)
    under_way = asyncio.create_task(gathering.ask("a"))
    await asyncio.sleep(0.05)
    answers = await asyncio.gather(gathering.ask("a"), gathering.ask("a"))
    assert (await under_way, *answers) == ("did a",) * 3
    # What is under way has begun before they asked: it would prove nothing to them.
    assert provider.requests == [["a"], ["a"]]


@in_virtual_time
async def test_a_request_has_one_item_of_a_key() -> None:
    sent: list[list[tuple[str, int]]] = []

    async def send(items: Sequence[tuple[str, int]]) -> list[int]:
        sent.append(list(items))
        return [value for _, value in items]

    gathering = Gathering(send, largest=TEN, key=lambda item: item[0])
    assert await gathering.ask_all([("a", 1), ("b", 2), ("a", 3)]) == [1, 2, 3]
    assert sent == [[("a", 1), ("b", 2)], [("a", 3)]]


@in_virtual_time
async def test_a_request_is_no_heavier_than_allowed_but_takes_any_single_item() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN, weigh=len, heaviest=10)
    items = ["aaaa", "bbbb", "cccc", "d" * 30, "e"]
    assert await gathering.ask_all(items) == [f"did {each}" for each in items]
    assert all(len(each) == 1 or len("".join(each)) <= 10 for each in provider.requests)
    assert provider.requests == [["aaaa", "bbbb", "e"], ["cccc"], ["d" * 30]]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 9])
def test_the_size_finds_itself_and_is_kept(most: int) -> None:
    async def main() -> None:
        provider = Provider(most=most)
        gathering = Gathering(provider.send, largest=TEN)
        assert await gathering.ask_all(names(20)) == [f"did {each}" for each in names(20)]
        assert gathering.largest <= most
        provider.requests.clear()
        await gathering.ask_all(names(20))
        assert max(provider.sizes) <= most
        assert provider.carried_out == Counter(dict.fromkeys(names(20), 2))

    virtual_time.run(main())


@in_virtual_time
async def test_one_that_spoils_a_request_is_refused_alone_and_the_size_stays() -> None:
    provider = Provider()
    provider.spoilt = {"n3": Category.INVALID_POSTING}
    gathering = Gathering(provider.send, largest=TEN)
    answers = await gathering.ask_all(names(10))
    assert [at for at, each in enumerate(answers) if isinstance(each, ProviderError)] == [3]
    assert gathering.largest == gathering.size == TEN
    assert provider.carried_out == Counter(each for each in names(10) if each != "n3")


@pytest.mark.parametrize("category", [Category.TEMPORARY, Category.UNEXPECTED, Category.CREDENTIALS])
def test_a_write_whose_answer_was_lost_is_in_doubt_for_each_and_is_not_sent_again(category: Category) -> None:
    async def main() -> None:
        provider = Provider()
        provider.failing = problem(category)
        answers = await Gathering(provider.send, largest=TEN).ask_all(names(10))
        assert [each.problem.category for each in answers if isinstance(each, ProviderError)] == [category] * 10
        assert len({id(each) for each in answers}) == 10
        assert provider.sizes == [10]

    virtual_time.run(main())


@in_virtual_time
async def test_after_a_write_in_doubt_each_goes_alone_so_that_one_cannot_hold_up_the_others() -> None:
    provider = Provider()
    provider.spoilt = {"n3": Category.TEMPORARY}
    gathering = Gathering(provider.send, largest=TEN)
    assert all(isinstance(each, ProviderError) for each in await gathering.ask_all(names(10)))
    again = await gathering.ask_all(names(10))
    assert [at for at, each in enumerate(again) if isinstance(each, ProviderError)] == [3]
    assert provider.sizes == [10, *[1] * 10]
    # The others go together again, and the one that is spoilt still alone.
    await gathering.ask_all(names(10))
    assert sorted(provider.sizes[11:]) == [1, 9]


@in_virtual_time
async def test_a_read_that_fails_on_one_is_sent_again_in_halves_at_once() -> None:
    provider = Provider()
    provider.spoilt = {"n30": Category.TEMPORARY}
    answers = await Gathering(provider.send, largest=50, cut_up=failed_on_one).ask_all(names(50))
    assert [at for at, each in enumerate(answers) if isinstance(each, ProviderError)] == [30]
    assert len(provider.requests) <= 15


@in_virtual_time
async def test_a_provider_that_fails_on_everything_is_not_asked_over_and_over() -> None:
    provider = Provider()
    provider.failing = problem(Category.TEMPORARY)
    gathering = Gathering(provider.send, largest=50, cut_up=failed_on_one)
    answers = await gathering.ask_all(names(500))
    assert all(isinstance(each, ProviderError) for each in answers)
    assert len(provider.requests) <= 10 + 2 * FAILURES_IN_A_ROW


@in_virtual_time
async def test_a_throttled_request_is_the_throttle_of_each_and_halves_the_size_for_a_while() -> None:
    provider = Provider()
    provider.failing = problem(Category.RATE_LIMITED)
    gathering = Gathering(provider.send, largest=TEN, cut_up=failed_on_one)
    answers = await gathering.ask_all(names(10))
    assert [each.problem.category for each in answers if isinstance(each, ProviderError)] == [
        Category.RATE_LIMITED
    ] * 10
    assert provider.sizes == [10]
    assert gathering.size == 5
    provider.failing = None
    for _ in range(5):
        await gathering.ask_all(names(100))
    assert gathering.size == TEN


@in_virtual_time
async def test_what_did_not_reach_the_provider_or_was_not_answered_is_not_cut_up() -> None:
    for error in (problem(Category.TEMPORARY, sent=False), problem(Category.TEMPORARY, code=TIMEOUT.code)):
        provider = Provider()
        provider.failing = error
        await Gathering(provider.send, largest=TEN, cut_up=failed_on_one).ask_all(names(10))
        assert provider.sizes == [10]


@in_virtual_time
async def test_an_answer_that_may_be_anothers_is_found_out_one_by_one() -> None:
    sent: list[list[str]] = []

    async def send(items: Sequence[str]) -> list[str]:
        sent.append(list(items))
        return ["unclear" if each in {"n1", "n2"} and len(items) > 1 else f"did {each}" for each in items]

    gathering = Gathering(send, largest=TEN, unclear=lambda answer: answer == "unclear")
    assert await gathering.ask_all(names(4)) == [f"did {each}" for each in names(4)]
    assert sent == [names(4), ["n1"], ["n2"]]


@in_virtual_time
async def test_who_gives_up_before_the_sending_takes_the_item_back_and_harms_nobody() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN, at_once=1)
    first = asyncio.create_task(gathering.ask("first"))
    await asyncio.sleep(0.05)
    given_up, kept = asyncio.create_task(gathering.ask("given up")), asyncio.create_task(gathering.ask("kept"))
    shared = [asyncio.create_task(gathering.ask("shared")) for _ in range(2)]
    await asyncio.sleep(0.01)
    given_up.cancel()
    shared[0].cancel()
    assert (await first, await kept, await shared[1]) == ("did first", "did kept", "did shared")
    assert provider.requests == [["first"], ["kept", "shared"]]
    assert given_up.cancelled()


@in_virtual_time
async def test_who_gives_up_while_it_is_under_way_harms_nobody() -> None:
    provider = Provider()
    gathering = Gathering(provider.send, largest=TEN)
    tasks = [asyncio.create_task(gathering.ask(each)) for each in names(3)]
    await asyncio.sleep(0.05)
    tasks[0].cancel()
    assert await asyncio.gather(*tasks[1:]) == ["did n1", "did n2"]
    assert provider.carried_out == Counter(names(3))


@in_virtual_time
async def test_of_a_refused_request_what_was_given_up_meanwhile_is_not_sent_again() -> None:
    provider = Provider(most=1)
    gathering = Gathering(provider.send, largest=TEN)
    tasks = [asyncio.create_task(gathering.ask(each)) for each in names(2)]
    await asyncio.sleep(0.05)
    tasks[1].cancel()
    assert await tasks[0] == "did n0"
    assert provider.carried_out == Counter(["n0"])


@in_virtual_time
async def test_a_fault_of_ours_reaches_every_caller() -> None:
    async def send(_: Sequence[str]) -> list[str]:
        raise ZeroDivisionError

    gathering = Gathering(send, largest=TEN)
    for _ in range(2):
        told = await asyncio.gather(*map(gathering.ask, names(3)), return_exceptions=True)
        assert [type(each) for each in told] == [ZeroDivisionError] * 3


def test_what_is_a_refusal() -> None:
    refusals = {each for each in Category if refused(problem(each))}
    in_doubt = {Category.TEMPORARY, Category.UNEXPECTED}
    assert refusals == set(Category) - in_doubt - {Category.RATE_LIMITED, Category.CREDENTIALS}


@given(
    st.lists(st.integers(0, 40).map("n{}".format), max_size=40, unique=True),
    st.integers(1, 12),
    st.sets(st.integers(0, 40).map("n{}".format), max_size=5),
    st.sets(st.integers(0, 40).map("n{}".format), max_size=5),
    st.sets(st.integers(0, 40).map("n{}".format), max_size=5),
    st.integers(),
)
def test_whatever_is_wrong_with_some_each_item_has_its_own_answer(
    items: list[str], most: int, refusals: set[str], spoilt: set[str], given_up: set[str], seed: int
) -> None:
    async def main() -> None:
        provider = Provider(most=most)
        provider.refused, provider.spoilt = refusals, dict.fromkeys(sorted(spoilt), Category.PERMISSION)
        gathering = Gathering(provider.send, largest=TEN, at_once=2)
        dice = random.Random(seed)  # noqa: S311
        tasks = {}
        for each in items:
            tasks[each] = asyncio.create_task(gathering.ask(each))
            await asyncio.sleep(dice.choice([0, 0, 0.005, 0.05]))
            if each in given_up:
                tasks[each].cancel()
        for each, task in tasks.items():
            if each in given_up:
                with suppress(asyncio.CancelledError, ProviderError):
                    await task
            elif each in refusals | spoilt:
                with pytest.raises(ProviderError):
                    await task
            else:
                assert await task == f"did {each}"
        good = set(items) - refusals - spoilt
        assert {each: provider.carried_out[each] for each in good - given_up} == dict.fromkeys(good - given_up, 1)
        assert max(provider.carried_out.values(), default=0) <= 1

    virtual_time.run(main())
