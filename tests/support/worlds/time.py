"""What a track sees as Temporal: a clock of its own, on which waits pass at once, and activities that run here."""

import asyncio
import importlib
import pkgutil
import random
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from unittest.mock import patch

from temporalio import workflow as temporal
from temporalio.common import MetricMeter, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState
from temporalio.testing import ActivityEnvironment

LOOP_TURNS = 10
"""Of the event loop, until a workflow that was told something has heard it."""


class AtRest(Exception):  # noqa: N818 -- how a run ends: nothing is left to do
    """Nothing is under way, and no time is waited for."""


class WorldClock:
    """The clock of both the sandbox and the lifecycle: it stands still unless somebody waits."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 26, 8, tzinfo=UTC).timestamp()

    def time(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def restart(self) -> None:
        """Never go back: tokens and limits of another world are forgotten with it."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)


@dataclass(frozen=True)
class Info:
    """What a track asks of its workflow."""

    run_id: str = "this-run"


class Workflow:
    """Stands in for the module `temporalio.workflow` where a track uses it."""

    ActivityCancellationType = temporal.ActivityCancellationType
    unsafe = temporal.unsafe

    def __init__(
        self,
        clock: WorldClock,
        *activities: object,
        tries: int,
        stop_at: str,
        tired: Callable[[], bool] = lambda: False,
    ) -> None:
        """Be at rest after so many tries of activities, or at the timer that people see as `stop_at`.

        `tired` is called where the tries are used up: it may have something happen, grant more and return True.
        """
        self.clock, self._activities = clock, activities
        self._tries, self._stop_at, self._tired = tries, stop_at, tired
        self._random = random.Random(0)  # noqa: S311 -- jitter
        self._under_way: set[asyncio.Task[Any]] = set()
        self._news = asyncio.Event()

    def grant(self, tries: int) -> None:
        """Allow so many tries from now on."""
        self._tries = tries

    def told(self) -> None:
        """Note that something was told to the track: it hears of it before the next try of anything."""
        self._news.set()

    def now(self) -> datetime:
        return self.clock.now()

    def random(self) -> random.Random:
        return self._random

    def patched(self, _: str) -> bool:
        return True

    def info(self) -> Info:
        return Info()

    def metric_meter(self) -> MetricMeter:
        return MetricMeter.noop

    async def wait_condition(
        self, fn: Callable[[], bool], *, timeout: timedelta | None = None, timeout_summary: str | None = None
    ) -> None:
        while not fn():
            if timeout is not None:
                if timeout_summary is not None and timeout_summary.startswith(self._stop_at):
                    raise AtRest
                self.clock.advance(timeout.total_seconds())
                raise TimeoutError
            if not self._under_way:
                raise AtRest
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            await asyncio.wait({*self._under_way, news}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            await asyncio.sleep(0)

    def start_activity_method(
        self,
        method: Callable[..., Awaitable[Any]],
        call: object,
        *,
        schedule_to_close_timeout: timedelta,
        retry_policy: RetryPolicy,
        **_: object,
    ) -> "_Step":
        owner = next(each for each in self._activities if hasattr(each, method.__name__))

        async def work() -> Any:
            return await getattr(owner, method.__name__)(call)

        step = _Step(self, work, schedule_to_close_timeout, retry_policy)
        self._under_way.add(step.task)
        step.task.add_done_callback(self._under_way.discard)
        return step

    async def take_try(self) -> None:
        """Count a try of an activity, and let the track first take up what it was told.

        Raises AtRest.
        """
        if self._tries <= 0 and not self._tired():
            raise AtRest
        self._tries -= 1
        if self._news.is_set():
            for _ in range(LOOP_TURNS):
                await asyncio.sleep(0)


class _Step:
    """An activity under way; one that is called off learns of it at a heartbeat, else its try goes to its end."""

    def __init__(
        self, workflow: Workflow, work: Callable[[], Awaitable[Any]], lasts: timedelta, policy: RetryPolicy
    ) -> None:
        self._workflow, self._work, self._policy = workflow, work, policy
        self._begun, self._lasts = workflow.now(), lasts
        self._environment = ActivityEnvironment()
        self._details: tuple[Any, ...] = ()
        self._alive = self._called_off = False
        self.task = asyncio.ensure_future(self._run())

    def done(self) -> bool:
        return self.task.done()

    def cancel(self) -> None:
        self._called_off = True
        if self._alive:
            self._environment.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        return self.task.__await__()

    def _beat(self, *details: Any) -> None:
        self._details, self._alive = details, True
        if self._called_off:
            self._environment.cancel()

    async def _run(self) -> Any:
        attempt = 0
        while True:
            attempt += 1
            await self._workflow.take_try()
            if self._called_off:
                raise _failed(RetryState.CANCEL_REQUESTED) from CancelledError()
            try:
                return await self._try(attempt)
            except asyncio.CancelledError:
                raise _failed(RetryState.CANCEL_REQUESTED) from CancelledError()
            except ApplicationError as error:
                wait = self._wait(error, attempt)
            self._workflow.clock.advance(wait.total_seconds())

    async def _try(self, attempt: int) -> Any:
        environment = self._environment = ActivityEnvironment()
        self._alive = False
        environment.on_heartbeat = self._beat
        environment.info = replace(
            environment.info,
            attempt=attempt,
            scheduled_time=self._begun,
            started_time=self._workflow.now(),
            heartbeat_details=list(self._details),
        )
        return await environment.run(self._work)

    def _wait(self, error: ApplicationError, attempt: int) -> timedelta:
        """Return how long until the next try.

        Raises ActivityError where there is none.
        """
        if error.non_retryable:
            raise _failed(RetryState.NON_RETRYABLE_FAILURE) from error
        if self._policy.maximum_attempts and attempt >= self._policy.maximum_attempts:
            raise _failed(RetryState.MAXIMUM_ATTEMPTS_REACHED) from error
        wait = error.next_retry_delay or _backoff(self._policy, attempt)
        if self._workflow.now() + wait >= self._begun + self._lasts:
            raise _failed(RetryState.TIMEOUT) from error
        return wait


class as_workflow:  # noqa: N801 -- used as a function
    """Have modules see a workflow of ours."""

    def __init__(self, workflow: Workflow, *modules: ModuleType) -> None:
        self._patches = [patch.object(module, "workflow", workflow) for module in modules]

    def __enter__(self) -> None:
        for each in self._patches:
            each.start()

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()


def parts_of(package: ModuleType) -> list[ModuleType]:
    """Return the modules of a package that see a workflow."""
    names = [f"{package.__name__}.{each.name}" for each in pkgutil.iter_modules(package.__path__)]
    return [module for module in map(importlib.import_module, names) if hasattr(module, "workflow")]


def _backoff(policy: RetryPolicy, attempt: int) -> timedelta:
    wait = policy.initial_interval * policy.backoff_coefficient ** min(attempt - 1, 20)
    return min(wait, policy.maximum_interval or wait)


def _failed(state: RetryState) -> ActivityError:
    """Make the failure of an activity; what it is raised from is what a workflow reads."""
    return ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="",
        activity_id="",
        retry_state=state,
    )
