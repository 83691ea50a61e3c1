"""One token for each credential: shared, renewed, replaced once when it is refused."""

import asyncio

import pytest

from clients.authorized import PASSES_WITHIN, PLACES
from clients.errors import ProviderError, classify
from clients.http import Response
from clients.rate_limit import Limit, RateLimiter
from models.problems import Category, Problem
from tests.unit.clients.oauth.issuers import API, REFUSALS, Clock, Issuer, read


async def test_a_hundred_callers_share_one_token_request() -> None:
    issuer = Issuer()
    source = issuer.source()
    tokens = await asyncio.gather(*(source.get() for _ in range(100)))
    assert {token.value for token in tokens} == {"t1"}
    assert issuer.issued == 1


async def test_a_later_caller_gets_the_token_without_asking() -> None:
    issuer = Issuer()
    source = issuer.source()
    assert await source.get() is await source.get()
    assert issuer.issued == 1


@pytest.mark.parametrize(("expires_in", "renewed_after"), [(1800, 1740), (3600, 3540), (600, 540), (100, 90), (10, 9)])
async def test_a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_it_expires(
    expires_in: float, renewed_after: float
) -> None:
    issuer = Issuer(expires_in=expires_in)
    source = issuer.source()
    await source.get()
    issuer.clock.now += renewed_after - 0.1
    assert (await source.get()).value == "t1"
    issuer.clock.now += 0.1
    assert (await source.get()).value == "t2"


async def test_a_tokens_life_counts_from_the_request_and_not_from_its_answer() -> None:
    issuer = Issuer(expires_in=100)
    issuer.open.clear()
    source = issuer.source()
    waiting = asyncio.create_task(source.get())
    await asyncio.sleep(0.01)
    issuer.clock.now += 50
    issuer.open.set()
    assert (await waiting).value == "t1"
    issuer.clock.now += 40
    assert (await source.get()).value == "t2"


async def test_a_refused_token_is_replaced_once() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1"}
    assert await issuer.client().call(API, read) == 200
    assert issuer.issued == 2
    sent = [each.headers["authorization"] for each in issuer.provider.asked("/thing")]
    assert sent == ["Bearer t1", "Bearer t2"]


async def test_a_second_refusal_is_the_error() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1", "t2", "t3"}
    with pytest.raises(ProviderError) as caught:
        await issuer.client().call(API, read)
    assert caught.value.problem.category is Category.CREDENTIALS
    assert (issuer.issued, len(issuer.provider.asked("/thing"))) == (2, 2)


async def test_that_a_fresh_token_is_refused_is_final_only_where_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Clock()
    monkeypatch.setattr("clients.authorized.time.monotonic", now)
    issuer = Issuer()
    client = issuer.client()
    issuer.revoked = {f"t{number}" for number in range(1, 100)}

    async def refused() -> Problem:
        with pytest.raises(ProviderError) as caught:
            await client.call(API, read)
        assert caught.value.problem.category is Category.CREDENTIALS
        return caught.value.problem

    assert (await refused()).retried
    now.now += PASSES_WITHIN - 1
    assert (await refused()).retried
    now.now += 1
    assert not (await refused()).retried
    issuer.revoked = set()
    assert await client.call(API, read) == 200
    issuer.revoked = {f"t{number}" for number in range(1, 100)}
    assert (await refused()).retried


async def test_another_error_asks_for_no_fresh_token() -> None:
    issuer = Issuer()

    def fail(_: Response) -> int:
        raise classify(REFUSALS, provider="P", operation="read", status=500)

    with pytest.raises(ProviderError) as caught:
        await issuer.client().call(API, fail)
    assert caught.value.problem.category is Category.TEMPORARY
    assert (issuer.issued, len(issuer.provider.asked("/thing"))) == (1, 1)


async def test_concurrent_refusals_ask_for_one_fresh_token() -> None:
    issuer = Issuer()
    client = issuer.client()
    await client.call(API, read)
    issuer.revoked = {"t1"}
    assert await asyncio.gather(*(client.call(API, read) for _ in range(50))) == [200] * 50
    assert issuer.issued == 2


async def test_late_refusals_do_not_drop_a_newer_token_of_the_same_value() -> None:
    # An issuer may hand out the same token until it expires.
    issuer = Issuer(name=lambda _: "same")
    source = issuer.source()
    refused = [await source.get() for _ in range(20)]
    for token in refused:
        source.forget(token)
        await source.get()
    assert issuer.issued == 2


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others() -> None:
    issuer = Issuer()
    issuer.open.clear()
    source = issuer.source()
    first, second = asyncio.create_task(source.get()), asyncio.create_task(source.get())
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    issuer.open.set()
    assert (await second).value == "t1"
    assert (await source.get()).value == "t1"
    assert issuer.issued == 1


async def test_a_failure_is_shared_and_the_next_caller_tries_again() -> None:
    issuer = Issuer()
    issuer.failing = 1
    source = issuer.source()
    found = await asyncio.gather(*(source.get() for _ in range(10)), return_exceptions=True)
    assert [type(each) for each in found] == [ProviderError] * 10
    assert issuer.issued == 1
    assert (await source.get()).value == "t2"


async def test_a_401_in_whatever_form_is_answered_with_a_fresh_token() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1"}

    def read_foreign(response: Response) -> int:
        if response.status != 200:
            raise classify(REFUSALS, provider="P", operation="read", status=response.status, own_form=False)
        return response.status

    assert await issuer.client().call(API, read_foreign) == 200
    assert issuer.issued == 2


async def test_calls_that_wait_for_their_turn_take_no_place_from_others() -> None:
    issuer = Issuer()
    client = issuer.client()
    pace = RateLimiter(Limit("slow", 1, "one a second"))
    slow = [asyncio.create_task(client.call(API, read, pace=pace)) for _ in range(PLACES + 10)]
    assert await asyncio.gather(*(client.call(API, read) for _ in range(100))) == [200] * 100
    for each in slow:
        each.cancel()
    await asyncio.wait(slow)
