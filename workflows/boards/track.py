"""One board's side of a lifecycle: what all boards share."""

from abc import abstractmethod
from datetime import datetime
from typing import ClassVar

from temporalio import workflow

from models.base import Model
from models.boards import BoardRecord, Evidence
from models.events import ManualAction
from models.states import BoardName, BoardState, Intent, Outcome
from models.temporal import CLOSE, CONFIRM, RETRY
from workflows.boards import metrics
from workflows.boards.job import Interrupted, Job, Stuck
from workflows.boards.steps import Steps
from workflows.boards.view import View


class Track(Steps[View]):
    """Bring one board to the intent and prove it by reading it back.

    Signals reach a track between two calls: they change the view at once and interrupt the step under way.
    """

    board: ClassVar[BoardName]
    record: ClassVar[type[BoardRecord]]
    """What a lifecycle keeps of this board."""
    own_signals: ClassVar[frozenset[str]]
    """Signals that concern this board alone."""
    signals_by_hand: ClassVar[frozenset[str]] = frozenset({CLOSE, RETRY, CONFIRM})
    """What a person can ask of this board."""

    def __init__(self, job: Job, view: View, intent: Intent) -> None:
        """Take up the work where the view stands."""
        super().__init__(job, view, intent)
        self._stopping = False

    @abstractmethod
    async def _take_down(self) -> Outcome | None:
        """Take the job off this board; return what the board said when it was read back."""

    @abstractmethod
    async def _bring_up(self) -> Outcome | None:
        """Bring the board to what the ATS wants of a posted job; None where it shows nothing of it."""

    @abstractmethod
    def take(self, name: str, message: Model) -> str | None:
        """Take one of the board's own signals; return why it is not followed, None where it is."""

    # --- what the lifecycle tells a track -----------------------------------------------------------------

    def keep_action(self, signal: str, said: ManualAction) -> None:
        """Keep as evidence what a person asks of this board, unless it does not concern it.

        To be called before the signal is acted upon: `retry` and `confirm` concern a board that is not done.
        """
        if signal not in self.signals_by_hand or (signal in {RETRY, CONFIRM} and not self._unsettled):
            return
        note = Evidence(at=workflow.now(), asked=f"Signal {signal}", answered=said.words, by_hand=True)
        last = self.view.evidence[-1] if self.view.evidence else None
        if last is not None and last.model_copy(update={"at": note.at}) == note:
            self._job.anew_since = note.at
            return  # the same once more is counted among what was received, and must not push out answers
        self._job.anew_since = note.at
        self._keep(note)

    def edited(self) -> None:
        """Note that the posting was edited in the ATS."""

    @abstractmethod
    def look_again(self) -> None:
        """Compare the posted job anew, with the ATS's fields as they are now; a hint that proves nothing."""

    @property
    def held_off(self) -> bool:
        """Return whether a person keeps what is posted off this board until the ATS asks for the job anew."""
        return False

    def intend(self, intent: Intent, asked_at: datetime) -> None:
        """Take up a new intent; the call under way may finish, no further one is made for the old intent."""
        self._intent = intent
        self._update(**self._start_over(), outcome=None, attention=None, asked_at=asked_at, sent_again=False)
        self._enter(BoardState.WORKING, awaiting=None)
        self._interrupted = self._begun_anew = True

    def retry(self) -> None:
        """Begin the present intent again: read, write if needed, read back."""
        if self._unsettled:
            self._update(**self._start_over(), attention=None, sent_again=False)
            self._enter(BoardState.WORKING, awaiting=None)
            self._interrupted = self._begun_anew = True

    def go_on(self, cause: str) -> None:
        """Begin again where a cause has stopped the work; what asks for a person stays until it gets through."""
        attention = self.view.attention
        if attention is None or attention.cause != cause or attention.retrying:
            return
        self._job.anew_since = workflow.now()
        self._update(**self._start_over(), attention=attention.model_copy(update={"retrying": True}))
        self._enter(BoardState.WORKING, awaiting=None)
        self._interrupted = self._begun_anew = True

    def confirm(self) -> None:
        """Read the board now, without writing; what asked for attention stays until the board agrees.

        A board that is still being asked goes on: its read-back follows anyway, and the write must not be lost.
        """
        if not self._unsettled:
            return
        attention = self.view.attention
        if attention is not None:
            attention = attention.model_copy(update={"retrying": True})
            since = self.view.submitted_at or workflow.now()
            self._update(submitted=True, submitted_at=since, attention=attention)
        # An interruption that is already due must stay.
        self._interrupted |= self.view.submitted

    @property
    def busy(self) -> bool:
        """Return whether there is something to do that needs no person."""
        return self._has_work

    def stop(self) -> None:
        """Call off what is under way, so that the lifecycle can continue as new."""
        self._stopping = self._interrupted = True

    @property
    def _has_work(self) -> bool:
        attention = self.view.attention
        return self._unsettled and (attention is None or attention.retrying)

    # --- the loop -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work whenever there is work, until stopped."""
        while not self._stopping:
            self._interrupted = self._begun_anew = False
            if self._has_work:
                try:
                    outcome = await (self._take_down() if self._intent is Intent.UNPOSTED else self._bring_up())
                    self._settle(outcome)
                except Interrupted:
                    continue
                except Stuck as stuck:
                    if self._begun_anew:
                        continue
                    # Who asked to read again while the answer came in has not been answered yet.
                    self._ask(stuck.problem, retrying=self._interrupted and not self._stopping)
            await self._rest()

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        await workflow.wait_condition(lambda: self._interrupted)

    def _settle(self, outcome: Outcome | None) -> None:
        proven = outcome is not None and outcome.proven
        if self._intent is Intent.UNPOSTED and self.view.asked_at is not None and proven:
            metrics.closed(self.board, self.view.asked_at)
        reached = self.view.asked_at or self.view.reached_asked_at
        self._update(outcome=outcome, attention=None, asked_at=None, reached_asked_at=reached)
        self._enter(BoardState.IDLE if outcome is None else BoardState.SETTLED, awaiting=None)
