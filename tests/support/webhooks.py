"""Notifications as the boards send them, signed by code that is not the gateway's."""

import base64
import hashlib
import hmac
import json
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tests.support.settings import raw_settings

CHILD_URN, CHILD_SECRET = "urn:li:developerApplication:234", "linkedin-secret-1234"
OTHER_URN, OTHER_SECRET = "urn:li:developerApplication:567", "linkedin-secret-5678"
PARENT_URN, PARENT_SECRET = "urn:li:developerApplication:100", "linkedin-parent-secret"
INDEED_SECRET = "indeed-webhook-secret-1234"


def webhook_settings(urls: dict[str, str], **timing: str) -> dict[str, Any]:
    """Return the configuration of somebody who receives the boards' webhooks."""
    raw = raw_settings(urls, **timing)
    raw["linkedin"]["parent"] = {
        "client_id": "linkedin-parent",
        "client_secret": PARENT_SECRET,
        "application_urn": PARENT_URN,
    }
    raw["customers"][0]["indeed"]["webhook_secret"] = INDEED_SECRET
    return raw


def notice(job_id: str, *, urn: str = CHILD_URN, customer: str = "1234", **fields: Any) -> dict[str, Any]:
    """Make a JOB_POSTING_STATUS payload."""
    return {
        "type": "JOB_POSTING_STATUS",
        "externalJobPostingId": f"{customer}-{job_id}",
        "developerApplicationUrn": urn,
        "listingStatus": "NOT_LISTED",
        **fields,
    }


def linkedin_headers(body: bytes, secret: str = CHILD_SECRET, *, prefix: str = "hmacsha256=") -> dict[str, str]:
    """Sign as LinkedIn does."""
    digest = hmac.new(secret.encode(), prefix.encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-LI-Signature": digest}


def indeed_headers(body: bytes, secret: str = INDEED_SECRET) -> dict[str, str]:
    """Sign as Indeed's application webhook does."""
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()
    return {"Content-Type": "application/json", "X-Indeed-Signature": digest}


def encoded(payload: Any) -> bytes:
    """Write JSON as ASCII."""
    return json.dumps(payload).encode()


async def signals(client: Client, workflow_id: str, name: str, *, run_id: str | None = None) -> list[dict[str, Any]]:
    """Return the payloads of the signals that a workflow's history holds."""
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    found = []
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == name:
                found.append(json.loads(signal.input.payloads[0].data))
    return found
