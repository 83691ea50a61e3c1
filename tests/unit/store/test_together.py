"""What comes at once is done at once, and nobody waits past the deadline."""

import asyncio
from collections.abc import Sequence

import pytest

from store.errors import StoreUnavailable
from store.together import Together


async def test_what_comes_while_one_is_done_goes_with_the_next() -> None:
    batches: list[list[int]] = []
    go_on = asyncio.Event()

    async def do(items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        await go_on.wait()
        return [item * 2 for item in items]

    together = Together(do, deadline=60, most=3)
    first = asyncio.create_task(together(0))
    while not batches:  # noqa: ASYNC110
        await asyncio.sleep(0)
    others = [asyncio.create_task(together(number)) for number in range(1, 6)]
    await asyncio.sleep(0)
    go_on.set()
    assert await asyncio.gather(first, *others) == [0, 2, 4, 6, 8, 10]
    assert batches == [[0], [1, 2, 3], [4, 5]]


async def test_nobody_waits_past_the_deadline_for_work_that_hangs() -> None:
    hangs = asyncio.Event()

    async def do(items: Sequence[int]) -> list[int]:
        await hangs.wait()
        return list(items)

    together = Together(do, deadline=0.05)
    with pytest.raises(StoreUnavailable) as error:
        await together(1)
    assert error.value.reason == "slow"
    hangs.set()
    assert await together(2) == 2


async def test_a_fault_reaches_everyone_of_its_batch_and_the_next_goes_on() -> None:
    faults = [ZeroDivisionError()]

    async def do(items: Sequence[int]) -> list[int]:
        if faults:
            raise faults.pop()
        return list(items)

    together = Together(do, deadline=60)
    assert [type(each) for each in await asyncio.gather(together(1), together(2), return_exceptions=True)] == [
        ZeroDivisionError,
        ZeroDivisionError,
    ]
    assert await together(3) == 3
