"""A signed request has its effect once, and one that had none may come again."""

import asyncio

import pytest

from tests.support.signatures import signed
from webhook_gateway.icims import replays
from webhook_gateway.icims.replays import Replays, replay_key
from webhook_gateway.requests import SignedRequest

KEY = b"k" * 32


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no request come within a moment of another."""
    monkeypatch.setattr(replays, "A_MOMENT", -1.0)


async def take(known: Replays, key: bytes | None = KEY) -> bool:
    async with known.taking(key) as taken:
        return taken


def test_the_key_is_the_signature_and_only_a_signed_request_has_one() -> None:
    request = signed()
    assert replay_key(request) == replay_key(signed())
    assert replay_key(request) != replay_key(signed(query="a=b"))
    assert replay_key(request) != replay_key(signed(date="2026-11-22T10:30:01+0000"))
    for header in ("Basic aWNpbXM6eA==", "Bearer x", "", "x-icims-v1-hmac-sha256 signature=zz"):
        assert replay_key(SignedRequest("POST", "/", "", {"Authorization": header}, b"")) is None


async def test_what_comes_in_the_same_second_may_be_another_event_and_what_comes_later_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known, times = Replays(), [1000.0, 1000.4, 1001.9, 1002.1, 1003.0]
    found = {}
    for each in times:
        monkeypatch.setattr("time.monotonic", lambda at=each: at)
        found[each] = await take(known)
    assert [found[each] for each in times] == [False, False, False, True, True]


@pytest.mark.usefixtures("later")
async def test_a_second_time_is_known_in_another_spelling_too() -> None:
    known, request = Replays(), signed()
    assert not await take(known, replay_key(request))
    upper = request.headers["Authorization"]
    before, _, digest = upper.rpartition("=")
    spelled = SignedRequest("POST", "/webhooks/icims", "", {"authorization": f"{before}={digest.upper()}"}, b"")
    assert await take(known, replay_key(spelled))


@pytest.mark.usefixtures("later")
async def test_what_was_not_taken_may_come_again() -> None:
    known = Replays()
    with pytest.raises(ConnectionError):
        async with known.taking(KEY):
            raise ConnectionError
    assert not await take(known)
    assert await take(known)


@pytest.mark.usefixtures("later")
async def test_one_under_way_is_waited_for_and_its_outcome_decides() -> None:
    known, go, fails = Replays(), asyncio.Event(), True

    async def first() -> None:
        async with known.taking(KEY):
            await go.wait()
            if fails:
                raise ConnectionError

    for fails in (True, False):
        go.clear()
        running = asyncio.create_task(first())
        await asyncio.sleep(0)
        second = asyncio.create_task(take(known))
        await asyncio.sleep(0)
        assert not second.done()
        go.set()
        await asyncio.gather(running, return_exceptions=True)
        assert await second is not fails
        known._taken.clear()


async def test_memory_is_bounded_and_ends_with_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Replays(kept=10)
    for each in range(100):
        await take(known, each.to_bytes(4, "big"))
    assert len(known._taken) <= 11
    assert not known._under_way
    monkeypatch.setattr(replays, "KEPT_FOR", -1.0)
    assert not await take(known, (99).to_bytes(4, "big"))


async def test_unsigned_requests_are_not_kept() -> None:
    known = Replays()
    assert not await take(known, None)
    assert not await take(known, None)
    assert not known._taken
