"""The base of every model that crosses a boundary, and the ids they share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

NumericId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
"""An iCIMS id: a string of ASCII digits, never an integer (contracts: events carry ids as strings)."""


class Model(BaseModel):
    """A frozen value. Unknown keys are ignored, so that older code reads newer payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="iso8601")


def workflow_id(customer_id: str, job_id: str) -> str:
    """Name the lifecycle of one job."""
    return f"job-{customer_id}-{job_id}"
