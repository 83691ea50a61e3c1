"""What reaches a lifecycle by signal."""

from datetime import datetime

from pydantic import Field

from models.base import Model
from models.lifecycle import Intent


class AtsEvent(Model):
    """An event of the ATS about one job, verified and reduced to what the lifecycle needs."""

    event_type: str
    intent: Intent
    user_id: str | None = None
    received_at: datetime


class ManualAction(Model):
    """What a person may say with a signal; every field is optional."""

    by: str | None = Field(default=None, max_length=200)
    reason: str | None = Field(default=None, max_length=2000)
