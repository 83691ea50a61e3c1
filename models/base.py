"""The base of every model that crosses a boundary, and the ids they share."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ID = r"[0-9]{1,20}"
"""An iCIMS id as a regular expression: a string of ASCII digits, never an integer (docs/providers/icims.md)."""
NumericId = Annotated[str, StringConstraints(pattern=rf"^{ID}$")]

Moment = Annotated[AwareDatetime, Field(ge=datetime.min.replace(tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]
"""A moment that can be compared with any other, and that some waits can be added to: people start workflows by hand."""


class Model(BaseModel):
    """A frozen value. Unknown keys are ignored, so that older code reads newer payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


_ID = re.compile(ID)
_LIFECYCLE = re.compile(rf"job-({ID})-({ID})")


def is_id(text: str) -> bool:
    """Return whether a text is an iCIMS id, of a customer or a job."""
    return _ID.fullmatch(text) is not None


def workflow_id(customer_id: str, job_id: str) -> str:
    """Name the lifecycle of one job."""
    return f"job-{customer_id}-{job_id}"


def job_of(workflow_id: str) -> tuple[str, str] | None:
    """Return customer and job of a lifecycle; None for the id of any other workflow."""
    found = _LIFECYCLE.fullmatch(workflow_id)
    return None if found is None else (found[1], found[2])
