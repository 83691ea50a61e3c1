"""Setting the agency's overlay on a job at Indeed, and reading back that it shows."""

from temporalio import workflow

from models.calls.indeed import (
    IndeedReadBack,
    IndeedShown,
    IndeedUpdate,
    IndeedUpdated,
)
from models.overlay import THROUGH
from models.states import BoardState, Outcome
from workflows.boards.indeed.clearing import Clearing

with workflow.unsafe.imports_passed_through():
    from activities.indeed.jobs import IndeedActivities


class Setting(Clearing):
    """Set what every posting of the job lacks."""

    async def _set_all(self) -> Outcome | None:
        while True:
            if not self.view.submitted:
                written = await self._send_missing()
                if written.lost or written.outcome is not None:
                    return written.outcome
                stale = bool(written.stale)
            else:
                stale = self.view.clearing is not None and not self.view.written
            if stale:
                # A single field cannot be taken off (docs/providers/indeed.md, Update): all goes, the rest comes back.
                if await self._clear_all() is None:
                    return None
                self._update(submitted=False, submitted_at=None)
                continue
            shown = await self._confirm_set()
            if shown.lost or shown.outcome is not None:
                return shown.outcome
            if shown.again:
                self._update(submitted=False)

    async def _confirm_set(self) -> IndeedShown:
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until it shows the agency's changes")
        through = tuple(name for name, verdict in self.view.fields.items() if verdict in THROUGH)
        shown = await self._call(
            IndeedActivities.confirm_updated,
            IndeedReadBack(**self._overlaid(), shown=through, backoff=self._job.backoff),
            summary="Read Indeed back: does it show the changes?",
            deadline=self._job.timing.confirm_within,
        )
        self._learn(shown)
        return shown

    async def _send_missing(self) -> IndeedUpdated:
        self._enter(BoardState.WORKING, awaiting="Indeed is given what the agency sets on the job")
        # Kept before it is sent: a try whose answer nobody sees may show all the same.
        self._update(touched=True)
        written = await self._call(
            IndeedActivities.update,
            IndeedUpdate(**self._overlaid(), distrust=self.view.clearing is not None),
            summary="Set the agency's changes on Indeed",
            note=self._note_update,
        )
        self._update(fields={})
        self._learn(written)
        if not written.lost and written.outcome is None and not written.stale:
            if self.view.submitted_at is None:
                self._submitted()
            else:
                # How long a field may take counts from its first sending.
                self._update(submitted=True)
        return written
