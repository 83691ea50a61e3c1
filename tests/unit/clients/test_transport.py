"""The connections: no call loses a place for ever, and one host that hangs holds up no other."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from clients.errors import ProviderError
from clients.http import Request, send
from clients.transport import open_http
from models.problems import Category
from tests.support.listening import Serve, listening

Answer = Callable[[], Awaitable[None]]


class Host:
    """A server whose answers wait for what the test says."""

    def __init__(self, wait: Answer, *, closes: bool = False) -> None:
        self.wait, self.closes = wait, closes
        self.under_way = self.most = self.answered = self.connected = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.under_way += 1
                self.most = max(self.most, self.under_way)
                try:
                    await self.wait()
                finally:
                    self.under_way -= 1
                closing = b"Connection: close\r\n" if self.closes else b""
                writer.write(b"HTTP/1.1 200 OK\r\n" + closing + b"Content-Length: 2\r\n\r\n{}")
                await writer.drain()
                self.answered += 1
                if self.closes:
                    break
        finally:
            self.connected -= 1


@asynccontextmanager
async def at(serve: Serve) -> AsyncIterator[str]:
    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}/"


# With a new connection for each answer, those left behind by who gives up could fill a pool for good.
CLOSES = pytest.mark.parametrize("closes", [False, True], ids=["kept", "closed"])


def get(url: str) -> Request:
    return Request(operation="read", method="GET", url=url)


async def soon() -> None:
    await asyncio.sleep(0.001)


def unsteady(seed: int) -> Answer:
    chance = random.Random(seed)  # noqa: S311 -- no secret depends on it

    async def wait() -> None:
        await asyncio.sleep(chance.uniform(0.03, 0.08))

    return wait


async def all_places_are_free(http: httpx.AsyncClient, host: Host, url: str, places: int) -> None:
    """Fill every place at once: each of them is answered only once all of them are taken."""
    everyone = asyncio.Event()

    async def together() -> None:
        if host.under_way == places:
            everyone.set()
        await everyone.wait()

    host.wait = together
    answers = await asyncio.gather(*(send(http, get(url), provider="P") for _ in range(places)))
    assert [each.status for each in answers] == [200] * places


@CLOSES
async def test_after_calls_that_waited_too_long_every_place_is_free_again(*, closes: bool) -> None:
    # 40 callers on 10 connections, answers of 30 to 80 ms, 35 ms of patience: the figures, ten times as fast.
    host = Host(unsteady(1), closes=closes)
    timeout = httpx.Timeout(20, pool=0.035)
    async with at(host.serve) as url, open_http(places=10, timeout=timeout) as http:
        for _ in range(3):
            calls = (send(http, get(url), provider="P") for _ in range(40))
            results = await asyncio.gather(*calls, return_exceptions=True)
            failed = [each for each in results if isinstance(each, ProviderError)]
            assert failed
            assert {(each.problem.category, each.code, each.sent) for each in failed} == {
                (Category.TEMPORARY, "no_place", False)
            }
        assert host.most <= 10
        await all_places_are_free(http, host, url, 10)


@CLOSES
@pytest.mark.parametrize("seed", range(2))
async def test_after_calls_that_were_broken_off_at_any_moment_every_place_is_free_again(
    seed: int, *, closes: bool
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- no secret depends on it
    host = Host(unsteady(seed), closes=closes)
    async with at(host.serve) as url, open_http(places=10) as http:
        for _ in range(4):
            calls = [asyncio.create_task(send(http, get(url), provider="P")) for _ in range(40)]
            for each in chance.sample(calls, 30):
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                each.cancel()
            await asyncio.wait(calls)
        await all_places_are_free(http, host, url, 10)


@CLOSES
async def test_no_connection_is_left_over_by_calls_that_were_broken_off(*, closes: bool) -> None:
    host = Host(soon, closes=closes)
    chance = random.Random(7)  # noqa: S311 -- no secret depends on it
    async with at(host.serve) as url:
        async with open_http(places=20) as http:
            for _ in range(20):
                calls = [asyncio.create_task(send(http, get(url), provider="P")) for _ in range(20)]
                for each in calls:
                    if chance.random() < 0.7:
                        await asyncio.sleep(0)
                        each.cancel()
                await asyncio.wait(calls)
            await send(http, get(url), provider="P")
            await until(lambda: host.connected <= 20)
        await until(lambda: host.connected == 0)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 -- nothing tells of it
        await asyncio.sleep(0.005)


async def test_two_hundred_calls_that_hang_at_one_provider_delay_no_other_provider() -> None:
    released = asyncio.Event()

    async def hang() -> None:
        await released.wait()

    slow, quick = Host(hang), Host(soon)
    async with (
        at(slow.serve) as slow_url,
        at(quick.serve) as url,
        open_http(places=20, timeout=httpx.Timeout(120)) as http,
    ):
        hanging = [asyncio.create_task(send(http, get(slow_url), provider="P", deadline=120)) for _ in range(200)]
        await until(lambda: slow.under_way == 20)
        answers = await asyncio.gather(*(send(http, get(url), provider="Q") for _ in range(100)))
        assert [each.status for each in answers] == [200] * 100
        assert not any(each.done() for each in hanging)
        released.set()
        assert [each.status for each in await asyncio.gather(*hanging)] == [200] * 200
        assert slow.most == 20


async def test_an_answer_that_never_ends_is_cut_off_and_gives_its_place_back() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0.01)

    async with at(trickle) as url, open_http(places=1) as http:
        for _ in range(2):
            with pytest.raises(ProviderError) as caught:
                await send(http, get(url), provider="P", deadline=0.2)
            assert caught.value.problem.category is Category.TEMPORARY
            assert (caught.value.code, caught.value.sent) == ("deadline", True)


async def test_an_address_arrives_as_it_was_written() -> None:
    lines: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    async with at(serve) as url, open_http() as http:
        address = f"{url}a%2Fb%3A"
        ids = Request(
            operation="read", method="GET", url=address, params=(("ids", "urn:li:1"), ("ids", "a b+c&\u00e9"))
        )
        assert (await send(http, ids, provider="P")).status == 204
    assert lines == [b"GET /a%2Fb%3A?ids=urn%3Ali%3A1&ids=a+b%2Bc%26%C3%A9 HTTP/1.1"]


async def test_no_cookie_is_kept_by_the_connections() -> None:
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=of-customer-a; Path=/\r\nContent-Length: 0\r\n\r\n")

    async with at(serve) as url, open_http() as http:
        for _ in range(2):
            await send(http, get(url), provider="P")
    assert len(heads) == 2
    assert not any(b"cookie" in head.lower() for head in heads)


async def test_an_answer_that_is_whole_already_holds_no_place() -> None:
    whole = httpx.MockTransport(lambda _: httpx.Response(200, content=b"{}"))
    async with open_http(whole, places=1) as http:
        for _ in range(3):
            assert (await http.get("https://api.example.com/")).content == b"{}"
