"""How a provider's error becomes a Temporal error: type, words, and when to try again."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from clients.errors import ProviderError
from models.calls.common import Backoff
from models.problems import Category, Problem

THROTTLED_FIRST, THROTTLED_LONGEST = timedelta(seconds=1), timedelta(minutes=15)
"""Where the provider does not say how long to wait."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn a ProviderError into the Temporal error that carries its problem."""
    try:
        yield
    except ProviderError as error:
        # The problem says it all: a chain of causes would only hide the words in the Web UI.
        raise failure(error.problem) from None


def failure(problem: Problem, *, wait: timedelta | None = None, again: bool = False) -> ApplicationError:
    """Make the error that ends an activity's try; `again` has it tried again whatever the problem is.

    Temporal's own backoff applies unless a wait is given, or the problem names one, or is a throttle.
    """
    if wait is None:
        wait = problem.retry_after
    if wait is None and problem.category is Category.RATE_LIMITED:
        wait = jittered(_throttled())
    words = f"{problem.reason} {problem.provider_text}".strip()
    return ApplicationError(
        words,
        problem,
        type=problem.category.value,
        non_retryable=not (again or problem.retried),
        next_retry_delay=wait,
        # What belongs to the day's work is no alarm in the worker's log and metrics.
        category=ApplicationErrorCategory.BENIGN
        if again or problem.category is Category.RATE_LIMITED
        else ApplicationErrorCategory.UNSPECIFIED,
    )


def _throttled() -> timedelta:
    """Return as long as the step has taken so far: twice as long each time, whatever else it was tried for before."""
    info = activity.info()
    return min(max(info.started_time - info.scheduled_time, THROTTLED_FIRST), THROTTLED_LONGEST)


SOON = timedelta(milliseconds=50)
"""The shortest wait before a step is tried again."""


def not_yet(problem: Problem, backoff: Backoff, *, at_most: timedelta | None = None) -> ApplicationError:
    """Make the error of a read-back that does not agree yet: read again after the next wait, at most the given one."""
    wait = jittered(backoff.delay(activity.info().attempt))
    return failure(problem, wait=wait if at_most is None else max(min(wait, at_most), SOON), again=True)


def jittered(wait: timedelta) -> timedelta:
    """Spread a wait by a tenth, so that jobs closed together are not read together for ever."""
    return wait * random.uniform(0.9, 1.1)  # noqa: S311 -- no secret depends on it
