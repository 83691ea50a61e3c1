"""Work beside a block: it begins with the block, ends with it, and its failure is not lost."""

import asyncio

import pytest

from runtime.beside import beside


async def test_it_runs_meanwhile_and_has_ended_with_the_block() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    async with beside(work()):
        await began.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_all_end_also_where_the_block_fails() -> None:
    ended: list[int] = []

    async def work(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    async def block() -> None:
        async with beside(work(1), work(2)):
            await asyncio.sleep(0)
            raise KeyError

    with pytest.raises(KeyError):
        await block()
    assert sorted(ended) == [1, 2]


async def test_its_own_failure_is_told_at_the_end() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        async with beside(work()):
            await asyncio.sleep(0)


async def test_who_calls_off_the_block_is_not_taken_for_the_end_of_the_work() -> None:
    hesitates, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            hesitates.set()
            await may_end.wait()

    async def block() -> None:
        async with beside(work()):
            await asyncio.sleep(0)

    task = asyncio.create_task(block())
    await hesitates.wait()
    task.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
