"""The simulated Indeed's webhooks."""

import base64
import hmac
from typing import Any

import pytest

from tests.sandbox.harness import Sandbox, sent
from tests.sandbox.indeed_calls import change, ids
from tests.sandbox.receiver import Receiver
from tests.support.lifecycles import eventually


async def indeed_to(sandbox: Sandbox, receiver: Receiver, **knobs: Any) -> None:
    settings = {"webhook_url": receiver.url, "webhook_retry_seconds": 0.01, **knobs}
    await sandbox.control("PATCH", "/settings", {"indeed": settings})


def indeed_signature(secret: str, body: bytes, algorithm: str, encoding: str) -> str:
    digest = hmac.new(secret.encode(), body, algorithm).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("encoding", ["base64", "hex"])
async def test_indeed_tells_of_an_update_in_its_own_form(
    sandbox: Sandbox, receiver: Receiver, algorithm: str, encoding: str
) -> None:
    knobs = {"webhook_signature_algorithm": algorithm, "webhook_signature_encoding": encoding}
    await indeed_to(sandbox, receiver, webhook_signature_header="X-My-Signature", **knobs)
    _, iri = await ids(sandbox)
    await change(sandbox, title="Another title")
    (taken,) = await receiver.deliveries(1)
    assert taken.json["type"] == "com.indeed.partner.jobs.lifecycle_event.v1"
    assert taken.json["data"] == {"employerJobId": iri, "lifecycleEvent": "UPDATED"}
    signature = indeed_signature("indeed-webhook-secret-1234", taken.body, algorithm, encoding)
    assert taken.headers["X-My-Signature"] == signature


async def test_indeeds_legacy_form_on_a_change_of_the_ats(sandbox: Sandbox, receiver: Receiver) -> None:
    await indeed_to(sandbox, receiver, webhook_form="legacy")
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"lifecycle": "INACTIVE"}})
    (taken,) = await receiver.deliveries(1)
    assert set(taken.json) == {"eventType", "jobIri", "timestamp"}
    assert taken.json["eventType"] == "job.updated"
    await sandbox.control("PATCH", "/jobs/1234/1209", {"linkedin": {"listed": False}})
    assert len(receiver.taken) == 1


async def test_any_2xx_ends_indeeds_tries_and_repeats_keep_their_id(sandbox: Sandbox, receiver: Receiver) -> None:
    await indeed_to(sandbox, receiver, webhook_duplicate_every=1)
    receiver.statuses = [401, 503, 204, 202]
    await sandbox.control("POST", "/webhooks/indeed/event", {"customer_id": "1234", "job_id": "1209"})
    await receiver.deliveries(4)
    assert len({each.json["id"] for each in receiver.taken}) == 1
    found = await eventually(lambda: sent(sandbox), lambda found: len(found) == 4)
    assert sorted(status for status, _ in found if status) == [202, 204, 401, 503]
