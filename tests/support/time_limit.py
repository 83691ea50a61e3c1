"""A time limit that ends what it interrupts.

pytest-timeout raises in whatever runs when its alarm comes. In the event loop that leaves the test's task, and its
workers, to all later tests of the process; in another task the alarm is lost, and the test has no limit any more. After
a failure there is none either. Here the task that is waited for is called off where it waits. What does not end even so
ends the process: pytest-xdist says which test it was, and begins another.
"""

import asyncio
import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from pytest_timeout import Settings

from tests.support.processes import kill_all
from tests.support.shared import SERVERS

TEARDOWN = 60.0
"""Seconds for what a test leaves to be ended, whatever its own time has come to."""
AGAIN = 10.0
"""Seconds from one request to end to the next."""
REQUESTS = 3
RANG = pytest.StashKey[bool]()


@pytest.hookimpl
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> bool:
    """Set the alarm, instead of pytest-timeout's."""
    _Alarm(item, settings.timeout).set()
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Set the alarm anew: a failure switches it off. Go on with no server that has died, or does not answer."""
    alarm = _Alarm(item, TEARDOWN)
    if getattr(item, "cancel_timeout", None) is not None:  # else there are no limits, as for a debugger
        alarm.set()
    try:
        return (yield)
    finally:
        alarm.cancel()
        if (reason := SERVERS.broken(ask=item.stash.get(RANG, False))) is not None:
            leave(item, reason)


class _Alarm:
    """The alarm of one test."""

    def __init__(self, item: pytest.Item, after: float) -> None:
        self._item, self._after = item, after
        self._asked: asyncio.Task[Any] | None = None
        self._requests = 0

    def set(self) -> None:
        vars(self._item)["cancel_timeout"] = self.cancel  # where pytest-timeout looks for it
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._after, AGAIN)

    def cancel(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        reason = f"the time limit of {self._after:g} s is over"
        self._item.stash[RANG] = True
        task = _waited_for(frame)
        if task is None:
            if _in_test(frame):
                pytest.fail(reason)
            return
        self._requests = self._requests + 1 if task is self._asked else 1
        self._asked = task
        if self._requests > REQUESTS:
            leave(self._item, f"{reason}, and {task.get_coro()} does not end")
        # In the loop itself: the alarm may have come in the midst of another task.
        task.get_loop().call_soon_threadsafe(task.cancel, reason)


def _in_test(frame: FrameType | None) -> bool:
    """Whether the test or a fixture of it runs, and not pytest itself, which an exception would end."""
    while frame is not None:
        frame = frame.f_back
        if frame is not None and frame.f_code is pytest.CallInfo.from_call.__func__.__code__:  # type: ignore[attr-defined]
            return True
    return False


def _waited_for(frame: FrameType | None) -> asyncio.Task[Any] | None:
    """Return the task that an `asyncio.Runner` of this thread runs, if one does."""
    while frame is not None:
        if frame.f_code is asyncio.Runner.run.__code__:
            task = frame.f_locals.get("task")
            return task if isinstance(task, asyncio.Task) and not task.done() else None
        frame = frame.f_back
    return None


def leave(item: pytest.Item, reason: str) -> None:
    """End the process, with all that it started: no later test of it could be trusted."""
    capture = item.config.pluginmanager.get_plugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
    faulthandler.dump_traceback()
    sys.stderr.write(f"\n{item.nodeid}: this process ends: {reason}\n")
    sys.stderr.flush()
    kill_all()
    os._exit(1)
