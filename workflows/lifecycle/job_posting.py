"""The lifecycle of one job: one durable workflow, driven by signals."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.base import Model
from models.boards import Boards
from models.causes import GoOn
from models.configured import Configured
from models.events import AtsEvent, ManualAction, UpdateAction
from models.lifecycle import JobInput, Lifecycle, Receipt, Stop
from models.states import ENDED, BoardState, Intent, Phase
from models.temporal import CLOSE, CONFIRM, JOB_POSTING, LIFECYCLE, RETRY, TITLE_LIMIT
from models.texts import title_of
from models.words import INTENTS
from workflows.boards import metrics
from workflows.boards.registry import board_of, first_records
from workflows.boards.steps import Job
from workflows.boards.track import Track
from workflows.inbox import Inbox
from workflows.inputs import read
from workflows.lifecycle.details import details
from workflows.lifecycle.earlier import state_before
from workflows.lifecycle.hiring import Hiring
from workflows.lifecycle.limits import too_much_by_hand
from workflows.lifecycle.links import links_of, memo_updates
from workflows.lifecycle.marks import Marks
from workflows.lifecycle.notifying import Notifying
from workflows.lifecycle.recording import Recording
from workflows.lifecycle.reporting import Reporting
from workflows.lifecycle.search_attributes import search_attribute_updates
from workflows.lifecycle.signals import Signals
from workflows.lifecycle.stopping import is_cancelled, who_stopped
from workflows.lifecycle.tracks import Tracks
from workflows.lifecycle.waiting import Waiting
from workflows.lifecycle.wish import Wish

EXAMPLE = '{"customer_id": "1234", "job_id": "1209"}'
NOBODY = JobInput(customer_id="0", job_id="0", boards=())
FOR_ALL_BOARDS = frozenset({CLOSE, RETRY, CONFIRM})
STOPPED = "the lifecycle was cancelled"
WANTED_AFTER_ALL = "iCIMS, asked, wants the job posted"


@workflow.defn(name=JOB_POSTING, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class JobPosting(Signals):
    """Keep one job's boards at the ATS's newest intent, and prove it by reading them back.

    Signals only append to an inbox; one loop drains it, plans and publishes, while a track per board acts.
    """

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Begin, or take up the state that an earlier run carried over."""
        self._job, self._unreadable = read(JobInput, given, example=EXAMPLE, instead=NOBODY)
        self._shared = Job(
            self._job.customer_id,
            self._job.job_id,
            self._job.timing,
            self._mark_changed,
            self._posted_after_all,
            lambda: self._wish.by_event,
            self._note_configuration,
            self._job.configured.digest,
            self._titled,
        )
        self._configured: Configured | None = None
        state = self._job.state or Lifecycle(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            boards=first_records(self._job.boards, workflow.now()),
        )
        self._marks = Marks()
        self._inbox = Inbox(state.received, self._mark_changed, self._marks.said)
        self._helpers: list[asyncio.Task[None]] = []
        self._as_before: int | None = None
        self._stopped: Stop | None = None
        self._begun = self._job.state is not None
        self._take_up(state)

    def _take_up(self, state: Lifecycle) -> None:
        self._changed = True
        self._title = state.title
        self._heard_at = workflow.now()
        self._wish = Wish(state)
        self._why: str | None = None
        self._posted_at, self._shared.portal_url = state.posted_at, state.portal_url
        self._tracks = Tracks(self._shared, state.boards, state.intent)
        self._hiring = Hiring(self._shared, state, self._by_hires)
        self._reporting = Reporting(self._shared, state, self._lifecycle) if self._job.report else None
        self._notifying = Notifying(state, self._mark_changed) if self._job.notify else None
        self._waiting = Waiting(self._shared, state, notify=lambda: self._job.notify)
        self._recording = Recording(self._shared, state, self._lifecycle, self._phase)

    @workflow.run
    async def run(self, *_: Any) -> Receipt:
        """Run until the job is off every board; while it is posted, stay open. A cancellation ends it sooner."""
        if self._unreadable is not None:
            raise self._unreadable
        try:
            return await self._live()
        except asyncio.CancelledError:
            if not is_cancelled():
                raise
        return await self._stop()

    async def _live(self) -> Receipt:
        await self._begin()
        while True:
            await workflow.wait_condition(self._must_wake)
            if is_cancelled():
                # A step that was called off by the cancellation may have hidden it.
                raise asyncio.CancelledError
            for task in self._tracks.tasks + self._helpers:
                if task.done():
                    task.result()  # raises: a bug must show, not hang
            self._drain()
            self._publish()
            if self._ended:
                return self._end()
            if workflow.info().is_continue_as_new_suggested():
                await self._continue_as_new()

    @workflow.query(name=LIFECYCLE, description="The whole state: intent, phase, each board with its evidence")
    def lifecycle(self) -> Lifecycle:
        """Return the whole state."""
        return self._lifecycle()

    # --- the loop's parts -----------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Take up how an earlier lifecycle of the job has ended, where the first message is about that."""
        before = await state_before(self._shared, self._inbox.first) if self._job.state is None else None
        self._begun = True
        if before is not None:
            self._take_up(before)
            self._as_before = self._reopened
            # What was told of that end is not told again.
            if self._notifying is not None:
                self._notifying.knows(self._lifecycle())
            if self._reporting is not None:
                self._reporting.knows()
            self._recording.knows(self._lifecycle())
        self._tracks.start()
        self._help(self._hiring.run())
        self._help(self._recording.run())
        self._help(self._waiting.run())
        if self._reporting is not None:
            self._help(self._reporting.run())
        if self._notifying is not None:
            self._help(self._notifying.run())

    def _help(self, work: Coroutine[Any, Any, None]) -> None:
        self._helpers.append(asyncio.create_task(work))

    def _must_wake(self) -> bool:
        if self._inbox or self._changed or is_cancelled():
            return True
        if any(task.done() for task in self._tracks.tasks + self._helpers):
            return True
        return workflow.info().is_continue_as_new_suggested()

    def _note_configuration(self, configured: Configured) -> None:
        self._configured = configured
        # The wait that follows upon the answer is one of the new ones already.
        self._shared.timing = configured.timing
        self._changed = True

    def _drain(self) -> None:
        closed_by_hand = False
        if self._configured is not None:
            self._begin_new(self._follow_configuration(self._configured))
            self._configured = None
        for name, message in self._inbox.drain():
            self._heard_at = workflow.now()
            match message:
                case AtsEvent():
                    self._hear(message)
                case ManualAction() if name in FOR_ALL_BOARDS:
                    self._act(name, message)
                    closed_by_hand |= name == CLOSE
                case GoOn():
                    self._hiring.go_on(message.cause)
                    self._tracks.each(partial(_go_on, message.cause))
                case _:
                    self._pass_on(name, message)
        if closed_by_hand:
            # Only now: what came after it in the same batch was not overtaken by it.
            self._wish.decide(self._wish.intent, workflow.now(), by_event=self._wish.by_event)
        self._tracks.start()

    def _act(self, name: str, said: ManualAction) -> None:
        self._tracks.each(lambda track: track.keep_action(name, said))
        match name:
            case "close":
                self._why = f"{said.by or 'Somebody'} sent `{CLOSE}`"
                self._hiring.forget_verdict()
                self._decide(Intent.UNPOSTED, by_event=False)
            case "retry":
                self._hiring.retry()
                self._tracks.each(lambda track: track.retry())
            case "confirm":
                self._tracks.each(lambda track: track.confirm())

    def _pass_on(self, name: str, message: Model) -> None:
        """Give a signal to the board that it concerns alone; remember why where a person's is not followed."""
        if isinstance(message, ManualAction):
            self._tracks.each(lambda track: track.keep_action(name, message))
        board = board_of(name)
        track = self._tracks.get(board)
        refusal = f"the customer does not use {board.label}" if track is None else None
        if isinstance(message, UpdateAction) and refusal is None:
            refusal = too_much_by_hand(self._tracks.records, message)
        if track is not None and refusal is None:
            refusal = track.take(name, message)
        if refusal is not None and isinstance(message, ManualAction):
            self._inbox.refuse(name, message, refusal)

    def _hear(self, event: AtsEvent) -> None:
        late = self._wish.is_late(event.received_at)
        new = [] if late else self._follow_configuration(event)
        if not late and event.portal_url is not None:
            self._shared.portal_url = event.portal_url
        if event.after_close and self._notifying is not None:
            self._notifying.closed_before()
        self._heard_at = event.received_at
        if event.hire is not None:
            # A lifecycle that only waits to tell iCIMS has closed its job all the same.
            closed = event.hire.after_close or self._phase() in ENDED
            self._hiring.hear(event.hire.model_copy(update={"after_close": closed}), late=late)
        if late:
            self._inbox.came_late(event)
            return
        if event.looked and self._wish.intent is Intent.POSTED and self._posted_at is not None:
            self._tracks.each(lambda track: track.look_again())
        news = event.intent is not None and self._wants(event, event.intent)
        if not news:
            self._begin_new(new)

    def _begin_new(self, new: list[Any]) -> None:
        """Have boards that are new brought to what is wanted, where anything was."""
        if self._wish.intent is Intent.UNPOSTED or self._posted_at is not None:
            for track in new:
                track.intend(self._wish.intent, self._heard_at)

    def _wants(self, event: AtsEvent, intent: Intent) -> bool:
        """Take up what the ATS wants; return whether all boards were told."""
        self._why = f"iCIMS wants the job {INTENTS[intent]}"
        self._hiring.forget_verdict()
        told = self._decide(intent, by_event=True)
        held_off = any(track.held_off for track in self._tracks)
        if not told and intent is Intent.POSTED and (event.edited or self._posted_at is None or held_off):
            self._plan(Intent.POSTED)
            told = True
        if event.edited:
            self._tracks.each(lambda track: track.edited())
        return told

    def _follow_configuration(self, said: AtsEvent | Configured) -> list[Any]:
        """Take up what the configuration says by now; return the tracks of boards that are new."""
        told = {name: getattr(said, name, None) for name in (*Configured.model_fields, "known_attributes")}
        self._job = self._job.model_copy(update={name: value for name, value in told.items() if value is not None})
        self._shared.timing, self._shared.digest = self._job.timing, self._job.configured.digest
        if self._job.report and self._reporting is None:
            self._reporting = Reporting(self._shared, self._lifecycle(), self._lifecycle)
            self._help(self._reporting.run())
        if self._job.notify and self._notifying is None:
            self._notifying = Notifying(self._lifecycle(), self._mark_changed)
            self._notifying.knows(self._lifecycle())
            self._help(self._notifying.run())
        return [] if said.boards is None else self._tracks.use(said.boards, self._wish.intent, workflow.now())

    def _posted_after_all(self) -> None:
        self._why = WANTED_AFTER_ALL
        self._inbox.note(WANTED_AFTER_ALL)
        self._heard_at = workflow.now()
        self._tracks.use(self._job.boards, self._wish.intent, workflow.now())
        self._decide(Intent.POSTED, by_event=True)
        self._tracks.start()

    def _by_hires(self, intent: Intent) -> bool:
        self._why = "Hires fill the job" if intent is Intent.UNPOSTED else "A hire was taken back"
        return self._decide(intent, by_event=True)

    def _decide(self, intent: Intent, *, by_event: bool) -> bool:
        """Take up an intent; the same one again is a repeat, which must cause no second write."""
        at = self._heard_at if by_event or self._wish.decided is None else self._wish.decided.at
        news = self._wish.decide(intent, at, by_event=by_event)
        if news:
            self._plan(intent)
        return news

    def _plan(self, intent: Intent) -> None:
        if intent is Intent.POSTED:
            self._posted_at = self._posted_at or workflow.now()
            self._recording.forget()
        for track in self._tracks:
            track.intend(intent, self._heard_at)
            track.why = self._why

    def _publish(self) -> None:
        self._changed = False
        lifecycle = self._lifecycle()
        self._waiting.look(lifecycle)
        if self._notifying is not None:
            self._notifying.look(lifecycle)
        self._marks.look(lifecycle)
        workflow.set_current_details(details(lifecycle, namespace=workflow.info().namespace))
        shown = workflow.info().typed_search_attributes
        if updates := search_attribute_updates(lifecycle, shown, self._job.known_attributes):
            workflow.upsert_search_attributes(updates)
        if memo := memo_updates(lifecycle, workflow.memo()):
            workflow.upsert_memo(memo)

    @property
    def _ended(self) -> bool:
        if self._phase() not in ENDED or self._tracks.busy or self._inbox:
            return False
        ats = self._reporting is None or self._reporting.done
        told = self._waiting.done and (self._notifying is None or self._notifying.done)
        return ats and told and self._recording.done

    def _end(self) -> Receipt:
        self._tracks.cancel()
        for task in self._helpers:
            task.cancel()
        receipt = Receipt.of(self._lifecycle())
        if self._as_before != self._reopened:
            metrics.ended(receipt)
        return receipt

    async def _stop(self) -> NoReturn:
        """Stop, as somebody had the lifecycle cancelled: read the boards once more, and keep the receipt of that.

        After an event or a person's signal that comes meanwhile, or with the cancellation, the lifecycle begins anew.
        """
        for task in self._helpers:
            task.cancel()
        await self._tracks.stop()
        looks = asyncio.gather(*(track.last_look() for track in self._tracks))
        stop = await who_stopped(self._shared)
        await looks
        self._stopped = stop
        self._inbox.note(STOPPED, by=stop.by, reason=stop.reason)
        await self._recording.stopped()
        if self._inbox.asks_for_work:
            self._stopped = None
            self._drain()
            self._plan(self._wish.intent)
            # No await from here on: a signal that came in between would be lost.
            workflow.continue_as_new(self._job.model_copy(update={"state": self._lifecycle()}))
        self._publish()
        raise asyncio.CancelledError

    async def _continue_as_new(self) -> None:
        await workflow.wait_condition(lambda: self._notifying is None or self._notifying.done)
        for task in self._helpers:
            task.cancel()
        await self._tracks.stop()
        self._drain()
        # No await from here on: a signal that came in between would be lost.
        workflow.continue_as_new(self._job.model_copy(update={"state": self._lifecycle()}))

    # --- the state ------------------------------------------------------------------------------------------

    def _mark_changed(self) -> None:
        self._changed = True

    def _titled(self, title: str | None) -> None:
        self._title = title_of(title, TITLE_LIMIT) or self._title

    def _lifecycle(self) -> Lifecycle:
        reporting = self._reporting
        lifecycle = Lifecycle(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            title=self._title,
            customer_name=self._job.customer_name,
            links=links_of(self._job.links, self._boards()),
            intent=self._first_wish or self._wish.intent,
            decided=self._wish.decided,
            phase=self._phase(),
            boards=self._boards(),
            attention=self._hiring.attention,
            hires=self._hiring.hires,
            hires_needed=self._hiring.needed,
            positions_wanted=self._hiring.wanted,
            closed_by_hires=self._hiring.closed,
            received=self._inbox.received,
            posted_at=self._posted_at,
            portal_url=self._shared.portal_url,
            reported=reporting.reported if reporting else None,
            report_failed=reporting.failed if reporting else None,
            report_after=reporting.after if reporting else None,
            report_failing_since=reporting.failing_since if reporting else None,
            reopened=self._reopened,
            waits=self._waiting.told,
            notified=self._notifying.told if self._notifying else (),
            receipts=self._recording.receipts,
            recorded=self._recording.recorded,
            stopped=self._stopped,
        )
        due = {
            "report_due": reporting is not None and reporting.due(lifecycle),
            "receipt_due": self._recording.due(lifecycle),
        }
        return lifecycle.model_copy(update=due)

    def _boards(self) -> Boards:
        return self._tracks.records

    @property
    def _reopened(self) -> int:
        return sum(track.view.reopened for track in self._tracks)

    @property
    def _first_wish(self) -> Intent | None:
        """Return what the first event wants, as long as it waits to be taken up: nothing is known of the boards yet."""
        first = self._inbox.first if not self._begun else None
        return first.intent if isinstance(first, AtsEvent) else None

    def _phase(self) -> Phase:
        if self._stopped is not None:
            return Phase.CANCELLED
        if self._first_wish is not None:
            return Phase.CLOSING if self._first_wish is Intent.UNPOSTED else Phase.UPDATING
        states = self._tracks.states
        if BoardState.ATTENTION in states or self._hiring.attention is not None:
            return Phase.ATTENTION
        if self._wish.intent is Intent.UNPOSTED:
            return self._boards().end if states == {BoardState.SETTLED} else Phase.CLOSING
        return Phase.UPDATING if states & {BoardState.WORKING, BoardState.CONFIRMING} else Phase.OPEN


def _go_on(cause: str, track: Track[Any]) -> None:
    track.go_on(cause)
