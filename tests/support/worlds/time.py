"""What a track sees as Temporal: a clock of its own, on which waits pass at once, and activities that run here."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow as temporal
from temporalio.common import MetricMeter, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState
from temporalio.testing import ActivityEnvironment


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


class Workflow:
    """Stands in for the module `temporalio.workflow` where a track uses it."""

    ActivityCancellationType = temporal.ActivityCancellationType
    unsafe = temporal.unsafe

    def __init__(self, clock: WorldClock, activities: object, *, tries: int, stop_at: str) -> None:
        """Give up after so many tries of activities in all, or at the timer that people see as `stop_at`."""
        self._clock, self._activities = clock, activities
        self._tries, self._stop_at = tries, stop_at
        self._random = random.Random(0)  # noqa: S311 -- jitter
        self._under_way: set[asyncio.Task[Any]] = set()

    def grant(self, tries: int) -> None:
        """Allow so many tries from now on."""
        self._tries = tries

    def now(self) -> datetime:
        return self._clock.now()

    def random(self) -> random.Random:
        return self._random

    def metric_meter(self) -> MetricMeter:
        return MetricMeter.noop

    async def wait_condition(
        self, fn: Callable[[], bool], *, timeout: timedelta | None = None, timeout_summary: str | None = None
    ) -> None:
        while not fn():
            if timeout is not None:
                if timeout_summary is not None and timeout_summary.startswith(self._stop_at):
                    raise AtRest
                self._clock.advance(timeout.total_seconds())
                raise TimeoutError
            if not self._under_way:
                raise AtRest
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)

    def start_activity_method(
        self,
        method: Callable[..., Awaitable[Any]],
        call: object,
        *,
        schedule_to_close_timeout: timedelta,
        retry_policy: RetryPolicy,
        **_: object,
    ) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(self._run(method, call, schedule_to_close_timeout, retry_policy))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _run(
        self, method: Callable[..., Awaitable[Any]], call: object, lasts: timedelta, policy: RetryPolicy
    ) -> Any:
        begun = self.now()
        attempt = 0
        while True:
            attempt += 1
            self._tries -= 1
            if self._tries < 0:
                raise AtRest
            environment = ActivityEnvironment()
            environment.info = replace(environment.info, attempt=attempt, scheduled_time=begun, started_time=self.now())
            try:
                return await environment.run(method.__get__(self._activities), call)
            except asyncio.CancelledError:
                raise _failed(CancelledError(), RetryState.CANCEL_REQUESTED) from None
            except ApplicationError as error:
                if error.non_retryable:
                    raise _failed(error, RetryState.NON_RETRYABLE_FAILURE) from None
                if policy.maximum_attempts and attempt >= policy.maximum_attempts:
                    raise _failed(error, RetryState.MAXIMUM_ATTEMPTS_REACHED) from None
                wait = error.next_retry_delay or _backoff(policy, attempt)
                if self.now() + wait >= begun + lasts:
                    raise _failed(error, RetryState.TIMEOUT) from None
                self._clock.advance(wait.total_seconds())


def _backoff(policy: RetryPolicy, attempt: int) -> timedelta:
    wait = policy.initial_interval * policy.backoff_coefficient ** min(attempt - 1, 20)
    return min(wait, policy.maximum_interval or wait)


def _failed(cause: BaseException, state: RetryState) -> ActivityError:
    error = ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="",
        activity_id="",
        retry_state=state,
    )
    error.__cause__ = cause
    return error
