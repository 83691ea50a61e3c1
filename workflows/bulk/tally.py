"""Count what became of each job of a run, and name the jobs as far as there is room."""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import workflow

from models.bulk import NAMES_KEPT, Fate, Refusal, Tally
from models.problems import Problem

LATELY = timedelta(minutes=1)


class Counting:
    """A tally that grows."""

    def __init__(self, tally: Tally = Tally()) -> None:  # noqa: B008 -- frozen
        """Take up what an earlier run has counted."""
        self.counts = dict(tally.counts)
        self._jobs: defaultdict[Fate, list[str]] = defaultdict(list)
        for fate, names in tally.jobs.items():
            self._jobs[fate] = list(names)
        self._refused = {_kind(each.problem): (each.problem, list(each.jobs)) for each in tally.refused}
        self._marks: deque[tuple[datetime, int]] = deque([(workflow.now(), self.finished)])

    def add(self, fate: Fate, names: Iterable[str]) -> None:
        """Count jobs that came to the same."""
        for name in names:
            self.counts[fate] = self.counts.get(fate, 0) + 1
            if len(self._jobs[fate]) < NAMES_KEPT:
                self._jobs[fate].append(name)
        self._mark()

    def refuse(self, name: str, problem: Problem) -> None:
        """Count a job that was refused; those refused for the same reason stand together."""
        self.counts[Fate.REFUSED] = self.counts.get(Fate.REFUSED, 0) + 1
        _, names = self._refused.setdefault(_kind(problem), (problem, []))
        if self.counts[Fate.REFUSED] <= NAMES_KEPT:
            names.append(name)
        self._mark()

    def forget(self, fate: Fate) -> None:
        """Count a kind anew."""
        self.counts.pop(fate, None)
        self._jobs.pop(fate, None)
        self._marks = deque([(workflow.now(), self.finished)])

    def has(self, fate: Fate) -> frozenset[str]:
        """Return the names of a kind."""
        return frozenset(self._jobs[fate])

    @property
    def refused(self) -> frozenset[str]:
        """Return the names of the jobs that were refused."""
        return frozenset(name for _, names in self._refused.values() for name in names)

    def names_all(self, fate: Fate) -> bool:
        """Return whether each job of a kind is named."""
        return self.counts.get(fate, 0) == len(self._jobs[fate])

    @property
    def names_left_out(self) -> bool:
        """Return whether more jobs were counted than named."""
        named = sum(len(names) for names in self._jobs.values())
        return self.finished > named + sum(len(names) for _, names in self._refused.values())

    @property
    def finished(self) -> int:
        """Count the jobs with which the run is done."""
        return sum(self.counts.values())

    @property
    def per_second(self) -> float | None:
        """Return how many jobs a second were finished lately; None where none was."""
        (began, before), (until, done) = self._marks[0], self._marks[-1]
        seconds = (until - began).total_seconds()
        return round((done - before) / seconds, 1) if seconds > 0 and done > before else None

    def _mark(self) -> None:
        now = workflow.now()
        self._marks.append((now, self.finished))
        while len(self._marks) > 2 and self._marks[0][0] < now - LATELY:
            self._marks.popleft()

    def refusals(self) -> tuple[Refusal, ...]:
        """Return why jobs were refused."""
        return tuple(Refusal(problem=problem, jobs=tuple(names)) for problem, names in self._refused.values())

    def whole(self) -> Tally:
        """Return all of it."""
        jobs = {fate: tuple(names) for fate, names in self._jobs.items() if names}
        return Tally(counts=self.counts, jobs=jobs, refused=self.refusals())


def _kind(problem: Problem) -> tuple[str, str]:
    return problem.category.value, problem.reason
