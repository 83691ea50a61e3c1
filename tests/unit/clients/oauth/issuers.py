"""Token endpoints that issue, refuse, keep and rotate."""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx

from clients.authorized import AuthorizedClient
from clients.errors import ErrorRow, classify
from clients.http import Request, Response
from clients.oauth import refresh_request, token_request
from clients.tokens import TokenSource
from models.problems import Category
from tests.support.transport import Provider

TOKEN_URL = "https://login.example.com/token"
SECRET = "hunter2-secret"


FORM = {"client_id": "id", "client_secret": SECRET}
API = Request(operation="read", method="GET", url="https://api.example.com/thing")


REFUSALS = [
    ErrorRow(status=401, category=Category.CREDENTIALS, reason="refused", remedy="m"),
    ErrorRow(category=Category.TEMPORARY, reason="failed", remedy="m"),
]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Issuer:
    """A token endpoint that issues t1, t2, …, and an API that takes those it has not revoked."""

    def __init__(self, *, expires_in: float = 1800, name: Callable[[int], str] = "t{}".format) -> None:
        self.expires_in, self.name = expires_in, name
        self.issued = 0
        self.revoked: set[str] = set()
        self.failing = 0
        self.open = asyncio.Event()
        self.open.set()
        self.provider = Provider(self._answer)
        self.clock = Clock()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/token":
            await asyncio.sleep(0)
            refused = request.headers["authorization"].removeprefix("Bearer ") in self.revoked
            return httpx.Response(401 if refused else 200)
        self.issued += 1
        number = self.issued
        await self.open.wait()
        if self.failing:
            self.failing -= 1
            return httpx.Response(503, text=f"echo {SECRET}")
        return httpx.Response(200, json={"access_token": self.name(number), "expires_in": self.expires_in})

    def source(self) -> TokenSource:
        return TokenSource(self.provider.http(), token_request(TOKEN_URL, FORM), provider="P", clock=self.clock)

    def client(self) -> AuthorizedClient:
        return AuthorizedClient(self.provider.http(), self.source(), provider="P")


def read(response: Response) -> int:
    if response.status != 200:
        raise classify(REFUSALS, provider="P", operation="read", status=response.status)
    return response.status


class Rotating:
    """A token endpoint for a user who signed in once: each refresh token is good once, if it rotates."""

    def __init__(self, *, rotates: bool) -> None:
        self.rotates = rotates
        self.good = "r1"
        self.asked: list[dict[str, list[str]]] = []
        self.provider = Provider(self._answer)
        self.clock = Clock()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        self.asked.append(form)
        if form["refresh_token"] != [self.good]:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": SECRET})
        number = len(self.asked)
        reply = {"access_token": f"t{number}", "expires_in": 3600}
        if self.rotates:
            self.good = f"r{number + 1}"
            reply["refresh_token"] = self.good
        return httpx.Response(200, json=reply)

    def source(self) -> TokenSource:
        return TokenSource(self.provider.http(), refresh_request(TOKEN_URL, FORM, "r1"), provider="P", clock=self.clock)
