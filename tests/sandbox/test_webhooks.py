"""The webhooks that the simulated boards send: signatures, forms, mishaps, and the life of LinkedIn's endpoint."""

import uuid
from typing import Any

import pytest

from tests.sandbox.harness import Sandbox, sent
from tests.sandbox.linkedin_calls import close
from tests.sandbox.receiver import Receiver
from tests.support.lifecycles import eventually

QUICK = {"webhook_retry_seconds": 0.01, "task_seconds": 0, "visibility_seconds": 0}
FINDER = "/v2/developerWebhooks?q=parentApplication"
BLOCKED = f"{FINDER}&queryCriteria=(webhookStatus:BLOCKED)"
RESTLI = {"X-RestLi-Protocol-Version": "2.0.0"}


async def linkedin_to(sandbox: Sandbox, receiver: Receiver, **knobs: Any) -> None:
    await sandbox.control("PATCH", "/settings", {"linkedin": {"webhook_url": receiver.url, **QUICK, **knobs}})


async def standing(sandbox: Sandbox) -> Any:
    return (await sandbox.control("GET", "/webhooks"))["linkedin"]


async def status_notice(sandbox: Sandbox, **fields: Any) -> None:
    await sandbox.control("POST", "/webhooks/linkedin/status", {"customer_id": "1234", "job_id": "1209", **fields})


async def parent(sandbox: Sandbox) -> dict[str, str]:
    token = await sandbox.token("linkedin", client_id="linkedin-parent", client_secret="linkedin-parent-secret")
    return {"Authorization": f"Bearer {token}", **RESTLI}


async def test_nothing_is_sent_before_an_address_is_set(sandbox: Sandbox) -> None:
    await close(sandbox)
    await status_notice(sandbox)
    assert await standing(sandbox) == {"url": None, "status": "NONE", "misses": 0, "pending": 0}
    assert await sent(sandbox) == []


@pytest.mark.parametrize(("challenge", "application"), [("parent", "100"), ("child", "234"), ("bare", None)])
async def test_an_address_is_challenged_when_it_is_set(
    sandbox: Sandbox, receiver: Receiver, challenge: str, application: str | None
) -> None:
    await linkedin_to(sandbox, receiver, webhook_challenge=challenge)
    assert (await standing(sandbox))["status"] == "ACTIVE"
    (asked,) = receiver.challenges
    assert uuid.UUID(asked["challengeCode"]).version == 4
    assert asked.get("applicationId") == application


async def test_a_wrong_digest_blocks_after_three_misses_in_a_row_and_ends_all_sending(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    right = receiver.digest
    receiver.digest = lambda secret, code: right(secret, code).upper()
    await linkedin_to(sandbox, receiver)
    seen = [await standing(sandbox)]
    seen += [(await sandbox.control("POST", "/webhooks/linkedin/validate"))["linkedin"] for _ in range(2)]
    assert [(each["status"], each["misses"]) for each in seen] == [("PENDING", 1), ("PENDING", 2), ("BLOCKED", 3)]
    await status_notice(sandbox)
    await eventually(lambda: sent(sandbox), lambda found: found == [(None, "blocked")])
    assert receiver.taken == []

    receiver.digest = right
    assert (await sandbox.control("POST", "/webhooks/linkedin/validate"))["linkedin"]["status"] == "ACTIVE"
    await status_notice(sandbox)
    await receiver.deliveries(1)


async def test_a_good_answer_forgives_the_misses_before_it(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    right = receiver.digest
    for digest in (lambda *_: "x", right, lambda *_: "x"):
        receiver.digest = digest
        await sandbox.control("POST", "/webhooks/linkedin/validate")
    assert (await standing(sandbox))["status"] == "ACTIVE"


async def test_an_address_is_challenged_again_and_again(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.digest = lambda *_: "wrong"
    await linkedin_to(sandbox, receiver, webhook_validation_seconds=0.05)
    await eventually(lambda: standing(sandbox), lambda found: found["status"] == "BLOCKED")
    assert len(receiver.challenges) == 3
    assert (await sandbox.control("GET", "/counts"))["linkedin.challenge.missed"] == 3


async def test_an_address_without_anybody_is_a_miss(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__webhook_url="http://127.0.0.1:1/hook")
    assert (await standing(sandbox))["misses"] == 1


async def test_a_close_that_took_effect_is_told(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    await close(sandbox)
    (taken,) = await receiver.deliveries(1)
    assert taken.json == {
        "type": "JOB_POSTING_STATUS",
        "externalJobPostingId": "1234-1209",
        "developerApplicationUrn": "urn:li:developerApplication:234",
        "jobPostingUrl": taken.json["jobPostingUrl"],
        "jobPostingInfo": taken.json["jobPostingInfo"],
        "listingStatus": "NOT_LISTED",
        "listingStatusDetail": None,
        "linkedInApplyStatus": "NOT_ENABLED",
        "linkedInApplyStatusDetail": {
            "errorCode": None,
            "errorType": "PARTNER_ERROR",
            "statusMessage": "No attempt to enable LinkedInApply was found for this job.",
        },
        "promotionStatus": "NOT_PROMOTED",
        "promotionStatusDetail": None,
    }
    assert taken.json["jobPostingInfo"]["alternateLocations"] == []
    assert taken.signed_by("linkedin-secret-1234")
    (record,) = await eventually(lambda: sandbox.control("GET", "/records?operation=webhook"), bool)
    assert (record["status"], record["detail"], record["job_ids"]) == (200, "JOB_POSTING_STATUS", ["1209"])
    assert record["applied"] is False
    await close(sandbox)
    assert len(receiver.taken) == 1, "a refused close changes nothing"


async def test_what_a_feed_or_linkedin_itself_does_is_told(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    await sandbox.control("PATCH", "/jobs/1234/1209", {"linkedin": {"listed": False}})
    (down,) = await receiver.deliveries(1)
    assert down.json["listingStatus"] == "NOT_LISTED"
    await sandbox.control("PATCH", "/jobs/1234/1209", {"linkedin": {"listed": True}})
    *_, again = await receiver.deliveries(2)
    assert (again.json["listingStatus"], again.json["listingStatusDetail"]) == ("LISTED", None)
    detail = {"errorCode": 1001, "errorType": "CUSTOMER_ERROR", "statusMessage": "MEMBER_REPORTED: The job was closed"}
    await status_notice(sandbox, listing="NOT_LISTED", listing_detail=detail)
    *_, reported = await receiver.deliveries(3)
    assert (reported.json["listingStatus"], reported.json["listingStatusDetail"]) == ("NOT_LISTED", detail)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("singular", {"listingStatus", "listingStatusDetail", "linkedInApplyStatus", "promotionStatusDetail"}),
        ("plural", {"listingStatus", "listingStatusDetails", "linkedInApplyStatus", "promotionStatusDetails"}),
        ("headings", {"ListedStatus", "ListingStatusDetails", "LinkedinApplyStatus", "promotionStatusDetails"}),
    ],
)
async def test_keys_are_spelled_as_wanted(sandbox: Sandbox, receiver: Receiver, keys: str, expected: set[str]) -> None:
    await linkedin_to(sandbox, receiver, webhook_keys=keys)
    apply = {"errorCode": 1154, "errorType": "PARTNER_ERROR", "statusMessage": "BLOCKED_WEBHOOK: not reachable"}
    await status_notice(sandbox, apply_detail=apply, promotion="PROMOTED")
    (taken,) = await receiver.deliveries(1)
    assert expected <= set(taken.json)


@pytest.mark.parametrize("body", ["escaped", "utf8"])
@pytest.mark.parametrize("signed", ["body", "escaped"])
@pytest.mark.parametrize("signer", ["child", "parent"])
@pytest.mark.parametrize("age", ["new", "old"])
@pytest.mark.parametrize("prefix", [False, True])
async def test_every_way_of_signing(
    sandbox: Sandbox, receiver: Receiver, body: str, signed: str, signer: str, age: str, prefix: bool
) -> None:
    secret = {
        ("child", "new"): "linkedin-secret-1234",
        ("child", "old"): "linkedin-old-secret-1234",
        ("parent", "new"): "linkedin-parent-secret",
        ("parent", "old"): "linkedin-parent-old-secret",
    }[signer, age]
    knobs = {"webhook_body": body, "webhook_signed_text": signed, "webhook_signed_by": signer}
    await linkedin_to(sandbox, receiver, **knobs, webhook_secret_age=age, webhook_signature_prefix=prefix)
    await status_notice(sandbox, listing_detail={"statusMessage": "INVALID_LOCATION: Café"})
    (taken,) = await receiver.deliveries(1)
    assert taken.body.isascii() == (body == "escaped")
    escaped = taken.body.decode().replace("é", "\\u00e9").encode()
    assert taken.signed_by(secret, text=escaped if signed == "escaped" else taken.body)
    assert taken.headers["X-LI-Signature"].startswith("hmacsha256=") == prefix


async def test_unknown_values_and_an_unknown_application(sandbox: Sandbox, receiver: Receiver) -> None:
    urn = "urn:li:developerApplication:999"
    await linkedin_to(sandbox, receiver, webhook_listing_status="SUSPENDED", webhook_application_urn=urn)
    await status_notice(sandbox)
    (taken,) = await receiver.deliveries(1)
    assert (taken.json["listingStatus"], taken.json["developerApplicationUrn"]) == ("SUSPENDED", urn)


async def test_a_resync_is_sent_on_demand(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    asked = {"customer_id": "1234", "job_ids": ["1209"], "external_ids": ["odd"]}
    await sandbox.control("POST", "/webhooks/linkedin/resync", asked)
    await sandbox.control("POST", "/webhooks/linkedin/resync", {"customer_id": "1234", "all_open": True})
    first, second = sorted(
        [each.json for each in await receiver.deliveries(2)], key=lambda each: each["syncAllOpenJobs"]
    )
    assert first == {
        "developerApplicationUrn": "urn:li:developerApplication:234",
        "externalJobPostingIds": ["1234-1209", "odd"],
        "syncAllOpenJobs": False,
        "type": "RESYNC_JOBS",
    }
    assert (second["externalJobPostingIds"], second["syncAllOpenJobs"]) == ([], True)


async def test_only_200_ends_linkedins_tries(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    receiver.statuses = [500, 204, 303, 400]
    await status_notice(sandbox)
    await receiver.deliveries(5)
    found = await eventually(lambda: sent(sandbox), lambda found: len(found) == 5)
    assert [status for status, _ in found] == [500, 204, 303, 400, 200]
    assert len({each.body for each in receiver.taken}) == 1


async def test_the_tries_end(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver, webhook_retries=2)
    receiver.statuses = [500] * 9
    await status_notice(sandbox)
    await eventually(lambda: sandbox.control("GET", "/webhooks"), lambda found: found["linkedin"]["pending"] == 1)
    assert await sent(sandbox) == [(500, None)] * 3


async def test_duplicates_losses_late_ones_and_forgeries(sandbox: Sandbox, receiver: Receiver) -> None:
    every = {"lose": 2, "forge": 3, "late": 5, "duplicate": 7}
    knobs: dict[str, Any] = {f"webhook_{name}_every": number for name, number in every.items()}
    await linkedin_to(sandbox, receiver, **knobs, webhook_late_seconds=1.0)
    for number in range(1, 8):
        await status_notice(sandbox, listing_detail={"statusMessage": f"N{number}: x"})
    await receiver.deliveries(5)
    await eventually(lambda: sent(sandbox), lambda found: len(found) == 8)
    mishaps = sorted(fault or "" for _, fault in await sent(sandbox))
    assert mishaps == ["", "", "duplicate", "forged", "late", "lost", "lost", "lost"]
    names = [each.json["listingStatusDetail"]["statusMessage"][:2] for each in receiver.taken]
    assert sorted(names) == ["N1", "N3", "N5", "N7", "N7"]
    assert names[-1] == "N5", "the late one came after younger ones"
    good = {name for name, each in zip(names, receiver.taken, strict=True) if each.signed_by("linkedin-secret-1234")}
    assert good == {"N1", "N5", "N7"}


async def test_a_reset_ends_all_sending(sandbox: Sandbox, receiver: Receiver) -> None:
    await linkedin_to(sandbox, receiver)
    await status_notice(sandbox)
    await receiver.deliveries(1)
    await sandbox.control("POST", "/reset")
    await close(sandbox)
    assert (await standing(sandbox))["status"] == "NONE"
    assert len(receiver.taken) == 1


async def test_the_finder_shows_blocked_webhooks_to_the_parent_only(sandbox: Sandbox, receiver: Receiver) -> None:
    url = sandbox.urls["linkedin"]
    child = {**await sandbox.bearer("linkedin"), **RESTLI}
    assert (await sandbox.http.get(url + BLOCKED, headers=child)).status_code == 403
    headers = await parent(sandbox)
    assert (await sandbox.http.get(url + BLOCKED, headers=headers)).json() == {
        "paging": {"start": 0, "count": 10, "links": []},
        "elements": [],
    }
    receiver.digest = lambda *_: "wrong"
    await linkedin_to(sandbox, receiver)
    for _ in range(2):
        await sandbox.control("POST", "/webhooks/linkedin/validate")
    first, *_ = (await sandbox.http.get(url + BLOCKED, headers=headers)).json()["elements"]
    assert first == {
        "application": "urn:li:developerApplication:234",
        "webhook": receiver.url,
        "webhookStatus": "BLOCKED",
    }
    assert len((await sandbox.http.get(url + FINDER, headers=headers)).json()["elements"]) == 2
    active = FINDER + "&queryCriteria=(webhookStatus:ACTIVE)"
    assert (await sandbox.http.get(url + active, headers=headers)).json()["elements"] == []


@pytest.mark.parametrize(
    ("path", "change", "status"),
    [
        (BLOCKED, {"X-RestLi-Protocol-Version": "1.0.0"}, 400),
        (BLOCKED.replace("(", "%28").replace(")", "%29"), {}, 400),
        (FINDER.replace("parentApplication", "all"), {}, 400),
        (BLOCKED, {"Authorization": "Bearer nonsense"}, 401),
    ],
)
async def test_a_finder_request_of_another_form_is_refused(
    sandbox: Sandbox, path: str, change: dict[str, str], status: int
) -> None:
    headers = {**await parent(sandbox), **change}
    assert (await sandbox.http.get(sandbox.urls["linkedin"] + path, headers=headers)).status_code == status


async def test_the_parent_may_have_a_webhook_validated_again(sandbox: Sandbox, receiver: Receiver) -> None:
    right = receiver.digest
    receiver.digest = lambda *_: "wrong"
    await linkedin_to(sandbox, receiver)
    for _ in range(2):
        await sandbox.control("POST", "/webhooks/linkedin/validate")
    receiver.digest = right
    url = sandbox.urls["linkedin"] + "/v2/developerWebhooks?action=revalidateWebhook"
    headers = {**await parent(sandbox), "X-RestLi-Method": "action"}
    body = {"application": "urn:li:developerApplication:234", "webhook": receiver.url}
    assert (await sandbox.http.post(url, headers=await parent(sandbox), json=body)).status_code == 400
    assert (await sandbox.http.post(url, headers=headers, json={**body, "webhook": "x"})).status_code == 404
    assert (await sandbox.http.post(url, headers=headers, json=body)).status_code == 200
    await eventually(lambda: standing(sandbox), lambda found: found["status"] == "ACTIVE")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("linkedin/status", {"customer_id": "1234", "job_id": "nope"}, 404),
        ("linkedin/status", {"customer_id": "nope", "job_id": "1209"}, 404),
        ("linkedin/status", {"customer_id": "1234", "job_id": "1209", "x": 1}, 400),
        ("linkedin/resync", {"customer_id": "nope"}, 404),
        ("indeed/event", {"customer_id": "1234", "job_id": "nope"}, 404),
    ],
)
async def test_the_control_api_says_what_is_wrong(
    sandbox: Sandbox, path: str, body: dict[str, Any], status: int
) -> None:
    reply = await sandbox.http.post(f"{sandbox.urls['control']}/webhooks/{path}", json=body)
    assert (reply.status_code, bool(reply.json()["error"])) == (status, True)
