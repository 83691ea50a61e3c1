"""The lifecycle of one job: one durable workflow, driven by signals."""

import asyncio

from temporalio import workflow

from models.base import Model
from models.events import AtsEvent, BoardHint, ManualAction
from models.lifecycle import (
    ENDED,
    Boards,
    BoardState,
    Intent,
    JobInput,
    Lifecycle,
    Phase,
    Receipt,
)
from models.temporal import CLOSE, CONFIRM, JOB_POSTING, LIFECYCLE, RETRY
from workflows.boards.registry import board_of, first_records, tracks_of
from workflows.boards.track import Job
from workflows.inbox import Inbox
from workflows.lifecycle.details import details
from workflows.lifecycle.hiring import Hiring
from workflows.lifecycle.notifying import Notifying
from workflows.lifecycle.recording import Recording
from workflows.lifecycle.reporting import Reporting
from workflows.lifecycle.search_attributes import search_attribute_updates
from workflows.lifecycle.signals import Signals

FOR_ALL_BOARDS = frozenset({CLOSE, RETRY, CONFIRM})


@workflow.defn(name=JOB_POSTING)
class JobPosting(Signals):
    """Keep one job's boards at the ATS's newest intent, and prove it by reading them back.

    Signals only append to an inbox; one loop drains it, plans and publishes, while a track per board acts.
    """

    @workflow.init
    def __init__(self, job: JobInput) -> None:
        """Begin, or take up the state that an earlier run carried over."""
        now = workflow.now()
        state = job.state or Lifecycle(
            customer_id=job.customer_id,
            job_id=job.job_id,
            boards=first_records(job.boards, now),
        )
        self._job = job
        self._intent = state.intent
        self._posted_at = state.posted_at
        self._heard_at = now
        self._changed = True
        self._inbox = Inbox(state.received, self._mark_changed)
        shared = Job(job.customer_id, job.job_id, job.timing, self._mark_changed)
        self._tracks = tracks_of(state.boards, shared, state.intent)
        self._hiring = Hiring(shared, state, self._decide)
        self._reporting = Reporting(shared, state, self._lifecycle) if job.report else None
        self._notifying = Notifying(state, self._mark_changed) if job.notify else None
        self._recording = Recording(shared, state, self._lifecycle, self._receipt)

    @workflow.run
    async def run(self, job: JobInput) -> Receipt:
        """Run until the job is off every board; while it is posted, stay open."""
        tracks = [asyncio.create_task(track.run()) for track in self._tracks.values()]
        helpers = [asyncio.create_task(self._hiring.run()), asyncio.create_task(self._recording.run())]
        if self._reporting is not None:
            helpers.append(asyncio.create_task(self._reporting.run()))
        if self._notifying is not None:
            helpers.append(asyncio.create_task(self._notifying.run()))
        while True:
            await workflow.wait_condition(lambda: self._must_wake(tracks + helpers))
            for task in tracks + helpers:
                if task.done():
                    task.result()  # raises: a bug must show, not hang
            self._drain()
            self._publish()
            if self._phase() in ENDED and self._all_told():
                for task in tracks + helpers:
                    task.cancel()
                return self._receipt()
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(lambda: self._notifying is None or self._notifying.done)
                for task in helpers:
                    task.cancel()
                await self._continue_as_new(tracks)

    @workflow.query(name=LIFECYCLE, description="The whole state: intent, phase, each board with its evidence")
    def lifecycle(self) -> Lifecycle:
        """Return the whole state."""
        return self._lifecycle()

    # --- the loop's parts -----------------------------------------------------------------------------------

    def _must_wake(self, tracks: list["asyncio.Task[None]"]) -> bool:
        if self._inbox or self._changed or any(track.done() for track in tracks):
            return True
        return workflow.info().is_continue_as_new_suggested()

    def _drain(self) -> None:
        for name, message in self._inbox.drain():
            self._heard_at = workflow.now()
            match message:
                case AtsEvent():
                    self._heard_at = message.received_at
                    self._hear(message)
                case ManualAction() if name in FOR_ALL_BOARDS:
                    self._act(name, message)
                case _:
                    self._pass_on(name, message)

    def _act(self, name: str, said: ManualAction) -> None:
        self._keep_action(name, said)
        match name:
            case "close":
                self._hiring.forget_verdict()
                self._decide(Intent.UNPOSTED)
            case "retry":
                self._hiring.retry()
                for track in self._tracks.values():
                    track.retry()
            case "confirm":
                for track in self._tracks.values():
                    track.confirm()

    def _pass_on(self, name: str, message: Model) -> None:
        """Give a signal to the board that it concerns alone; remember why where a person's is not followed."""
        if isinstance(message, ManualAction):
            self._keep_action(name, message)
        if isinstance(message, BoardHint) and message.after_close and self._posted_at is None:
            # The job was closed and nobody has posted it since.
            self._decide(Intent.UNPOSTED)
        board = board_of(name)
        track = self._tracks.get(board)
        refusal = f"the customer does not use {board.label}" if track is None else track.take(name, message)
        if refusal is not None and isinstance(message, ManualAction):
            self._inbox.refuse(name, message, refusal)

    def _keep_action(self, name: str, said: ManualAction) -> None:
        for track in self._tracks.values():
            track.keep_action(name, said)

    def _hear(self, event: AtsEvent) -> None:
        if event.after_close and self._notifying is not None:
            self._notifying.closed_before()
        if event.hire is not None:
            # A lifecycle that only waits to tell iCIMS has closed its job all the same.
            closed = event.hire.after_close or self._phase() in ENDED
            self._hiring.hear(event.hire.model_copy(update={"after_close": closed}))
        if event.intent is None:
            return
        self._hiring.forget_verdict()
        news = self._decide(event.intent)
        held_off = any(track.held_off for track in self._tracks.values())
        if not news and event.intent is Intent.POSTED and (event.edited or self._posted_at is None or held_off):
            self._plan(Intent.POSTED)
        if event.edited:
            for track in self._tracks.values():
                track.edited()

    def _decide(self, intent: Intent) -> bool:
        """Take up an intent; the same one again is a repeat, which must cause no second write."""
        if intent is self._intent:
            return False
        self._intent = intent
        self._plan(intent)
        return True

    def _plan(self, intent: Intent) -> None:
        if intent is Intent.POSTED:
            self._posted_at = self._posted_at or workflow.now()
            self._recording.forget()
        for track in self._tracks.values():
            track.intend(intent, self._heard_at)

    def _publish(self) -> None:
        self._changed = False
        lifecycle = self._lifecycle()
        if self._notifying is not None:
            self._notifying.look(lifecycle)
        workflow.set_current_details(details(lifecycle, namespace=workflow.info().namespace))
        if updates := search_attribute_updates(lifecycle, workflow.info().typed_search_attributes):
            workflow.upsert_search_attributes(updates)

    def _all_told(self) -> bool:
        ats = self._reporting is None or self._reporting.done
        return ats and self._recording.done and (self._notifying is None or self._notifying.done)

    async def _continue_as_new(self, tracks: list["asyncio.Task[None]"]) -> None:
        for track in self._tracks.values():
            track.stop()
        for task in tracks:
            await task
        self._drain()
        # No await from here on: a signal that came in between would be lost.
        workflow.continue_as_new(self._job.model_copy(update={"state": self._lifecycle()}))

    # --- the state ------------------------------------------------------------------------------------------

    def _mark_changed(self) -> None:
        self._changed = True

    def _lifecycle(self) -> Lifecycle:
        reporting = self._reporting
        lifecycle = Lifecycle(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            intent=self._intent,
            phase=self._phase(),
            boards=self._boards(),
            attention=self._hiring.attention,
            hires=self._hiring.hires,
            hires_needed=self._hiring.needed,
            positions_wanted=self._hiring.wanted,
            closed_by_hires=self._hiring.closed,
            received=self._inbox.received,
            posted_at=self._posted_at,
            reported=reporting.reported if reporting else None,
            report_failed=reporting.failed if reporting else None,
            report_after=reporting.after if reporting else None,
            report_failing_since=reporting.failing_since if reporting else None,
            reopened=self._reopened,
            notified=self._notifying.told if self._notifying else (),
            receipts=self._recording.receipts,
            recorded=self._recording.recorded,
        )
        due = {"receipt_due": self._recording.due(lifecycle)}
        due["report_due"] = reporting is not None and reporting.due(lifecycle)
        return lifecycle.model_copy(update=due)

    def _boards(self) -> Boards:
        return Boards.model_validate({board.value: track.view for board, track in self._tracks.items()})

    @property
    def _reopened(self) -> int:
        return sum(track.view.reopened for track in self._tracks.values())

    def _phase(self) -> Phase:
        states = {track.view.state for track in self._tracks.values()}
        if BoardState.ATTENTION in states or self._hiring.attention is not None:
            return Phase.ATTENTION
        if self._intent is Intent.UNPOSTED:
            return self._boards().end if states == {BoardState.SETTLED} else Phase.CLOSING
        return Phase.UPDATING if states & {BoardState.WORKING, BoardState.CONFIRMING} else Phase.OPEN

    def _receipt(self) -> Receipt:
        return Receipt(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            intent=self._intent,
            phase=self._phase(),
            closed_at=max((track.view.since for track in self._tracks.values()), default=workflow.now()),
            boards=self._boards(),
            proven={
                board: track.view.outcome is not None and track.view.outcome.proven
                for board, track in self._tracks.items()
            },
            received=self._inbox.received,
            reported=self._reporting.reported if self._reporting else None,
            report_failed=self._reporting.failed if self._reporting else None,
            reopened=self._reopened,
        )
