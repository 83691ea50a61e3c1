"""How long a step may fail before people are told of it, and when it is begun anew."""

from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from models.problems import Category
from workflows.problems import problem_of

FIRST_RETRY = timedelta(seconds=1)
SHORTEST = timedelta(seconds=1)
"""For this long a step is tried, however little time is left."""
OVER = timedelta(0)
EXPECTED = frozenset({Category.STILL_SHOWN, Category.NOT_TAKEN, Category.FED_FROM_ELSEWHERE})
"""What a board may answer until its deadline."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one step may go on failing in silence."""

    longest: timedelta
    """How long anything may fail."""
    left: timedelta | None = None
    """How long, as the step begins, the board may yet show what should be gone; None where no board takes its time."""
    told: bool = False
    """People have been told already."""

    @property
    def lasts(self) -> timedelta:
        """Return how long the step is tried; past the deadline people have been told, and it goes on at leisure."""
        if self.left is None or self.left <= OVER:
            return self.longest
        return max(min(self.left, self.longest), SHORTEST)

    @property
    def is_last(self) -> bool:
        """Return whether what this one try finds is what people are told: the deadline is over."""
        return self.left is not None and self.left <= OVER and not self.told

    def retry_policy(self, usual: RetryPolicy) -> RetryPolicy:
        """Return how the step is tried again."""
        return replace(usual, maximum_attempts=1) if self.is_last else usual

    def may_fail_silently(self, category: Category, left: timedelta | None) -> bool:
        """Return whether the step may fail so in silence, with so much time left.

        What only the deadline has cut short has not failed for long: the last try decides.
        """
        if self.left is None or left is None or self.left <= OVER:
            return False
        return self.left < self.longest or (category in EXPECTED and left > OVER)


def retries(longest: timedelta) -> RetryPolicy:
    """Return the waits between tries that failed; how long in all is a matter of patience."""
    return RetryPolicy(initial_interval=min(FIRST_RETRY, longest), maximum_interval=longest)


def wait_after(error: ActivityError, usual: RetryPolicy, left: timedelta | None = None) -> timedelta:
    """Return how long to wait before a step that has ended without success is begun anew.

    Temporal ends a step as soon as its next try would come too late, however long that is away: begun at once, it
    would call the board in a hurry. Where time is `left` until a deadline, it is not waited beyond that, unless it
    is the provider who asked to wait.
    """
    asked = problem_of(error).retry_after
    if asked is not None:
        return asked
    wait = _next_retry(error) or usual.initial_interval
    return wait if left is None else min(wait, max(left, OVER))


def _next_retry(error: ActivityError) -> timedelta | None:
    cause: BaseException | None = error.cause
    while cause is not None:
        if isinstance(cause, ApplicationError):
            return cause.next_retry_delay
        cause = cause.__cause__
    return None
