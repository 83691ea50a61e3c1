"""What is special about a world at LinkedIn, what it begins with, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from config.loading import parse_settings
from config.settings import Settings
from models.boards import Boards, LinkedInRecord
from models.lifecycle import Lifecycle, Receipt
from models.operations import Earlier, FindEarlier
from models.states import BoardState, Intent, Outcome, Phase
from tests.support.boards import CUSTOMER
from tests.support.settings import raw_settings
from tests.support.worlds.direct import URLS

JOB = "500"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens: right before a call of that number, or, in `afterwards`, once nothing is under way."""

    what: str
    call: int = 0
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is special about a world."""

    posting: str | None = "listed"
    """`listed`, `closed`, `withheld` or `expired`; None where LinkedIn never had the job."""
    creates: bool = False
    begins_posted: bool = False
    by_event: bool = True
    """It was the ATS that wanted the job off, and no person."""
    seen_before: bool = False
    """An earlier lifecycle had the job on LinkedIn."""
    portals: tuple[str, ...] | None = None
    """The career portals that show the job; None where the customer has none configured."""
    meanwhile: tuple[Happening, ...] = ()
    afterwards: tuple[Happening, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    sandbox: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of it, in the lifecycle's words, and every lie that was told on the way."""

    record: LinkedInRecord
    lies: tuple[str, ...]


class Memory:
    """What `LifecycleActivities` knows of the lifecycle before."""

    def __init__(self, *, seen: bool, now: datetime) -> None:
        record = LinkedInRecord(since=now, state=BoardState.SETTLED, outcome=Outcome.CLOSED, seen=True)
        before = Lifecycle(
            customer_id=CUSTOMER,
            job_id=JOB,
            intent=Intent.UNPOSTED,
            phase=Phase.CLOSED,
            boards=Boards(linkedin=record),
        )
        self._receipt = Receipt.of(before) if seen else None

    async def earlier(self, call: FindEarlier) -> Earlier:
        assert not call.expected
        return Earlier(receipt=self._receipt)


@cache
def configured(*, creates: bool, portals: bool) -> Settings:
    """Return the settings of a customer that uses LinkedIn alone."""
    raw = raw_settings(URLS)
    for customer in raw["customers"]:
        customer["boards"] = ("linkedin",)
        customer["linkedin"]["on_post"] = "create" if creates else "none"
        customer["icims"]["portals"] = ["jobs"] if portals else []
    return parse_settings(raw, {}, base=Path())
