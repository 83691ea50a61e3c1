"""Calls to the simulated LinkedIn."""

from typing import Any

import httpx

from tests.sandbox.harness import Sandbox


def element(**change: Any) -> dict[str, Any]:
    """Return a whole CLOSE element; a change to None leaves the field out."""
    whole = {
        "externalJobPostingId": "1234-1209",
        "jobPostingOperationType": "CLOSE",
        "title": "Registered Nurse, Night Shift",
        "description": "A description long enough to be taken. " * 4,
        "companyApplyUrl": "https://example.com/jobs/1209",
        "location": "San Francisco, CA",
        "integrationContext": "urn:li:organization:5678",
        "listingType": "PREMIUM",
        "contract": "urn:li:contract:91011",
        "listedAt": 1_700_000_000_000,
        **change,
    }
    return {name: value for name, value in whole.items() if value is not None}


async def submit(
    sandbox: Sandbox,
    *elements: Any,
    path: str = "/v2/simpleJobPostings",
    customer: str = "1234",
    body: Any = None,
    **headers: str,
) -> httpx.Response:
    sent = {"X-Restli-Method": "batch_create", **await sandbox.bearer("linkedin", customer), **headers}
    url = sandbox.urls["linkedin"] + path
    return await sandbox.http.post(url, headers=sent, json=body or {"elements": list(elements)})


async def close(sandbox: Sandbox, **change: Any) -> Any:
    """Close and return the one element of the reply."""
    reply = await submit(sandbox, element(**change))
    assert reply.status_code == 200, reply.text
    return reply.json()["elements"][0]


async def read(sandbox: Sandbox, resource: str, *ids: str, customer: str = "1234") -> Any:
    url = f"{sandbox.urls['linkedin']}/v2/{resource}"
    headers = await sandbox.bearer("linkedin", customer)
    return await sandbox.http.get(url, headers=headers, params=[("ids", one) for one in ids])


async def task(sandbox: Sandbox, urn: str) -> Any:
    return (await read(sandbox, "simpleJobPostingTasks", urn)).json()["results"][urn]


async def listing(sandbox: Sandbox, external_id: str = "1234-1209") -> str:
    results = (await read(sandbox, "jobPostingStatus", external_id)).json()["results"]
    return str(results[external_id]["listingStatus"])
