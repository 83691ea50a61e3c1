"""iCIMS: portals, job search, folders, its quota by operation, and events that may get lost."""

import base64
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.receiver import Receiver, receiving

ROOT = "/customers/1234"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def get(sandbox: Sandbox, path: str, **query: Any) -> httpx.Response:
    headers = await sandbox.bearer("icims")
    return await sandbox.http.get(sandbox.urls["icims"] + ROOT + path, headers=headers, params=query)


async def search(sandbox: Sandbox, *filters: Any, path: str = "/search/jobs", **query: Any) -> httpx.Response:
    headers = await sandbox.bearer("icims")
    return await sandbox.http.post(
        sandbox.urls["icims"] + ROOT + path, headers=headers, json={"filters": list(filters)}, params=query
    )


async def found(sandbox: Sandbox, *filters: Any, **query: Any) -> list[int]:
    reply = await search(sandbox, *filters, **{"staleness": 0, **query})
    assert reply.status_code == 200, reply.text
    return [each["id"] for each in reply.json()["searchResults"]]


async def act(sandbox: Sandbox, action: str, *job_ids: str, **more: Any) -> None:
    await sandbox.control("POST", "/ats", {"customer_id": "1234", "job_ids": job_ids, "action": action, **more})


async def patch(sandbox: Sandbox, job_id: str, **icims: Any) -> None:
    await sandbox.control("PATCH", f"/jobs/1234/{job_id}", {"icims": icims})


async def test_a_portal_lists_what_is_posted_on_it(sandbox: Sandbox) -> None:
    await act(sandbox, "unpost", "1242")
    await patch(sandbox, "1301", deleted=True)
    for path in ("/search/portals/jobs", "/search/portals/jobs/"):
        results = (await get(sandbox, path, staleness=0)).json()["searchResults"]
        assert [each["id"] for each in results] == [1209, 1302, 1303]
    assert results[0]["portalUrl"].startswith("https://jobs-examplehealth.icims.com/jobs/1209/registered-nurse")
    shown = (await sandbox.http.get(results[0]["self"], headers=await sandbox.bearer("icims"))).json()
    assert (shown["folder"]["value"], shown["portalUrl"]) == ("Approved", results[0]["portalUrl"])
    assert (await get(sandbox, "/portals/jobs/1242")).status_code == 404
    assert (await get(sandbox, "/search/portals/nowhere")).status_code == 404


async def test_a_customer_may_have_several_portals(sandbox: Sandbox) -> None:
    await sandbox.set(icims__portals=["jobs", "internal"])
    await patch(sandbox, "1209", portals=["internal"])
    assert 1209 not in await found(sandbox, path="/search/portals/jobs")
    assert await found(sandbox, path="/search/portals/internal") == [1209]


async def test_a_search_pages_by_id(sandbox: Sandbox) -> None:
    await sandbox.control("POST", "/jobs/bulk", {"customer_id": "1234", "first_job_id": 5000, "count": 1200})
    posted = {"name": "job.jobpost.isposted", "value": ["true"]}
    first = await found(sandbox, posted)
    assert (len(first), first) == (1000, sorted(first))
    rest = await found(sandbox, posted, {"name": "job.id", "value": [str(first[-1])], "operator": ">"})
    assert len(rest) == 205
    assert not set(first) & set(rest)


async def test_folders_are_found_and_read_and_send_no_event(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.set(icims__webhook_url=receiver.url)
    await patch(sandbox, "1209", folder="Filled")
    assert await found(sandbox, {"name": "job.folder", "value": ["Filled"]}) == [1209]
    assert (await get(sandbox, "/jobs/1209", fields="folder")).json()["folder"]["value"] == "Filled"
    assert 1209 not in await found(sandbox, {"name": "job.folder", "value": ["D31001"]})
    assert receiver.taken == []


async def test_groups_join_their_filters(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("icims")
    either = {
        "filters": [{"name": "job.jobtitle", "value": ["nurs"]}, {"name": "job.idCSV", "value": ["1242,1301"]}],
        "operator": "|",
    }
    group = {"children": [either], "filters": [{"name": "job.id", "value": ["1302"], "operator": "<"}]}
    url = sandbox.urls["icims"] + ROOT + "/search/jobs"
    reply = await sandbox.http.get(url, headers=headers, params={"searchJson": json.dumps(group)})
    assert [each["id"] for each in reply.json()["searchResults"]] == [1209, 1242, 1301]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([], "At least one filter must be specified"),
        ([{"name": "job.colour", "value": ["red"]}], "not valid or hidden: job.colour"),
        ([{"name": "job.id", "value": ["1"], "operator": "~"}], "operator is not valid in the given context: ~"),
        ([{"name": "job.folder", "value": ["x"], "operator": ">"}], "operator is not valid in the given context: >"),
        ([{"name": "job.id", "valeu": ["1"]}], "attribute is unrecognized: valeu"),
        (["job.id"], "An unknown parsing error occurred"),
    ],
)
async def test_what_a_search_does_not_know_is_refused(sandbox: Sandbox, filters: list[Any], message: str) -> None:
    reply = await search(sandbox, *filters)
    assert reply.status_code == 400
    assert message in reply.headers["X-Error"]


async def test_a_search_may_be_a_quarter_of_an_hour_old(sandbox: Sandbox) -> None:
    any_job = {"name": "job.jobpost.isposted", "value": ["true"]}
    assert 1209 in [each["id"] for each in (await search(sandbox, any_job)).json()["searchResults"]]
    await act(sandbox, "unpost", "1209")
    sandbox.clock.now += 900
    assert 1209 in [each["id"] for each in (await search(sandbox, any_job)).json()["searchResults"]]
    assert 1209 not in await found(sandbox, any_job)
    assert 1209 not in [each["id"] for each in (await search(sandbox, any_job)).json()["searchResults"]]


async def test_dates_that_cannot_be_read_let_everything_through(sandbox: Sandbox) -> None:
    assert len(await found(sandbox, {"name": "job.updateddate", "value": ["yesterday"]})) == 5
    await act(sandbox, "post", "1209")
    assert await found(sandbox, {"name": "job.updateddate", "value": ["2026-01-01"], "operator": ">"}) == [1209]


async def test_fields_of_one_job_are_hidden(sandbox: Sandbox) -> None:
    await patch(sandbox, "1209", hidden_fields=["jobtitle", "joblocation"])
    shown = (await get(sandbox, "/jobs/1209")).json()
    assert {"jobtitle", "joblocation"}.isdisjoint(shown)
    assert "jobtitle" in (await get(sandbox, "/jobs/1242")).json()


async def test_the_quota_is_counted_by_operation(sandbox: Sandbox) -> None:
    await sandbox.set(icims__daily_quota=3)
    await get(sandbox, "/jobs/1209")
    await get(sandbox, "/jobs/1209")
    await get(sandbox, "/search/portals/jobs")
    assert (await get(sandbox, "/jobs/1209")).status_code == 429
    assert await sandbox.control("GET", "/quota/1234") == {
        "limit": 3,
        "used": 3,
        "left": 0,
        "by_operation": {"job": 2, "portal": 1},
    }
    await sandbox.control("POST", "/clock", {"advance": 86_400})
    assert (await sandbox.control("GET", "/quota/1234"))["used"] == 0
    assert (await get(sandbox, "/jobs/1209")).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "plain"])
async def test_a_recruiters_actions_are_events(sandbox: Sandbox, receiver: Receiver, encoding: str) -> None:
    await sandbox.set(icims__webhook_url=receiver.url, icims__webhook_encoding=encoding)
    await act(sandbox, "unpost", "1209")
    taken = (await receiver.deliveries(1))[0]
    # aiohttp has inflated the body already, as a server does.
    assert taken.json == {
        "customerId": "1234",
        "userId": "121",
        "eventType": "JobUnpostToWebEvent",
        "systemId": "1209",
    }
    assert ("Content-Encoding" in taken.headers) == (encoding == "gzip")
    assert taken.headers["Link"].endswith(",")
    credentials = base64.b64decode(taken.headers["Authorization"].removeprefix("Basic ")).decode()
    assert credentials == "icims-1234:webhook-secret-1234"
    assert (await sandbox.job())["icims"]["portals"] == []
    await act(sandbox, "post", "1209")
    posted = (await receiver.deliveries(2))[1].json
    assert (posted["eventType"], posted["portalUrl"][:32]) == ("JobPostToWebEvent", "https://jobs-examplehealth.icims")
    await act(sandbox, "view", "1209")
    assert (await receiver.deliveries(3))[2].json["eventType"] == "ViewJobWebPostEvent"


async def test_events_get_lost_on_request_or_by_share(sandbox: Sandbox, receiver: Receiver) -> None:
    await sandbox.set(icims__webhook_url=receiver.url)
    await act(sandbox, "unpost", "1209", lost=True)
    assert (await sandbox.job())["icims"]["portals"] == []
    await sandbox.set(icims__webhook_lose_every=2)
    await act(sandbox, "unpost", "1242", "1301", "1302", "1303", stays_on_portal=True)
    assert len(await receiver.deliveries(2)) == 2
    records = await sandbox.control("GET", "/records?provider=icims&operation=webhook")
    assert sorted(each["job_ids"][0] for each in records if each["fault"] == "lost") == ["1209", "1301", "1303"]
    assert (await sandbox.job("1242"))["icims"]["portals"] == ["jobs"]


async def test_icims_does_not_send_a_refused_event_again(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [503]
    await sandbox.set(icims__webhook_url=receiver.url, icims__webhook_retry_seconds=0)
    await act(sandbox, "unpost", "1209")
    await act(sandbox, "unpost", "1242")
    assert len(await receiver.deliveries(2)) == 2


@pytest.mark.parametrize("provider", ["icims", "linkedin", "indeed"])
async def test_events_may_hold_half_characters(sandbox: Sandbox, receiver: Receiver, provider: str) -> None:
    await sandbox.set(
        **{
            f"{provider}__webhook_url": receiver.url,
            f"{provider}__webhook_surrogate_fields": ["systemId", "id", "type"],
        }
    )
    if provider == "icims":
        await act(sandbox, "unpost", "1209")
    elif provider == "linkedin":
        await sandbox.control("POST", "/webhooks/linkedin/status", {"customer_id": "1234", "job_id": "1209"})
    else:
        await sandbox.control("POST", "/webhooks/indeed/event", {"customer_id": "1234", "job_id": "1209"})
    assert rb"\ud83d" in _plain((await receiver.deliveries(1))[0].body)


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
