"""What people should see of a board: its state, what is asked of a person, and what the board answered."""

from typing import Any, Generic, TypeVar

from temporalio import workflow

from models.boards import EVIDENCE_KEPT, Attention, BoardRecord, Evidence
from models.problems import Problem
from models.states import BoardState
from workflows.boards.job import Job

View = TypeVar("View", bound=BoardRecord)


class Viewed(Generic[View]):
    """Keep a board's record, and have the lifecycle publish what changes."""

    def __init__(self, job: Job, view: View) -> None:
        """Take up the work where the view stands."""
        self.view = view
        self._job = job

    @property
    def _unsettled(self) -> bool:
        return self.view.state not in {BoardState.IDLE, BoardState.SETTLED}

    def _ask(self, problem: Problem, *, retrying: bool) -> None:
        attention = Attention.of(problem, now=workflow.now(), before=self.view.attention, retrying=retrying)
        self._update(attention=attention)
        self._enter(BoardState.ATTENTION, awaiting=self.view.awaiting if retrying else None)

    def _enter(self, state: BoardState, *, awaiting: str | None) -> None:
        """Go into a state, unless attention keeps the board in its own until it is settled."""
        if self.view.attention is not None and state not in {BoardState.SETTLED, BoardState.IDLE}:
            state = BoardState.ATTENTION
        since = self.view.since if state is self.view.state else workflow.now()
        self._update(state=state, since=since, awaiting=awaiting)

    def _keep(self, *evidence: Evidence) -> None:
        self._update(evidence=(*self.view.evidence, *evidence)[-EVIDENCE_KEPT:])

    def _keep_refusal(self, refused: Evidence) -> None:
        """Keep a refusal; one that only repeats the answer before, as once a minute, must not push out others."""
        last = self.view.evidence[-1] if self.view.evidence else None
        if last is not None and last.model_copy(update={"at": refused.at}) == refused:
            self._update(evidence=(*self.view.evidence[:-1], refused))
        else:
            self._keep(refused)

    def _submitted(self, **fields: Any) -> None:
        self._update(submitted=True, submitted_at=workflow.now(), attention=None, **fields)

    def _update(self, **fields: Any) -> None:
        self.view = self.view.model_copy(update=fields)
        self._job.changed()
