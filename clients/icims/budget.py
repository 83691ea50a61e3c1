"""A customer's daily quota at iCIMS: who may still call when it runs low (docs/providers/icims.md, Quotas)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Protocol

from clients.errors import ProviderError
from models.problems import Category, Problem

DAY = timedelta(days=1)
DAILY_QUOTA = 10_000
CLOSE_RESERVE = 0.5
RECONCILE_SHARE = 0.1
REPORTS_SHARE = 0.75
"""Of what is not kept for closes: reports wait for tomorrow while jobs that are posted today are still read."""


class Use(Enum):
    """What a call is for, in the order in which they give way."""

    RECONCILE = "reconcile"
    REPORT = "report"
    POST = "post"
    CLOSE = "close"

    def below(self, quota: int, reserve: float) -> int:
        """Return how many calls of the day may have been made before such a one is no longer made."""
        unreserved = quota * (1 - reserve)
        match self:
            case Use.RECONCILE | Use.REPORT:
                return int(unreserved * REPORTS_SHARE)
            case Use.POST:
                return int(unreserved)
            case Use.CLOSE:
                return quota


class Spent(Protocol):
    """Counts the calls of a customer's day, for all processes that share its quota."""

    async def take(self, customer_id: str, day: date, *, below: int) -> bool:
        """Count one more call, unless `below` calls or more have been counted; return whether it was counted."""

    async def give_back(self, customer_id: str, day: date) -> None:
        """Count one call less: it was not answered, so nothing says that iCIMS has counted it."""

    async def at_least(self, customer_id: str, day: date, used: int) -> None:
        """Raise the count to what iCIMS itself says was used; others may call with the same licence."""


class SpentHere:
    """Counts the calls of this process alone."""

    def __init__(self) -> None:
        """Begin at nothing: the first answer of iCIMS tells what was used before."""
        self._used: dict[str, tuple[date, int]] = {}

    async def take(self, customer_id: str, day: date, *, below: int) -> bool:
        """Count one more call, unless `below` calls or more have been counted; return whether it was counted."""
        used = self._on(customer_id, day)
        if used >= below:
            return False
        self._used[customer_id] = (day, used + 1)
        return True

    async def give_back(self, customer_id: str, day: date) -> None:
        """Count one call less: it was not answered, so nothing says that iCIMS has counted it."""
        used = self._on(customer_id, day)
        self._used[customer_id] = (day, max(0, used - 1))

    async def at_least(self, customer_id: str, day: date, used: int) -> None:
        """Raise the count to what iCIMS itself says was used; others may call with the same licence."""
        self._used[customer_id] = (day, max(used, self._on(customer_id, day)))

    def _on(self, customer_id: str, day: date) -> int:
        counted, used = self._used.get(customer_id, (day, 0))
        return used if counted == day else 0


def _now() -> datetime:
    return datetime.now(UTC)


class Budget:
    """One customer's quota: reconciliation has a share of its own; reports give way, then reads for posts, closes last.

    Quota and midnight are iCIMS's own as soon as one of its answers has told them.
    """

    def __init__(
        self,
        customer_id: str,
        *,
        quota: int = DAILY_QUOTA,
        reserve: float = CLOSE_RESERVE,
        reconcile: float = RECONCILE_SHARE,
        spent: Spent | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Take the configured quota until iCIMS says otherwise.

        `reserve` is the share that is kept for closes, `reconcile` the share that reconciliation may use at most.
        """
        self._customer_id, self._quota, self._reserve, self._reconcile = customer_id, quota, reserve, reconcile
        self._spent = spent or SpentHere()
        self._now = now
        self._ahead = timedelta(0)
        """How much later it is at iCIMS than here."""

    async def take(self, use: Use, *, operation: str) -> date:
        """Count a call before it is made; return the day on which it counts.

        Raises ProviderError (rate limited, nothing sent), with the time until midnight, where it must not be made.
        """
        below, day = use.below(self._quota, self._reserve), self._today
        if await self._may_reconcile(use, day) and await self._spent.take(self._customer_id, day, below=below):
            return day
        problem = Problem(
            category=Category.RATE_LIMITED,
            reason="iCIMS's quota is used up; the boards are served without it.",
            remedy="Nothing: iCIMS is told and asked again after midnight UTC; what is left of the quota is kept for "
            "closing jobs (close_reserve). If it happens often, buy more requests from iCIMS.",
            retry_after=self._until_midnight,
        )
        raise ProviderError(problem, provider="iCIMS", operation=operation, sent=False)

    @property
    def for_reconciliation(self) -> int:
        """Return how many calls of a day reconciliation may make at most."""
        return int(self._quota * self._reconcile)

    async def _may_reconcile(self, use: Use, day: date) -> bool:
        if use is not Use.RECONCILE:
            return True
        return await self._spent.take(f"{self._customer_id} reconcile", day, below=self.for_reconciliation)

    async def give_back(self, day: date) -> None:
        """Count a call no more that was not answered."""
        if day == self._today:
            await self._spent.give_back(self._customer_id, day)

    async def learn(self, *, left: int, quota: int, resets_in: timedelta | None) -> None:
        """Take what an answer of iCIMS says of the quota."""
        self._quota = quota
        if resets_in is not None and timedelta(0) <= resets_in <= DAY:
            ahead = _until_midnight(self._now()) - resets_in
            # The day's name matters to nobody; that it ends when iCIMS's does, matters.
            self._ahead = (ahead + DAY / 2) % DAY - DAY / 2
        await self._spent.at_least(self._customer_id, self._today, quota - left)

    @property
    def _today(self) -> date:
        return (self._now() + self._ahead).date()

    @property
    def _until_midnight(self) -> timedelta:
        return _until_midnight(self._now() + self._ahead)


def _until_midnight(at: datetime) -> timedelta:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    return midnight - at
