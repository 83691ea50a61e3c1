"""Who may still call iCIMS when a customer's daily quota runs low, and what a close does without iCIMS."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.icims import client as module
from clients.icims.budget import Budget, SpentHere, Use
from clients.icims.client import NOTHING, IcimsClient
from clients.icims.protocol import AddressRef, IcimsJob
from models.problems import Category
from tests.support.transport import Provider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A time that tests move."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


async def taken(budget: Budget, use: Use, tries: int = 10_000) -> int:
    """Call until it is no longer allowed."""
    for number in range(tries):
        try:
            await budget.take(use, operation="job")
        except ProviderError:
            return number
    return tries


async def test_reports_give_way_first_then_reads_for_posts_and_closes_may_use_all() -> None:
    budget = Budget("1234", quota=1000, reserve=0.5, now=Clock())
    assert await taken(budget, Use.REPORT) == 375
    assert await taken(budget, Use.POST) == 125
    assert await taken(budget, Use.CLOSE) == 500


@given(st.lists(st.sampled_from([Use.REPORT, Use.POST]), max_size=300), st.integers(1, 100), st.floats(0, 0.9))
def test_nothing_but_a_close_ever_touches_the_reserve(calls: list[Use], quota: int, reserve: float) -> None:
    async def closes_left() -> int:
        budget = Budget("1234", quota=quota, reserve=reserve, now=Clock())
        for use in calls:
            await taken(budget, use, tries=1)
        return await taken(budget, Use.CLOSE)

    assert asyncio.run(closes_left()) >= quota * reserve - 1e-6


async def test_a_refusal_says_what_it_means_and_waits_until_midnight() -> None:
    budget = Budget("1234", quota=4, reserve=0.5, now=Clock(NOON))
    await taken(budget, Use.REPORT)
    with pytest.raises(ProviderError) as caught:
        await budget.take(Use.REPORT, operation="report")
    problem = caught.value.problem
    assert problem.category is Category.RATE_LIMITED
    assert problem.reason == "iCIMS's quota is used up; the boards are served without it."
    assert problem.retry_after == timedelta(hours=12)
    assert not caught.value.sent


async def test_a_new_day_begins_anew() -> None:
    clock = Clock()
    budget = Budget("1234", quota=10, now=clock)
    assert await taken(budget, Use.CLOSE) == 10
    clock.at = NOON + timedelta(hours=11, minutes=59)
    assert await taken(budget, Use.CLOSE) == 0
    clock.at = NOON + timedelta(hours=12)
    assert await taken(budget, Use.CLOSE) == 10


@pytest.mark.parametrize("ahead", [timedelta(hours=11), timedelta(minutes=-7), timedelta(0), timedelta(hours=-11)])
async def test_the_day_ends_when_icims_says_so(ahead: timedelta) -> None:
    clock = Clock()
    budget = Budget("1234", quota=10, now=clock)
    midnight = timedelta(hours=12) - ahead
    await budget.learn(left=0, quota=10, resets_in=midnight)
    assert await taken(budget, Use.CLOSE) == 0
    clock.at = NOON + midnight - timedelta(seconds=1)
    assert await taken(budget, Use.CLOSE) == 0
    clock.at = NOON + midnight
    assert await taken(budget, Use.CLOSE) == 10


async def test_what_others_have_used_and_what_was_bought_is_taken_from_icims_own_answers() -> None:
    budget = Budget("1234", quota=10, now=Clock())
    await budget.learn(left=900, quota=1000, resets_in=None)
    assert await taken(budget, Use.CLOSE) == 900


async def test_two_customers_have_a_quota_each_and_two_budgets_of_one_share_theirs() -> None:
    spent = SpentHere()
    one, twin, other = (Budget(id_, quota=10, spent=spent, now=Clock()) for id_ in ("1", "1", "2"))
    assert await taken(one, Use.CLOSE) == 10
    assert await taken(twin, Use.CLOSE) == 0
    assert await taken(other, Use.CLOSE) == 10


async def test_what_was_not_answered_is_not_counted() -> None:
    budget = Budget("1234", quota=4, now=Clock())
    day = await budget.take(Use.CLOSE, operation="job")
    await budget.give_back(day)
    assert await taken(budget, Use.CLOSE) == 4


# --- a close without iCIMS ----------------------------------------------------------------------------------

JOB = {"jobtitle": "Nurse", "overview": "<p>Nights</p>", "jobid": "2016-1", "joblocation": {"value": "US-CA-Oakland"}}
Answer = Callable[[httpx.Request], httpx.Response]


def answering(job: Answer) -> Provider:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 86400})
        return job(request)

    return Provider(answer)


def client(http: httpx.AsyncClient, **more: object) -> IcimsClient:
    return IcimsClient(
        http,
        api_url="https://icims",
        token_url="https://icims/token",
        customer_id="1234",
        credentials=("id", "secret"),
        **more,  # type: ignore[arg-type]
    )


def calls(provider: Provider) -> int:
    return sum(request.url.path != "/token" for request in provider.requests)


async def test_a_close_gets_icims_words_where_they_come_at_once() -> None:
    async with (provider := answering(lambda _: httpx.Response(200, json=JOB))).http() as http:
        job = await client(http).for_close("1209")
    assert (job.title, job.overview, job.number) == ("Nurse", "<p>Nights</p>", "2016-1")
    assert calls(provider) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, text="down"),
        httpx.Response(429, headers={"x-ratelimit-limit": "10", "x-ratelimit-remaining": "0"}),
        httpx.Response(404, json={"errors": [{"errorCode": "2", "errorMessage": "gone"}]}),
        httpx.Response(404, json={"errors": [{"errorCode": "3", "errorMessage": "hidden"}]}),
        httpx.Response(403, text="<html>firewall</html>"),
        httpx.Response(200, text="<html>login</html>"),
        httpx.Response(200, json={"links": []}),
    ],
    ids=["failing", "used-up", "deleted", "hidden", "firewall", "html", "hidden-fields"],
)
async def test_a_close_goes_on_without_icims_and_asks_once_for_many_jobs(answer: httpx.Response) -> None:
    async with (provider := answering(lambda _: answer)).http() as http:
        icims = client(http)
        assert await icims.for_close("1209", location=True) == NOTHING
        before = calls(provider)
        assert await icims.for_close("1209") == NOTHING
    assert calls(provider) == before <= 2  # a 401-like answer is tried with a fresh token


async def test_a_close_waits_no_longer_than_a_second_and_the_next_ones_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CLOSE_WAITS", 0.05)
    hanging = asyncio.Event()

    class Hanging(httpx.AsyncBaseTransport):
        asked = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/token":
                return httpx.Response(200, json={"access_token": "t", "expires_in": 86400})
            self.asked += 1
            await hanging.wait()
            raise AssertionError

    transport = Hanging()
    async with httpx.AsyncClient(transport=transport) as http:
        icims = client(http)
        for job_id in ("1209", "1210", "1211"):
            assert await icims.for_close(job_id, location=True) == NOTHING
    assert transport.asked == 1


async def test_a_close_uses_what_was_read_before_although_icims_is_away_now() -> None:
    answers = iter([httpx.Response(200, json=JOB)])
    async with (provider := answering(lambda _: next(answers, httpx.Response(503)))).http() as http:
        icims = client(http)
        await icims.job("1209")
        job = await icims.for_close("1209", location=True)
    assert job == IcimsJob(title="Nurse", location="US-CA-Oakland", number="2016-1")
    assert calls(provider) == 1


async def test_a_close_asks_for_the_place_only_where_it_needs_it() -> None:
    address = "https://x/customers/1234/companies/9/fields/addresses/7"
    job = {**JOB, "joblocation": {"value": "US-CA-Oakland", "address": address}}

    def answer(request: httpx.Request) -> httpx.Response:
        if "addresses" in request.url.path:
            return httpx.Response(200, json={"addresscity": "Oakland", "addressstate": {"abbrev": "CA"}})
        return httpx.Response(200, json=job)

    async with (provider := answering(answer)).http() as http:
        icims = client(http)
        assert (await icims.for_close("1209")).address == AddressRef("9", "7")
        assert calls(provider) == 1
    async with (provider := answering(answer)).http() as http:
        assert (await client(http).for_close("1209", location=True)).location == "Oakland, CA"
        assert calls(provider) == 2


async def test_calls_that_nobody_answers_use_up_no_quota() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    budget = Budget("1234", quota=10, reserve=0.5, now=Clock())
    async with answering(refused).http() as http:
        icims = client(http, budget=budget)
        for _ in range(20):
            with pytest.raises(ProviderError):
                await icims.report("1209", "D90005", ())
    assert await taken(budget, Use.CLOSE) == 10
