"""One token for all processes: sealed, fetched once, renewed early, and a single-use refresh token is never lost."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store.database import Store
from store.schema import tokens as table
from store.sealing import NotOpenable, NotSealable, Sealer
from store.tokens import LeaseLost, Token, Tokens
from tests.unit.store.conftest import FakeClock

KEY, OLD = b"k" * 32, b"o" * 32


class Provider:
    """A provider whose refresh tokens work once, and who revokes older tokens."""

    def __init__(self, clock: FakeClock, access: str = "a") -> None:
        self.clock, self.access = clock, access
        self.requests = 0
        self.refresh = "r0"

    async def __call__(self, before: Token | None) -> Token:
        self.requests += 1
        assert before is None or before.refresh_token == self.refresh, "a refresh token was used twice"
        await asyncio.sleep(0.02)
        self.refresh = f"r{self.requests}"
        return Token(
            access_token=f"{self.access}{self.requests}",
            refresh_token=self.refresh,
            expires_at=self.clock() + timedelta(hours=1),
        )


async def test_many_processes_fetch_one_token_a_lifetime(store_url: str, clock: FakeClock) -> None:
    provider = Provider(clock)
    async with Store(store_url, timeout=60) as one, Store(store_url, timeout=60) as other:
        workers = [Tokens((one, other)[number % 2], Sealer(KEY), clock=clock) for number in range(8)]
        for lifetime in range(1, 4):
            got = await asyncio.gather(*(each.get("linkedin", f"w{at}", provider) for at, each in enumerate(workers)))
            assert {each.access_token for each in got} == {f"a{lifetime}"}
            assert provider.requests == lifetime
            clock.forward(minutes=61)
        assert await workers[0].ends() == {"linkedin": clock() - timedelta(minutes=1)}


async def test_a_token_that_the_provider_rejects_is_replaced_once(store: Store, clock: FakeClock) -> None:
    provider, shared = Provider(clock), Tokens(store, Sealer(KEY), clock=clock)
    first = await shared.get("linkedin", "a", provider)
    got = await asyncio.gather(
        *(shared.get("linkedin", f"w{at}", provider, rejected=first.access_token) for at in range(5))
    )
    assert {each.access_token for each in got} == {"a2"}
    assert provider.requests == 2


async def test_one_that_is_renewed_by_another_is_used_until_its_end(store: Store, clock: FakeClock) -> None:
    provider, shared = Provider(clock), Tokens(store, Sealer(KEY), clock=clock)
    await shared.get("linkedin", "a", provider)
    clock.forward(minutes=57)
    assert await shared.lease("linkedin", "other") is not None
    assert (await shared.get("linkedin", "b", provider)).access_token == "a1"


async def test_a_fetch_that_fails_lets_the_next_one_try(store: Store, clock: FakeClock) -> None:
    shared = Tokens(store, Sealer(KEY), clock=clock)

    async def refused(before: Token | None) -> Token:
        raise PermissionError("no")

    with pytest.raises(PermissionError):
        await shared.get("linkedin", "a", refused)
    assert (await shared.get("linkedin", "b", Provider(clock))).access_token == "a1"


async def test_a_holder_that_died_holds_no_one_up_for_longer_than_its_lease(store: Store, clock: FakeClock) -> None:
    async def time_passes(seconds: float) -> None:
        clock.forward(seconds=10)

    shared = Tokens(store, Sealer(KEY), clock=clock, sleep=time_passes)
    assert await shared.lease("linkedin", "dead") is not None
    assert (await shared.get("linkedin", "b", Provider(clock))).access_token == "a1"


async def test_a_token_fetched_under_a_lease_that_ended_is_kept_unless_there_is_a_newer_one(
    store: Store, clock: FakeClock
) -> None:
    shared = Tokens(store, Sealer(KEY), clock=clock)
    slow = await shared.lease("linkedin", "slow")
    clock.forward(minutes=1)
    quick = await shared.lease("linkedin", "quick")
    assert slow is not None
    assert quick is not None
    await shared.save(quick, Token(access_token="quick", expires_at=clock()))
    with pytest.raises(LeaseLost):
        await shared.save(slow, Token(access_token="slow", expires_at=clock()))
    again = await shared.lease("linkedin", "again")
    assert again is not None
    clock.forward(minutes=1)
    await shared.save(again, Token(access_token="again", expires_at=clock()))
    kept = await shared.read("linkedin")
    assert kept is not None
    assert kept.access_token == "again"


async def test_nothing_of_a_token_is_readable_in_the_database(store: Store, clock: FakeClock) -> None:
    shared = Tokens(store, Sealer(KEY), clock=clock)
    token = await shared.get("linkedin", "a", Provider(clock, access="an-access-token-"))
    async with store.reading() as connection:
        sealed = await connection.scalar(select(table.c.sealed))
    assert sealed is not None
    assert token.access_token == "an-access-token-1"
    assert b"an-access-token" not in sealed
    assert b"refresh" not in sealed
    assert "an-access-token" not in repr(token)


async def test_a_key_is_changed_without_losing_a_token(store: Store, clock: FakeClock) -> None:
    provider = Provider(clock)
    await Tokens(store, Sealer(OLD), clock=clock).get("linkedin", "a", provider)
    changed = Tokens(store, Sealer(KEY, previous=[OLD]), clock=clock)
    assert (await changed.get("linkedin", "a", provider)).access_token == "a1"
    clock.forward(hours=1)
    assert (await changed.get("linkedin", "a", provider)).access_token == "a2"
    only_new = await Tokens(store, Sealer(KEY), clock=clock).read("linkedin")
    assert only_new is not None
    assert await Tokens(store, Sealer(b"x" * 32), clock=clock).read("linkedin") is None


async def test_a_token_moved_to_another_credential_does_not_open(store: Store, clock: FakeClock) -> None:
    shared = Tokens(store, Sealer(KEY), clock=clock)
    await shared.get("linkedin", "a", Provider(clock))
    async with store.writing() as connection:
        await connection.execute(update(table).values(credential="indeed"))
    assert await shared.read("indeed") is None


async def test_without_a_key_it_says_so(store: Store, clock: FakeClock) -> None:
    shared = Tokens(store, Sealer(None), clock=clock)
    with pytest.raises(NotSealable, match=r"\[store\] key"):
        await shared.read("linkedin")
    with pytest.raises(NotSealable):
        await shared.get("linkedin", "a", Provider(clock))


def test_what_was_sealed_opens_for_its_own_purpose_only() -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(b"x", about="token a")
    assert sealer.open(sealed, about="token a") == b"x"
    for spoilt, about in ((sealed, "token b"), (sealed[:-1], "token a"), (sealed[:6], "token a"), (b"", "token a")):
        with pytest.raises(NotOpenable):
            sealer.open(spoilt, about=about)
