"""What a track knows of its lifecycle, and how a step of it may end."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from models.calls.common import Backoff
from models.configured import Configured
from models.problems import Problem
from models.timing import Timing
from workflows.patience import retries

Answer = TypeVar("Answer")


class Interrupted(Exception):  # noqa: N818 -- not an error: the intent changed, or somebody asked for a fresh look
    """The step under way is no longer wanted as it is."""

    def __init__(self, answer: object = None, *, begun: bool = False) -> None:
        """Keep what the board answered all the same; `begun` where it may have been asked without an answer seen."""
        super().__init__()
        self.answer = answer
        self.begun = begun


class Stuck(Exception):  # noqa: N818 -- not an error of ours: a state that needs a person
    """Only a person can get this board further."""

    def __init__(self, problem: Problem) -> None:
        """Keep why."""
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(slots=True)
class Job:
    """What a track knows of its lifecycle."""

    customer_id: str
    job_id: str
    timing: Timing
    """Replaced when the configuration changes."""
    changed: Callable[[], None]
    """To be called after every change that a person should see."""
    wanted_posted: Callable[[], None] = lambda: None
    """To be called where the ATS, asked, wants the job posted after all."""
    unposted_by_event: Callable[[], bool] = lambda: False
    """Tells whether it was the ATS itself that last wanted the job off its boards."""
    configured: Callable[[Configured], None] = lambda _: None
    """To be told what the configuration says by now."""
    digest: str | None = None
    """Of the configuration that is followed."""
    titled: Callable[[str | None], None] = lambda _: None
    """To be called with the job's title, where an answer names it."""
    portal_url: str | None = None
    """Where candidates apply, as the ATS said last."""
    anew_since: datetime | None = None
    """When somebody last asked to begin anew: what was refused before is asked once more."""
    owed: int = 0
    """Answers for which no board waits, and which `unless_ending` awaits now."""
    ending: bool = False
    """Whether the run ends: what is still owed is called off, and nothing may be begun any more."""

    @property
    def backoff(self) -> Backoff:
        """Return the waits between read-backs."""
        return Backoff(first=self.timing.confirm_first, longest=self.timing.confirm_max)

    async def unless_ending(self, step: Awaitable[Answer]) -> Answer:
        """Return what a step answers that is none of a board's.

        A step that is called off as the run ends fails once the run has given its last command, after which Temporal
        takes no other: whatever would follow the failure must not.
        Raises ActivityError, and CancelledError where the run ends.
        """
        self.owed += 1
        try:
            return await step
        except ActivityError:
            if self.ending:
                raise asyncio.CancelledError from None
            raise
        finally:
            self.owed -= 1

    @property
    def retry_policy(self) -> RetryPolicy:
        """Return the waits between tries that failed."""
        return retries(self.timing.confirm_max)
