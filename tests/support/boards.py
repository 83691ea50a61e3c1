"""The sandbox's control API, typed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

CUSTOMER = "1234"


class Boards:
    """Put jobs and faults into the simulated boards, and ask them what they saw."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def reset(self) -> None:
        await self._send("POST", "/reset")

    async def add_job(self, job_id: str, **fields: Any) -> None:
        await self._send("POST", "/jobs", {"customer_id": CUSTOMER, "job_id": job_id, **fields})

    async def add_jobs(self, first_job_id: int, count: int, **fields: Any) -> list[str]:
        body = {"customer_id": CUSTOMER, "first_job_id": str(first_job_id), "count": count, **fields}
        await self._send("POST", "/jobs/bulk", body)
        return [str(first_job_id + n) for n in range(count)]

    async def change_job(self, job_id: str, **fields: Any) -> None:
        await self._send("PATCH", f"/jobs/{CUSTOMER}/{job_id}", fields)

    async def job(self, job_id: str) -> Any:
        return await self._send("GET", f"/jobs/{CUSTOMER}/{job_id}")

    async def act(self, action: str, *job_ids: str, lost: bool = False, **more: Any) -> None:
        """Do what a recruiter does in iCIMS: `post`, `unpost`, `view`."""
        body = {"customer_id": CUSTOMER, "job_ids": job_ids, "action": action, "lost": lost, **more}
        await self._send("POST", "/ats", body)

    async def forward(self, **by: float) -> None:
        """Let time pass at the boards."""
        await self._send("POST", "/clock", {"advance": timedelta(**by).total_seconds()})

    async def postings(self, job_id: str) -> list[dict[str, Any]]:
        """Return all postings of a job at Indeed, in the order in which they were made."""
        found: list[dict[str, Any]] = (await self.job(job_id))["indeed_postings"]
        return found

    async def overlays(self, job_id: str) -> list[dict[str, Any]]:
        """Return what is set on each posting of a job at Indeed, in truth."""
        return [each["overlay_left"] for each in await self.postings(job_id)]

    async def add_posting(self, job_id: str, **indeed: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self._send("POST", f"/jobs/{CUSTOMER}/{job_id}/postings", indeed)
        return made

    async def change_posting(self, sourced_posting_id: str, **indeed: Any) -> None:
        await self._send("PATCH", f"/postings/{sourced_posting_id}", indeed)

    async def drop_posting(self, sourced_posting_id: str) -> None:
        await self._send("DELETE", f"/postings/{sourced_posting_id}")

    async def reingest(self, job_id: str, **how: Any) -> list[dict[str, Any]]:
        """Have the feed bring a job's live postings again under new ids."""
        made: list[dict[str, Any]] = await self._send("POST", f"/jobs/{CUSTOMER}/{job_id}/reingest", how)
        return made

    async def add_application(self, client_id: str) -> None:
        """Give the customer a further application at Indeed, with an advertiser and a secret of its own."""
        (customer,) = [each for each in await self._send("GET", "/customers") if each["customer_id"] == CUSTOMER]
        made = {
            "client_id": client_id,
            "client_secret": f"{client_id}-secret",
            "advertiser_id": f"{client_id}-advertiser",
            "webhook_secret": f"{client_id}-webhook-secret",
        }
        await self._send("POST", "/customers", {**customer, "indeed_others": [*customer["indeed_others"], made]})

    async def fault(self, provider: str, operation: str, kind: str, **fields: Any) -> None:
        await self._send("POST", "/faults", {"provider": provider, "operation": operation, "kind": kind, **fields})

    async def faults(self) -> list[dict[str, Any]]:
        """Return the faults that are armed, with how often each has fired."""
        found: list[dict[str, Any]] = await self._send("GET", "/faults")
        return found

    async def clear_faults(self) -> None:
        await self._send("DELETE", "/faults")

    async def set(self, **settings: Any) -> None:
        """Turn knobs, spelled `linkedin__task_seconds=5`."""
        nested: dict[str, dict[str, Any]] = {}
        for name, value in settings.items():
            section, _, key = name.partition("__")
            nested.setdefault(section, {})[key] = value
        await self._send("PATCH", "/settings", nested)

    async def validate_linkedin(self) -> None:
        """Have LinkedIn challenge its webhook now."""
        await self._send("POST", "/webhooks/linkedin/validate")

    async def counts(self, job_id: str | None = None) -> dict[str, int]:
        found: dict[str, int] = await self._send("GET", "/counts" + (f"?job_id={job_id}" if job_id else ""))
        return found

    async def records(self, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._send("GET", f"/records?{httpx.QueryParams(query)}")
        return found

    async def writes(self, job_id: str) -> list[str]:
        """Return the writes that took effect for a job, in order, as `provider.operation`."""
        seen = await self.records(job_id=job_id)
        return [f"{each['provider']}.{each['operation']}" for each in seen if each["applied"]]

    async def written_postings(self) -> frozenset[str]:
        """Name the postings at Indeed that any call changed, by sourcedPostingId."""
        records = await self.records(provider="indeed")
        return frozenset(each for record in records for each in record["written"])

    async def _send(self, method: str, path: str, body: Any = None) -> Any:
        reply = await self._http.request(method, path, json=body)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None


def control_of(urls: Mapping[str, str]) -> httpx.AsyncClient:
    """Return a client of a sandbox's control API; no certificates are loaded, as it has no TLS."""
    return httpx.AsyncClient(base_url=urls["control"], trust_env=False, verify=False)  # noqa: S501 -- no TLS


async def counted(urls: Mapping[str, str]) -> dict[str, int]:
    """Ask a sandbox how many calls it has seen."""
    async with control_of(urls) as http:
        return await Boards(http).counts()
