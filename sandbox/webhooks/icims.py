"""iCIMS's events: a recruiter posts, unposts or looks at a job. iCIMS does not send them again.

docs/providers/icims.md, "Events" and "Authentication of events".
"""

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any, Literal

from sandbox.faults.rewriting import with_surrogates
from sandbox.webhooks.sender import Event, Sender

if TYPE_CHECKING:
    from sandbox.settings import IcimsSettings
    from sandbox.webhooks.surroundings import Surroundings

Action = Literal["post", "unpost", "view"]

_TYPES: dict[Action, str] = {
    "post": "JobPostToWebEvent",
    "unpost": "JobUnpostToWebEvent",
    "view": "ViewJobWebPostEvent",
}


class IcimsWebhook:
    """Every customer's events go to one address; each customer signs in with a user and password of its own."""

    def __init__(self, world: "Surroundings") -> None:
        self._world = world
        self._sender = Sender(world, "icims", is_taken=lambda status: status in {200, 303})

    def as_json(self) -> dict[str, Any]:
        """Return how it stands."""
        return {"url": self._settings.webhook_url, "pending": self._sender.pending}

    def stop(self) -> None:
        """Call off whatever is still to be sent."""
        self._sender.stop()

    def job_event(self, customer_id: str, job_id: str, action: Action, *, portal_url: str, lost: bool = False) -> None:
        """Send the event of an action, or lose it."""
        settings = self._settings
        if settings.webhook_url is None:
            return
        payload = {"customerId": customer_id, "userId": "121", "eventType": _TYPES[action], "systemId": job_id}
        if action == "post":
            payload["portalUrl"] = portal_url
        if settings.webhook_surrogate_fields:
            payload = with_surrogates(payload, settings.webhook_surrogate_fields)
        body = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "Link": f'https://api.icims.com/customers/{customer_id}/jobs/{job_id};rel="job";title="Job Profile",',
        }
        if settings.webhook_encoding == "gzip":
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        user = settings.webhook_user.replace("{customer_id}", customer_id)
        secret = settings.webhook_secret.replace("{customer_id}", customer_id)
        event = Event(
            kind=_TYPES[action],
            customer_id=customer_id,
            job_ids=(job_id,),
            body=body,
            headers={**headers, "Authorization": _basic(user, secret)},
            forged={**headers, "Authorization": _basic(user, "not-the-secret")},
        )
        if lost:
            self._sender.lose(event)
        else:
            self._sender.send(settings.webhook_url, settings, event, delay=0.0, is_open=lambda: True)

    @property
    def _settings(self) -> "IcimsSettings":
        return self._world.settings.icims


def _basic(user: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"
