"""The ledger's daily upkeep: sign what is unsigned, read the checkpoint, remove bodies after their time."""

import base64

from prometheus_client import Counter
from temporalio import activity

from activities.providers import Providers
from activities.stored import asked_of_store
from models.notice_types import NoticeType
from models.upkeep import HeadRead, Removed, RemoveOld, SignedHead
from store.ledger import checkpoint

REMOVED = Counter("boardsync_ledger_bodies_removed", "Receipts whose body was removed after [ledger] keep")

EMPTY = "The ledger holds no receipt yet."
UNSIGNED = "[ledger] key is not set: nobody could verify the checkpoint. Make one by `boardsync ledger key new`."


class UpkeepActivities:
    """What the ledger needs once a day."""

    def __init__(self, providers: Providers) -> None:
        """Use the worker's own settings and store.

        Raises ValueError where it has opened none.
        """
        if providers.stored is None:
            raise ValueError("A worker needs an open store: Providers(…, stored=Stored(settings))")
        self._providers, self._stored = providers, providers.stored

    @activity.defn(name="ledger_checkpoint")
    async def checkpoint(self) -> HeadRead:
        """Sign what a time without a key has left, and return the newest checkpoint."""
        ledger = self._stored.ledger
        with asked_of_store():
            await self._stored.prepared()
            await ledger.sign()
            note = await ledger.checkpoint()
        if note is None:
            return HeadRead(reason=EMPTY)
        if not checkpoint.is_signed(note):
            return HeadRead(reason=UNSIGNED)
        found = checkpoint.peek(note)
        root = base64.b64encode(found.root).decode()
        head = SignedHead(log=found.origin, size=found.size, root=root, note=note)
        return HeadRead(
            head=head, wanted=any(each.wants(NoticeType.CHECKPOINT) for each in self._providers.settings.notifications)
        )

    @activity.defn(name="ledger_remove_old")
    async def remove_old(self, call: RemoveOld) -> Removed:
        """Remove bodies of receipts whose job ended longer ago than `[ledger] keep`, and no hash."""
        with asked_of_store():
            await self._stored.prepared()
            removed = await self._stored.ledger.keep(self._providers.settings.ledger.keep, at_most=call.limit)
        REMOVED.inc(removed)
        return Removed(count=removed)
