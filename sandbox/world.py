"""The simulated world: all state of all providers, and the way back to its beginning."""

from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock, SystemClock
from sandbox.customers import CustomerBook
from sandbox.faults.book import FaultBook
from sandbox.faults.kinds import OPERATIONS
from sandbox.icims.jobs import IcimsState
from sandbox.indeed.state import IndeedState
from sandbox.limits import DailyCount, SlidingWindow
from sandbox.linkedin.postings import LinkedInState
from sandbox.records import RecordBook
from sandbox.settings import Settings
from sandbox.tokens import TokenStore
from sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable


class World:
    """Hold everything; whoever serves a request asks here each time, as a reset replaces all parts."""

    settings: Settings
    customers: CustomerBook
    tokens: TokenStore
    faults: FaultBook
    records: RecordBook
    window: SlidingWindow
    daily: DailyCount
    icims: IcimsState
    linkedin: LinkedInState
    indeed: IndeedState
    webhooks: Webhooks

    def __init__(self, *, clock: Clock | None = None, seed: "Callable[[World], None]") -> None:
        self.clock = clock or SystemClock()
        self._seed = seed
        self.webhooks = Webhooks(self)
        self.reset()

    def icims_quota(self, customer_id: str) -> dict[str, Any]:
        """Return what a customer used today of iCIMS's quota, by operation, and what is left."""
        used = {
            operation: count
            for operation in sorted(OPERATIONS["icims"])
            if (count := self.daily.used(f"icims:{customer_id}:{operation}"))
        }
        limit, total = self.settings.icims.daily_quota, self.daily.used(f"icims:{customer_id}")
        return {"limit": limit, "used": total, "left": max(0, limit - total), "by_operation": used}

    def reset(self) -> None:
        """Go back to the initial customers, jobs and settings, with no tokens, faults, records or webhooks."""
        self.clock.restart()
        self.settings = Settings()
        self.customers = CustomerBook()
        self.tokens = TokenStore(self.clock)
        self.faults = FaultBook()
        self.records = RecordBook()
        self.window = SlidingWindow(self.clock)
        self.daily = DailyCount(self.clock)
        self.icims = IcimsState()
        self.linkedin = LinkedInState()
        self.indeed = IndeedState()
        self.webhooks.stop()
        self.webhooks = Webhooks(self)
        self._seed(self)
