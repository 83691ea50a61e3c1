"""What happens to one job in iCIMS and at the boards, drawn from a seed. Pure."""

import random
from enum import StrEnum

from models.base import Model
from models.states import Intent

STEADY_SHARE = 0.5
"""Share of the jobs that stay posted, and about which boards and users say much: each word must arrive."""
BOTH = 2
"""An index of a gateway that stands for each of them at the same time."""


class Word(StrEnum):
    """What is said of a job."""

    POST = "post"
    UNPOST = "unpost"
    HIRE = "hire"
    VIEW = "view"
    CANDIDATE = "candidate"
    """A candidate's status that changes nothing."""
    INDEED = "indeed event"
    LINKEDIN = "linkedin notification"


INTENTS = {Word.POST: Intent.POSTED, Word.UNPOST: Intent.UNPOSTED, Word.HIRE: Intent.UNPOSTED}
HINTS = (Word.VIEW, Word.INDEED, Word.LINKEDIN)


class Act(Model):
    """Say something so many times, one after the other or all at once, then wait."""

    word: Word
    gateway: int
    """0, 1, or BOTH."""
    copies: int = 1
    together: bool = False
    pause: float = 0.0
    until_posted: bool = False
    """Wait until the boards show the job as posted before the next act."""


class Journey(Model):
    """One job's life in the run."""

    steady: bool
    two_postings: bool
    """Indeed has the job twice, as in two places."""
    acts: tuple[Act, ...]

    @property
    def wanted(self) -> Intent:
        """Return what is wanted in the end: the newest word that says so."""
        return next(INTENTS[act.word] for act in reversed(self.acts) if act.word in INTENTS)


def journey(seed: int, number: int, *, events: int) -> Journey:
    """Return the journey of the n-th job of a run; `events` is about how many words a job gets."""
    rng = random.Random(f"{seed}/job/{number}")  # noqa: S311 -- to be drawn again
    steady = rng.random() < STEADY_SHARE
    acts = _steady(rng, events) if steady else _changing(rng, events)
    return Journey(steady=steady, two_postings=rng.random() < 0.1, acts=acts)


def _steady(rng: random.Random, events: int) -> tuple[Act, ...]:
    acts, left = [_said(rng, Word.POST, until_posted=True)], events
    while left > 0:
        word = rng.choices([*HINTS, Word.POST, Word.CANDIDATE], [3, 3, 2, 3, 1])[0]
        acts.append(_said(rng, word, copies=min(left, rng.randint(3, 30))))
        left -= acts[-1].copies
    return tuple(acts)


def _changing(rng: random.Random, events: int) -> tuple[Act, ...]:
    acts = []
    for _ in range(rng.randint(0, 2)):
        acts.append(_said(rng, Word.POST, until_posted=rng.random() < 0.5))
        acts.append(_said(rng, rng.choice(HINTS), copies=rng.randint(1, 5)))
        if rng.random() < 0.4:  # a change of mind, which supersedes what is under way
            acts.append(_said(rng, Word.UNPOST))
    last = Word.HIRE if acts and rng.random() < 0.2 else Word.UNPOST
    if rng.random() < 0.15:
        acts.append(_said(rng, Word.UNPOST, pause=rng.uniform(0.0, 3.0)))
        last = Word.POST
    copies = 1 if last is Word.HIRE else rng.randint(1, max(1, events // 4))
    # The same word again at once, or as the job is being closed.
    acts.append(_said(rng, last, pause=rng.choice((0.0, 1.0, 4.0))))
    acts.append(_said(rng, last, copies=copies))
    return tuple(acts)


def _said(
    rng: random.Random, word: Word, *, copies: int = 1, pause: float | None = None, until_posted: bool = False
) -> Act:
    return Act(
        word=word,
        gateway=rng.choice((0, 1, BOTH)),
        copies=copies,
        together=rng.random() < 0.5,
        pause=round(rng.uniform(0.0, 0.5) if pause is None else pause, 2),
        until_posted=until_posted,
    )
