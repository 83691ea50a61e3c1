"""The base of every model that crosses a boundary, and the ids they share."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

NumericId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
"""An iCIMS id: a string of ASCII digits, never an integer (docs/providers/icims.md)."""


class Model(BaseModel):
    """A frozen value. Unknown keys are ignored, so that older code reads newer payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


_LIFECYCLE = re.compile(r"job-([0-9]{1,20})-([0-9]{1,20})", re.ASCII)


def workflow_id(customer_id: str, job_id: str) -> str:
    """Name the lifecycle of one job."""
    return f"job-{customer_id}-{job_id}"


def job_of(workflow_id: str) -> tuple[str, str] | None:
    """Return customer and job of a lifecycle; None for the id of any other workflow."""
    found = _LIFECYCLE.fullmatch(workflow_id)
    return None if found is None else (found[1], found[2])
