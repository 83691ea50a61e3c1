import asyncio
import json
import signal
import sys
from typing import Any

import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import change, clear, ids
from tests.sandbox.linkedin_calls import close, listing


async def test_healthz(sandbox: Sandbox) -> None:
    assert await sandbox.control("GET", "/healthz") == {"status": "ok"}


async def test_settings_are_patched_flat_or_nested(sandbox: Sandbox) -> None:
    changes = {"linkedin.task_seconds": 3, "indeed": {"error_path": False}}
    shown = await sandbox.control("PATCH", "/settings", changes)
    assert shown == await sandbox.control("GET", "/settings")
    assert (shown["linkedin"]["task_seconds"], shown["indeed"]["error_path"]) == (3, False)
    assert shown["indeed"]["mutations_per_second"] == 20, "the others stay"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"linkedin.task_second": 3}, "linkedin.task_second"),
        ({"linkedin": {"x": 3}}, "linkedin.x"),
        ({"monster": {}}, "monster"),
        ({"indeed.retry_after": "never"}, "indeed.retry_after"),
        ({"linkedin": 3}, "linkedin"),
        ([], "object"),
    ],
)
async def test_unknown_knobs_are_refused_by_name(sandbox: Sandbox, body: Any, name: str) -> None:
    before = await sandbox.control("GET", "/settings")
    reply = await sandbox.http.patch(sandbox.urls["control"] + "/settings", json=body)
    assert (reply.status_code, name in reply.json()["error"]) == (400, True)
    assert await sandbox.control("GET", "/settings") == before


async def test_reset_forgets_everything(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("icims")
    await sandbox.set(linkedin__task_seconds=9)
    await sandbox.fault("icims", "job", "http")
    await close(sandbox)
    await sandbox.control("POST", "/customers", {"customer_id": "77"})
    await sandbox.control("POST", "/reset")
    assert (await sandbox.control("GET", "/settings"))["linkedin"]["task_seconds"] == 0.5
    assert await sandbox.control("GET", "/faults") == []
    assert await sandbox.control("GET", "/records") == []
    assert [one["customer_id"] for one in await sandbox.control("GET", "/customers")] == ["1234", "5678"]
    assert (await sandbox.job())["linkedin"]["listed"] is True
    url = sandbox.urls["icims"] + "/customers/1234/jobs/1209"
    assert (await sandbox.http.get(url, headers=headers)).status_code == 401


async def test_the_first_customer(sandbox: Sandbox) -> None:
    assert (await sandbox.control("GET", "/customers"))[0] == {
        "customer_id": "1234",
        "name": "Example Health",
        "icims": {"client_id": "icims-1234", "client_secret": "icims-secret-1234"},
        "linkedin": {
            "client_id": "linkedin-1234",
            "client_secret": "linkedin-secret-1234",
            "previous_client_secret": "linkedin-old-secret-1234",
            "application_urn": "urn:li:developerApplication:234",
            "organization_urn": "urn:li:organization:5678",
            "contract_urn": "urn:li:contract:91011",
        },
        "indeed": {
            "client_id": "indeed-1234",
            "client_secret": "indeed-secret-1234",
            "advertiser_id": "advertiser-1234",
            "webhook_secret": "indeed-webhook-secret-1234",
        },
        "indeed_others": [],
    }


async def test_a_new_customer_works_at_once(sandbox: Sandbox) -> None:
    given = {"customer_id": "acme", "name": "Acme", "icims": {"client_secret": "mine"}}
    shown = await sandbox.control("POST", "/customers", given)
    assert shown["icims"] == {"client_id": "icims-acme", "client_secret": "mine"}
    assert shown["linkedin"]["organization_urn"].removeprefix("urn:li:organization:").isdigit()
    await sandbox.token("icims", "acme", client_secret="mine")


async def test_a_new_job_is_live_with_the_usual_overlay(sandbox: Sandbox) -> None:
    given = {"customer_id": "1234", "job_id": "77", "title": "Chef", "location": "Austin, TX 78701"}
    job = await sandbox.control("POST", "/jobs", given)
    assert job["icims"]["title"] == "Chef"
    assert (job["linkedin"]["listed"], job["linkedin"]["external_id"]) == (True, "1234-77")
    assert (job["indeed"]["live"], job["indeed"]["claimed_by"]) == (True, "advertiser-1234")
    assert job["indeed"]["overlay_left"] == {
        "trackingUrl": "https://example.com/jobs/77?utm_source=indeed",
        "campaignCategories": ["default"],
    }


async def test_a_job_can_be_absent_from_a_board_or_have_another_overlay(sandbox: Sandbox) -> None:
    given: dict[str, Any] = {"customer_id": "1234", "job_id": "1209", "linkedin": False, "indeed": False}
    job = await sandbox.control("POST", "/jobs", given)
    assert (job["linkedin"], job["indeed"]) == (None, None)
    given |= {"indeed": True, "overlay": False}
    job = await sandbox.control("POST", "/jobs", given)
    assert (job["indeed"]["overlay_left"], job["indeed"]["claimed_by"]) == ({}, None)
    given["overlay"] = {"title": "Chef", "salary": {"period": "HOUR", "minimumMinor": 1}}
    job = await sandbox.control("POST", "/jobs", given)
    assert job["indeed"]["overlay_left"]["title"] == "Chef"


async def test_bulk_jobs(sandbox: Sandbox) -> None:
    body = {"customer_id": "1234", "first_job_id": 5000, "count": 300}
    assert await sandbox.control("POST", "/jobs/bulk", body) == {"created": 300}
    assert (await sandbox.job("5299"))["linkedin"]["listed"] is True


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/jobs", {"customer_id": "1234", "job_id": "a/b"}, 400),
        ("/jobs", {"customer_id": "1234", "job_id": "7", "titel": "x"}, 400),
        ("/jobs", {"customer_id": "nobody", "job_id": "7"}, 404),
        ("/jobs/bulk", {"customer_id": "1234", "first_job_id": 1, "count": 0}, 400),
        ("/customers", {"customer_id": "a/b"}, 400),
        ("/customers", {}, 400),
    ],
)
async def test_bad_control_bodies(sandbox: Sandbox, path: str, body: Any, status: int) -> None:
    reply = await sandbox.http.post(sandbox.urls["control"] + path, json=body)
    assert (reply.status_code, "error" in reply.json()) == (status, True)


@pytest.mark.parametrize("path", ["/jobs/1234/0", "/jobs/0/1209", "/nothing"])
async def test_unknown_things_are_404(sandbox: Sandbox, path: str) -> None:
    assert (await sandbox.http.get(sandbox.urls["control"] + path)).status_code == 404


async def test_a_feed_lists_a_closed_job_again(sandbox: Sandbox) -> None:
    await close(sandbox)
    sandbox.clock.now += 1
    assert await listing(sandbox) == "NOT_LISTED"
    await sandbox.control("PATCH", "/jobs/1234/1209", {"linkedin": {"listed": True}})
    assert await listing(sandbox) == "LISTED"


async def test_truth_and_view_of_a_job(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__visibility_seconds=5)
    await close(sandbox)
    await clear(sandbox, (await ids(sandbox))[0])
    sandbox.clock.now += 0.6
    job = await sandbox.job()
    assert (job["linkedin"]["listed"], job["linkedin"]["listing_status"]) == (False, "LISTED")
    assert job["linkedin"]["task"]["status"] == "SUCCEEDED"
    assert job["indeed"]["overlay_left"] == {}
    assert job["indeed"]["overlay_visible"]["campaignCategories"] == ["default"]


async def test_records_and_counts_are_filtered(sandbox: Sandbox) -> None:
    await close(sandbox)
    sandbox.clock.now += 10
    await close(sandbox, externalJobPostingId="1234-1242")
    await change(sandbox, title="Nurse")
    counts = await sandbox.control("GET", "/counts")
    assert counts == {
        "429": 0,
        "indeed.token": 1,
        "indeed.update": 1,
        "linkedin.submit.CLOSE": 2,
        "linkedin.token": 2,
    }
    assert (await sandbox.control("GET", "/counts?job_id=1209"))["linkedin.submit.CLOSE"] == 1
    assert await sandbox.control("GET", "/counts?customer_id=5678") == {"429": 0}
    shown = await sandbox.control("GET", "/records?provider=linkedin&operation=submit&job_id=1242")
    assert [(one["customer_id"], one["job_ids"], one["detail"]) for one in shown] == [("1234", ["1242"], "CLOSE")]
    since = await sandbox.control("GET", f"/records?since={sandbox.clock.now}")
    assert len(since) == 4
    assert (await sandbox.http.get(sandbox.urls["control"] + "/records?since=x")).status_code == 400
    await sandbox.control("DELETE", "/records")
    assert await sandbox.control("GET", "/records") == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_prints_its_urls_and_stops_cleanly(number: signal.Signals) -> None:
    ports = [f"--{name}-port=0" for name in ("icims", "linkedin", "indeed", "control")]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *ports,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    urls = json.loads(await process.stdout.readline())
    process.send_signal(number)
    rest, errors = await process.communicate()
    assert set(urls) == {"icims", "linkedin", "indeed", "control"}
    assert (process.returncode, rest, errors) == (0, b"", b"")
