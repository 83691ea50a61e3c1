"""A fault as the control API takes it."""

import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.customers import Provider
from sandbox.faults.kinds import ANY, API, BESIDE, ITEM_KINDS, OPERATIONS, Aspect, Kind
from sandbox.faults.presets import Preset

_NULLABLE = re.compile(r"seatsConnection|managementUrls|jobData(\.\w+)?")


class FaultSpec(BaseModel):
    """Which calls a fault hits and what it does to them; the lower half are parameters of single kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Provider
    operation: str
    kind: Kind
    times: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    job_id: str | None = None
    customer_id: str | None = None
    only: Aspect | None = None

    status: int = Field(default=500, ge=100, le=999)
    headers: dict[str, str] = {}
    body: Any = None
    preset: Preset | None = None
    seconds: float = Field(default=1.0, ge=0)
    code: str = "INTERNAL_SERVER_ERROR"
    message: str = "An internal server error occurred."
    extensions: dict[str, Any] | None = None
    """The whole of a GraphQL error's extensions, instead of the code."""
    fields: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    """What a rewritten reply says, by dotted path."""
    keep_item: bool = False
    outcome: Literal["SUCCEEDED", "FAILED", "PROCESSED", "PROCESSED_WITH_ERROR"] = "FAILED"
    takes_effect: bool = False
    """Whether a task with that outcome changes the listing all the same."""
    work: bool = False
    """Whether the work is done before a stream begins."""
    text: str = " "
    size: int = Field(default=100 * 1024**2, ge=1, le=4 * 1024**3)
    layers: int = Field(default=2, ge=1, le=4)
    ends: tuple[str, ...] = ()
    arrives: int = Field(default=0, ge=0, le=1000)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        known = OPERATIONS[self.provider] | {ANY, API}
        if self.operation not in known:
            raise ValueError(f"{self.provider} has the operations {sorted(known)}")
        meant = ITEM_KINDS.get(self.kind)
        if meant is not None and f"{self.provider}.{self.operation}" not in meant:
            raise ValueError(f"{self.kind} works on {sorted(meant)}")
        if self.kind == "null_field" and not all(map(_NULLABLE.fullmatch, self.fields or ("",))):
            raise ValueError("fields must name seatsConnection, managementUrls, jobData or a field of it")
        if not self.text:
            raise ValueError("text must not be empty")
        return self

    @property
    def hits_items(self) -> bool:
        """Return whether it hits single items of a call, not the call as a whole."""
        return self.kind in ITEM_KINDS

    @property
    def stage(self) -> str:
        """Return what it changes; of one call, each stage takes one fault."""
        if self.hits_items:
            return f"{self.kind}:{self.job_id or ''}"
        return self.kind if self.kind in BESIDE else "reply"
