"""Each item has its own answer, whatever is wrong with others."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.failures import TIMEOUT
from clients.gathering import FAILURES_IN_A_ROW, Gathering, failed_on_one, refused
from models.problems import Category
from tests.support import virtual_time
from tests.unit.clients.gathering.provider import TEN, Provider, in_virtual_time, names, problem


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
