"""What Indeed said of a job: its postings, what was written to them, and what they show."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.boards import IndeedPosting, IndeedRecord, hidden_as
from models.calls.indeed import (
    IndeedShown,
    IndeedUpdated,
    IndeedWritten,
)
from models.overlay import THROUGH, Overlay, Verdict, WrittenField
from models.problems import Category, Problem
from models.states import Intent, Outcome
from workflows.boards.track import Track
from workflows.patience import Patience
from workflows.problems import problem_of


class Said(Track[IndeedRecord]):
    """Keep what Indeed answers."""

    _asks: Problem | None = None
    """What a person is to be asked for though the job is as wanted."""

    @property
    def _absent(self) -> Outcome | None:
        """Return what is proven where no posting was found; what was never seen proves nothing by that."""
        if not self.view.located or self.view.postings:
            return None
        return Outcome.GONE if self.view.seen else Outcome.NOT_FOUND

    def _found(self, postings: tuple[IndeedPosting, ...]) -> None:
        self._update(postings=postings, located=True, seen=self.view.seen or bool(postings))

    def _note_update(self, answer: IndeedUpdated) -> None:
        """Keep what was sent also where it is no longer wanted: it may show at any time."""
        now = workflow.now()
        sent = {name: WrittenField(digest=digest, at=now) for name, digest in answer.sent.items()}
        self._update(written=self.view.written | sent)

    def _note_clear(self, answer: IndeedWritten) -> None:
        """Keep that a clear was accepted: what is shown from now on may be about to go."""
        self._job.titled(answer.title)
        if answer.sent:
            digests = {name: each.digest for name, each in self.view.written.items()}
            cleared = (*self.view.cleared, *answer.sent)
            self._update(clearing=(self.view.clearing or {}) | digests, written={}, cleared=cleared)

    def _learn(self, shown: IndeedShown) -> None:
        """Show people what was read."""
        self._job.titled(shown.title)
        # Indeed's servers need not agree: what one has shown stays shown.
        kept = {name: found for name, found in self.view.fields.items() if found in THROUGH}
        self._update(postings=shown.postings or self.view.postings, fields=shown.fields | kept)
        self._asks = shown.asks
        if self._intent is Intent.POSTED:
            self._update(hidden=hidden_as(shown.postings, self.view.hidden))
        if shown.outcome == Outcome.UPDATED:
            self._update(clearing=None)

    async def _after_failure(
        self, error: ActivityError, patience: Patience, deadline: timedelta | None, summary: str
    ) -> None:
        fields = problem_of(error).fields
        if fields:
            self._update(fields=fields)
        await super()._after_failure(error, patience, deadline, summary)

    def _ask(self, problem: Problem, *, retrying: bool) -> None:
        if problem.category is Category.NOT_TAKEN:
            late = {Verdict.PENDING: Verdict.CONTRADICTED}
            self._update(fields={name: late.get(found, found) for name, found in self.view.fields.items()})
        super()._ask(problem, retrying=retrying)

    @property
    def _ids(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.view.postings)

    def _overlaid(self) -> dict[str, Any]:
        return {
            **self._named(),
            "overrides": self.view.overrides,
            "written": self.view.written,
            "again_after": self._job.timing.write_again_after,
        }

    def _set_by_us(self) -> dict[str, Any]:
        """Return what this lifecycle and people have set, and must be gone."""
        digests = (self.view.clearing or {}) | {name: each.digest for name, each in self.view.written.items()}
        by_hand = (self.view.overrides or Overlay()).over(self.view.taken_back or Overlay())
        return {**self._named(), "overrides": by_hand, "written": digests, "cleared": self.view.cleared}

    def _named(self) -> dict[str, Any]:
        return {
            "customer_id": self._job.customer_id,
            "job_id": self._job.job_id,
            "employer_job_ids": self._ids,
        }
