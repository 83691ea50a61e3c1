"""The sandbox as a test drives it: HTTP only, and a clock that only the test moves."""

from dataclasses import dataclass
from typing import Any

import httpx

SCOPES = "employer_access employer.hosted_job"


class ManualClock:
    now: float
    slept: list[float]

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.now = 1_793_000_000.0
        self.slept = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Sandbox:
    """The servers as a client sees them, and shortcuts for what every test does."""

    http: httpx.AsyncClient
    urls: dict[str, str]
    clock: ManualClock

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = await self.http.request(method, self.urls["control"] + path, json=body)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    async def set(self, **knobs: Any) -> None:
        """Turn knobs, written as section__knob."""
        await self.control("PATCH", "/settings", {name.replace("__", "."): value for name, value in knobs.items()})

    async def fault(self, provider: str, operation: str, kind: str, **more: Any) -> str:
        body = {"provider": provider, "operation": operation, "kind": kind, **more}
        return str((await self.control("POST", "/faults", body))["id"])

    async def job(self, job_id: str = "1209", customer: str = "1234") -> Any:
        return await self.control("GET", f"/jobs/{customer}/{job_id}")

    async def records(self) -> Any:
        return [one for one in await self.control("GET", "/records") if one["operation"] != "token"]

    async def token(self, provider: str, customer: str = "1234", **form: str) -> str:
        path = {"icims": "/oauth/token", "linkedin": "/oauth/v2/accessToken", "indeed": "/oauth/v2/tokens"}
        usual = {
            "icims": {"audience": "https://api.icims.com/v1/"},
            "linkedin": {},
            "indeed": {"scope": SCOPES, "employer": f"advertiser-{customer}"},
        }
        data = {
            "grant_type": "client_credentials",
            "client_id": f"{provider}-{customer}",
            "client_secret": f"{provider}-secret-{customer}",
            **usual[provider],
            **form,
        }
        reply = await self.http.post(self.urls[provider] + path[provider], data=data)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])

    async def bearer(self, provider: str, customer: str = "1234") -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(provider, customer)}"}


async def sent(sandbox: Sandbox) -> list[tuple[int | None, str | None]]:
    """Return what became of each webhook that was sent."""
    return [(each["status"], each["fault"]) for each in await sandbox.records() if each["operation"] == "webhook"]
