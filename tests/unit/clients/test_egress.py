"""An address of others leads to the public Internet or nowhere, however it is spelled and whatever it resolves to."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from clients import egress
from clients.egress import is_public
from clients.errors import ProviderError
from clients.http import Request, send
from clients.transport import open_http
from tests.support.listening import listening

USUAL = {"127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]"}


class Inside:
    """A server on this machine that counts who comes."""

    def __init__(self) -> None:
        self.port, self.came = 0, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        await reader.readuntil(b"\r\n\r\n")
        target = f"http://127.0.0.1:{self.port}/next".encode()
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        await writer.drain()


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    inside = Inside()
    async with listening(inside.serve) as inside.port:
        yield inside


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every name resolve to one address after the other."""
    left = list(addresses)

    async def getaddrinfo(_: Any, host: str, port: int, **__: Any) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port) if family == socket.AF_INET else (address, port, 0, 0))
        ]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)


async def call(url: str, *, public_only: bool = True) -> int:
    async with open_http() as http:
        request = Request(operation="tell", method="POST", url=url, content=b"{}", public_only=public_only)
        return (await send(http, request, provider="endpoint")).status


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0",  # noqa: S104 -- nothing is bound
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "fe80::1",
        "fe80::1%eth0",
        "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "64:ff9b::10.0.0.1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
        "2002:a00:1::1", "fec0::1", "64:ff9b::7f00:1", "", "localhost", "1.2.3", "not an address",
    ],
)  # fmt: skip
def test_what_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
)
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0"],
)
async def test_no_spelling_of_this_machine_is_connected_to(inside: Inside, host: str) -> None:
    with pytest.raises(ProviderError) as error:
        await call(f"http://{host}:{inside.port}/hook")
    # Spellings that no browser takes are refused before anything is resolved.
    assert error.value.code == ("not_public" if host in USUAL else "address")
    assert not error.value.sent
    assert inside.came == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
async def test_what_a_name_resolves_to_is_what_counts(
    inside: Inside, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, address)
    with pytest.raises(ProviderError) as error:
        await call(f"http://hooks.example.com:{inside.port}/hook")
    assert error.value.code == "not_public"
    assert address not in str(error.value.problem)
    assert inside.came == 0


async def test_a_name_that_resolves_anew_is_looked_at_anew(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def first_time_only(address: str) -> bool:
        looked.append(address)
        return len(looked) == 1

    monkeypatch.setattr(egress, "is_public", first_time_only)
    resolving(monkeypatch, "127.0.0.1")
    url = f"http://rebinding.example.com:{inside.port}/hook"
    async with open_http() as http:
        request = Request(operation="tell", method="POST", url=url, content=b"{}", public_only=True)
        assert (await send(http, request, provider="endpoint")).status == 302
        with pytest.raises(ProviderError) as error:
            await send(http, request, provider="endpoint")
    assert error.value.code == "not_public"
    assert looked == ["127.0.0.1", "127.0.0.1"], "the very address that is connected to"
    assert inside.came == 1, "and the redirect was not followed"


async def test_a_host_that_is_allowed_is_reached(inside: Inside) -> None:
    assert await call(f"http://127.0.0.1:{inside.port}/hook", public_only=False) == 302
    assert inside.came == 1


async def test_connections_of_the_one_kind_do_not_serve_the_other(inside: Inside) -> None:
    url = f"http://127.0.0.1:{inside.port}/hook"
    async with open_http() as http:
        open_to_all = Request(operation="tell", method="POST", url=url, content=b"{}")
        assert (await send(http, open_to_all, provider="endpoint")).status == 302
        guarded = Request(operation="tell", method="POST", url=url, content=b"{}", public_only=True)
        with pytest.raises(ProviderError):
            await send(http, guarded, provider="endpoint")
