"""Few requests: what is asked for at once goes together, the urgent first."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from clients.errors import ProviderError
from clients.gathering import WINDOW, Gathering
from clients.urgency import UNHURRIED, URGENCY
from models.problems import Category
from runtime.process import run_quickly
from tests.support import virtual_time
from tests.unit.clients.gathering.provider import TEN, Provider, in_virtual_time, names


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
