"""One question for many visitors."""

import asyncio
from collections.abc import Iterator

import pytest

from boardsync.console.kept import Kept


async def test_all_who_ask_at_once_get_one_answer() -> None:
    asked, go = [], asyncio.Event()

    async def ask() -> int:
        asked.append(1)
        await go.wait()
        return len(asked)

    kept = Kept(ask, 60)
    visitors = [asyncio.ensure_future(kept.get()) for _ in range(3)]
    await asyncio.sleep(0)
    visitors[0].cancel()
    go.set()
    assert await asyncio.gather(*visitors[1:]) == [1, 1]
    assert await kept.get() == 1


async def test_an_old_answer_is_asked_for_anew_and_a_failure_at_once() -> None:
    said: Iterator[int | Exception] = iter([ValueError("away"), 1, 2])

    async def ask() -> int:
        found = next(said)
        if isinstance(found, Exception):
            raise found
        return found

    kept = Kept(ask, 0)
    with pytest.raises(ValueError, match="away"):
        await kept.get()
    assert await kept.get() == 1
    await asyncio.sleep(0.01)
    assert await kept.get() == 2


async def test_an_older_answer_is_given_while_a_newer_one_is_asked_for() -> None:
    said: Iterator[int | Exception] = iter([1, ValueError("away"), 2])
    go = asyncio.Event()
    go.set()

    async def ask() -> int:
        await go.wait()
        found = next(said)
        if isinstance(found, Exception):
            raise found
        return found

    kept = Kept(ask, 0, meanwhile=3600)
    assert await kept.get() == 1
    go.clear()
    assert await kept.get() == 1, "nobody waits for what is asked meanwhile"
    go.set()
    seen = [1]
    while seen[-1] == 1:  # a failure in between leaves what was known
        await asyncio.sleep(0)
        seen.append(await kept.get())
    assert seen[-1] == 2


async def test_who_has_no_patience_gets_no_answer_and_the_asking_goes_on() -> None:
    said: Iterator[int | Exception] = iter([ValueError("away"), 2])
    go = asyncio.Event()

    async def ask() -> int:
        await go.wait()
        found = next(said)
        if isinstance(found, Exception):
            raise found
        return found

    kept = Kept(ask, 3600)
    with pytest.raises(TimeoutError):
        await kept.get(0)
    assert kept.failure is None, "it has not failed: it is under way"
    go.set()
    with pytest.raises(ValueError, match="away"):
        await kept.get(10)
    assert isinstance(kept.failure, ValueError)
    assert await kept.get(10) == 2
    assert kept.failure is None


async def test_who_has_patience_gets_a_newer_answer_and_who_has_none_the_older_one() -> None:
    said: Iterator[int | Exception] = iter([1, 2, ValueError("away")])
    go = asyncio.Event()
    go.set()

    async def ask() -> int:
        await go.wait()
        found = next(said)
        if isinstance(found, Exception):
            raise found
        return found

    kept = Kept(ask, 0, meanwhile=3600)
    assert await kept.get(10) == 1
    go.clear()
    await asyncio.sleep(0.01)
    assert await kept.get(0) == 1
    go.set()
    assert await kept.get(10) == 2
    await asyncio.sleep(0.01)
    assert await kept.get(10) == 2, "a failure leaves what was known"


async def test_nothing_is_asked_any_longer_once_it_is_stopped() -> None:
    never = asyncio.Event()
    kept = Kept(never.wait, 3600)
    _, asking = kept.begin()
    await kept.stop()
    assert asking is not None
    assert asking.cancelled()
