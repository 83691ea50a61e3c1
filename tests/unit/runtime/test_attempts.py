"""Wrong passwords are slowed by address, in bounded memory, and nobody who was right before is."""

import asyncio

import pytest

from runtime import attempts
from runtime.attempts import Attempts, TooMany


async def wrong(known: Attempts, address: str, credentials: str = "guess") -> None:
    async with known.looking(address, credentials) as attempt:
        attempt.was_wrong()


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(attempts, "LONGEST_WAIT", 0.004)


async def test_the_wait_doubles_up_to_a_limit_for_that_address_alone() -> None:
    known, waits = Attempts(), []
    for _ in range(attempts.FREE + 5):
        waits.append(known.wait_of("192.0.2.1"))
        await wrong(known, "192.0.2.1")
    assert waits[: attempts.FREE] == [0.0] * attempts.FREE
    assert waits[attempts.FREE :] == [0.001, 0.002, 0.004, 0.004, 0.004]
    assert known.wait_of("192.0.2.2") == 0.0


async def test_an_address_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Attempts()
    for _ in range(attempts.FREE):
        await wrong(known, "192.0.2.1")
    assert known.wait_of("192.0.2.1") > 0
    monkeypatch.setattr(attempts, "FORGOTTEN_AFTER", -1.0)
    assert known.wait_of("192.0.2.1") == 0.0


async def test_only_so_many_wait_and_the_others_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FIRST_WAIT", 60.0)
    monkeypatch.setattr(attempts, "LONGEST_WAIT", 60.0)
    known = Attempts()
    for _ in range(attempts.FREE):
        await wrong(known, "192.0.2.1")
    waiting = [asyncio.create_task(wrong(known, "192.0.2.1", str(each))) for each in range(attempts.WAITING_OF_ONE)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await wrong(known, "192.0.2.1")
    await wrong(known, "192.0.2.2")
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not any(known._addresses[each].waiting for each in known._addresses)


async def test_what_was_right_is_let_through_until_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Attempts()
    async with known.looking("192.0.2.1", "right") as attempt:
        attempt.was_right()
    monkeypatch.setattr(attempts, "WAITING_OF_ONE", 0)
    for _ in range(attempts.FREE):
        await wrong(known, "192.0.2.1")
    async with known.looking("192.0.2.1", "right"):
        pass
    with pytest.raises(TooMany):
        await wrong(known, "192.0.2.1")
    await wrong(known, "192.0.2.2", "right")  # the secret was changed
    with pytest.raises(TooMany):
        await wrong(known, "192.0.2.1", "right")


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESSES", 50)
    monkeypatch.setattr(attempts, "KNOWN", 50)
    known = Attempts()
    for each in range(500):
        await wrong(known, f"address {each}")
        async with known.looking("192.0.2.1", f"right {each}") as attempt:
            attempt.was_right()
    assert len(known._addresses) == len(known._right) == 50
