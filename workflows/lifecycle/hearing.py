"""What a lifecycle hears, and what it decides upon: of all wishes the newest counts, and each board is told of it."""

from abc import abstractmethod
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import Any

from temporalio import workflow

from models.base import Model
from models.causes import GoOn
from models.configured import Configured
from models.events import AtsEvent, ManualAction, UpdateAction
from models.lifecycle import JobInput, Lifecycle
from models.notice_types import JobNoticeType
from models.states import ENDED, Intent, Phase
from models.temporal import CLOSE, CONFIRM, RETRY
from models.words import INTENTS
from workflows.boards.job import Job
from workflows.boards.registry import board_of
from workflows.boards.track import Track
from workflows.lifecycle.hiring import Hiring
from workflows.lifecycle.limits import too_much_by_hand
from workflows.lifecycle.notifying import Notifying
from workflows.lifecycle.recording import Recording
from workflows.lifecycle.reporting import Reporting
from workflows.lifecycle.signals import Signals
from workflows.lifecycle.tracks import Tracks
from workflows.lifecycle.wish import Wish, received

FOR_ALL_BOARDS = frozenset({CLOSE, RETRY, CONFIRM})
WANTED_AFTER_ALL = "iCIMS, asked, wants the job posted"


class Hearing(Signals):
    """Take up what was heard, and tell the boards."""

    _job: JobInput
    _shared: Job
    _wish: Wish
    _tracks: Tracks
    _hiring: Hiring
    _recording: Recording
    _reporting: Reporting | None
    _notifying: Notifying | None
    _configured: Configured | None
    _changed: bool
    _heard_at: datetime
    _posted_at: datetime | None
    _asked_at: datetime | None
    """When an event or a person's signal was heard last: the time of the workflow task."""
    _why: str | None

    @abstractmethod
    def _help(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something go on beside the boards."""

    @abstractmethod
    def _mark_changed(self) -> None:
        """Have the loop run once more."""

    @abstractmethod
    def _lifecycle(self) -> Lifecycle:
        """Return the whole state."""

    @abstractmethod
    def _phase(self) -> Phase:
        """Return the phase alone."""

    def _tells(self, kind: JobNoticeType) -> bool:
        return self._job.tells(kind)

    def _note_configuration(self, configured: Configured) -> None:
        self._configured = configured
        # The wait that follows upon the answer is one of the new ones already.
        self._shared.timing = configured.timing
        self._changed = True

    def _drain(self) -> None:
        if self._inbox and self._phase() in ENDED:
            self._recording.look(self._lifecycle())  # what comes now may begin the job anew
        closed_by_hand = False
        if self._configured is not None:
            self._begin_new(self._follow_configuration(self._configured))
            self._configured = None
        for name, message in self._inbox.drain():
            self._heard_at = workflow.now()
            if isinstance(message, AtsEvent | ManualAction):
                self._asked_at = workflow.now()
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

    def _hear(self, said: AtsEvent) -> None:
        event = said.model_copy(update={"received_at": received(said.received_at, workflow.now())})
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
            if event.intent is Intent.POSTED:
                # It changes nothing, and tells since when the job was posted: iCIMS wants to hear that in a report.
                self._posted_at = self._posted_at or event.received_at
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
            self._notifying = Notifying(self._lifecycle(), self._mark_changed, self._tells)
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


def _go_on(cause: str, track: Track[Any]) -> None:
    track.go_on(cause)
