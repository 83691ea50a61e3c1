"""The ledger's daily upkeep: what the sweep `LedgerUpkeep` and its activities pass around."""

from typing import Annotated

from pydantic import Field

from models.base import Model


class UpkeepInput(Model):
    """The input of the workflow `LedgerUpkeep`."""

    batch: Annotated[int, Field(ge=1, le=10_000)] = 5_000
    """Bodies that are removed at a time."""
    batches: Annotated[int, Field(ge=1, le=500)] = 200
    """At most so many of them in one run; the next day's run goes on."""


class RemoveOld(Model):
    """Remove bodies of receipts that were kept for long enough."""

    limit: int


class Removed(Model):
    """How many bodies were removed; their hashes stay."""

    count: int


class SignedHead(Model):
    """The ledger's newest checkpoint."""

    log: str
    size: int
    root: str
    note: str


class HeadRead(Model):
    """How far the ledger has come, and whether anybody is to be told."""

    head: SignedHead | None = None
    wanted: bool = False
    """The configuration names somebody who is to be told."""
    reason: str | None = None
    """Why there is no signed checkpoint."""


class Upkept(Model):
    """What was done; the result of the workflow `LedgerUpkeep`."""

    head: SignedHead | None = None
    told_by: str | None = None
    """The workflow that tells others of the checkpoint."""
    removed: int = 0
    """Bodies that were removed after their time."""
    reason: str | None = None
    """Why nobody is told."""
