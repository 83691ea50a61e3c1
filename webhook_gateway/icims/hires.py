"""From a candidate's status to a filled position (docs/providers/icims.md, Status events). Pure."""

import hashlib
import hmac
from collections.abc import Sequence

from config.customers import Customer
from models.events import Hire
from webhook_gateway.icims.events import StatusEvent
from webhook_gateway.requests import BadRequest, Fault

_PURPOSE = b"boardsync.hire-key.v1"


def hire_key(secret: str, customer_id: str, workflow_id: str) -> str:
    """Stand for a recruiting workflow without telling which: candidates' ids stay out of Temporal."""
    # Two steps: the secret also signs links and tokens, and a key of its own keeps the purposes apart.
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, f"{customer_id}/{workflow_id}".encode(), hashlib.sha256).hex()[:32]


def read_hire(event: StatusEvent, customer: Customer, secrets: Sequence[str]) -> Hire | None:
    """Return whether a candidate fills a position or gives it back; None where neither.

    `secrets` has the present one first. From one closing status to another is a hire, too: the one before may never
    have reached us. Raises BadRequest where it cannot be told which candidate it is.
    """
    filled = event.new_status in customer.closing_statuses
    if event.onboarding or (not filled and event.old_status not in customer.closing_statuses):
        return None
    if event.workflow_id is None:
        raise BadRequest(Fault.FIELD, "systemId is missing or not 1 to 20 digits")
    # Where fields decide, the lifecycle asks how many hires it takes.
    close_when = "all_positions_filled" if customer.closing else customer.close_when
    key, *others = (hire_key(each, event.customer_id, event.workflow_id) for each in secrets)
    return Hire(key=key, other_keys=tuple(others), filled=filled, close_when=close_when)
