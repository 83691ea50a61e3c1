"""What is kept of a lifecycle that has ended: its receipt, its job and when to look again, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.receipts import LedgerEntry
from store.checks import Check, Checks
from store.database import Store
from store.jobs import IndexedJob, Jobs
from store.ledger.ledger import LOCK, Ledger
from store.together import Together


@dataclass(frozen=True, slots=True)
class End:
    """One lifecycle's end."""

    entry: LedgerEntry
    job: IndexedJob
    checks: tuple[Check, ...] = ()


class Ends:
    """Keeps ends, those that come at once together: one commit is one sync of the disk."""

    def __init__(self, store: Store, ledger: Ledger, jobs: Jobs, checks: Checks) -> None:
        """Take the parts."""
        self._store, self._ledger, self._jobs, self._checks = store, ledger, jobs, checks
        self._together = Together(self._keep, deadline=2 * store.timeout)

    async def keep(self, end: End) -> int:
        """Keep an end; return the leaf number of its receipt. To keep the same again changes nothing.

        Raises:
            LedgerDamaged: The ledger no longer fits its last checkpoint.
            StoreUnavailable: The store cannot do it now; keep the same again later.
        """
        return await self._together(end)

    async def _keep(self, ends: Sequence[End]) -> Sequence[int]:
        async with self._store.writing(alone=LOCK) as connection:
            leaves = await self._ledger.append_in(connection, [each.entry for each in ends])
            await self._jobs.saw_in(connection, [each.job for each in ends])
            await self._checks.schedule_in(connection, [check for each in ends for check in each.checks])
        return leaves
