"""Indeed's webhook: an event for every change of a job, in either form that Indeed's pages show."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.clock import utc
from sandbox.faults.rewriting import with_surrogates
from sandbox.webhooks.sender import Event, Sender

if TYPE_CHECKING:
    from sandbox.indeed.jobs import EmployerJob
    from sandbox.settings import IndeedSettings
    from sandbox.webhooks.surroundings import Surroundings

CLOUD_EVENT = "com.indeed.partner.jobs.lifecycle_event.v1"


class IndeedWebhook:
    """Each customer's events, signed with the secret that the customer gave Indeed."""

    def __init__(self, world: "Surroundings") -> None:
        self._world = world
        self._sender = Sender(world, "indeed", is_taken=lambda status: 200 <= status < 300, growth=2.0)

    def as_json(self) -> dict[str, Any]:
        """Return how it stands."""
        return {"url": self._settings.webhook_url, "pending": self._sender.pending}

    def stop(self) -> None:
        """Call off whatever is still to be sent."""
        self._sender.stop()

    def job_changed(self, job: "EmployerJob", *, delay: float = 0.0) -> None:
        """Send an event that a job changed, once readers can see it."""
        settings, customer = self._settings, self._world.customers.get(job.customer_id)
        if settings.webhook_url is None or customer is None:
            return
        now = utc(self._world.clock.time())
        iri = job.iri(settings.iri_spelling)
        legacy = settings.webhook_form == "legacy"
        kind = "job.updated" if legacy else "lifecycle_event"
        payload = _legacy(iri, now) if legacy else _cloud_event(iri, job.job_id, now)
        if settings.webhook_surrogate_fields:
            payload = with_surrogates(payload, settings.webhook_surrogate_fields)
        body = json.dumps(payload).encode()
        secret = customer.at_indeed(job.client_id).webhook_secret
        event = Event(
            kind=kind,
            customer_id=job.customer_id,
            job_ids=(job.job_id,),
            body=body,
            headers=_headers(settings, secret, body),
            forged=_headers(settings, "not-the-secret", body),
        )
        self._sender.send(settings.webhook_url, settings, event, delay=delay, is_open=lambda: True)

    @property
    def _settings(self) -> "IndeedSettings":
        return self._world.settings.indeed


def _legacy(iri: str, now: datetime) -> dict[str, Any]:
    return {"eventType": "job.updated", "jobIri": iri, "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _cloud_event(iri: str, job_id: str, now: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"evt_{uuid.uuid4().hex}",
        "source": "api.indeed.com",
        "type": CLOUD_EVENT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "datacontenttype": "application/json",
        "idempotencykey": f"{job_id}-{int(now.timestamp() * 1000)}-{uuid.uuid4().hex[:6]}",
        "data": {"employerJobId": iri, "lifecycleEvent": "UPDATED"},
    }


def _headers(settings: "IndeedSettings", secret: str, body: bytes) -> dict[str, str]:
    algorithm = hashlib.sha1 if settings.webhook_signature_algorithm == "sha1" else hashlib.sha256
    digest = hmac.digest(secret.encode(), body, algorithm)
    shown = digest.hex() if settings.webhook_signature_encoding == "hex" else base64.b64encode(digest).decode()
    return {"Content-Type": "application/json", settings.webhook_signature_header: shown}
