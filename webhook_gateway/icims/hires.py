"""From a candidate's status to a filled position (seed icims-status-flow-update). Pure."""

import hashlib
import hmac

from config.customers import Customer
from models.events import Hire
from webhook_gateway.icims.events import StatusEvent

_PURPOSE = b"boardsync.hire-key.v1"


def hire_key(secret: str, customer_id: str, workflow_id: str) -> str:
    """Stand for a recruiting workflow without telling which: candidates' ids stay out of Temporal."""
    # Two steps: the secret also signs links and tokens, and a key of its own keeps the purposes apart.
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, f"{customer_id}/{workflow_id}".encode(), hashlib.sha256).hex()[:32]


def read_hire(event: StatusEvent, customer: Customer, secret: str) -> Hire | None:
    """Return whether a candidate fills a position or gives it back; None where neither.

    From one closing status to another is a hire, too: the one before may never have reached us.
    """
    filled = event.new_status in customer.closing_statuses
    if not filled and event.old_status not in customer.closing_statuses:
        return None
    key = hire_key(secret, event.customer_id, event.workflow_id)
    return Hire(key=key, filled=filled, close_when=customer.close_when)
