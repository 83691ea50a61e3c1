"""How a process starts, waits for its end, and ends."""

import asyncio
import gc
import importlib.util
import signal
import sys
from collections.abc import Callable, Coroutine, Set
from typing import Any, NoReturn

from config.live import Live
from config.loading import ConfigurationError
from config.strength import refuse_weak
from runtime.leaving import leave

__all__ = ["EXIT_CODE", "exit_with", "leave", "live_or_exit", "run_quickly", "stop_signal"]

EXIT_CODE = 2
"""Of a process that cannot start."""
GARBAGE_AFTER = (20_000, 5, 1)
"""Objects more than before, and collections of the younger generation, after which each generation is looked through.
By default, 700, that takes a twentieth of a worker's time. The oldest are not left for long: a lifecycle that a worker
leaves is among them, and with twice as many of both 400,000 objects were kept for nothing."""


def live_or_exit(*, unread: Set[str] = frozenset()) -> Live:
    """Load the configuration, to be followed, or print one line and exit with code 2.

    Secrets that protect nothing are refused; those of customers whose keys are in `unread` stay where they are.
    """
    try:
        live = Live.open(unread=unread)
        refuse_weak(live.settings)
    except ConfigurationError as error:
        exit_with(error)
    # A SIGHUP before the process follows its files must not end it: what has changed is seen at the first look.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return live


def exit_with(error: Exception, *, at_once: bool = False) -> NoReturn:
    """Print a start-up error in one line and exit with code 2; at once where the Temporal SDK was used."""
    print(f"boardsync: {error}", file=sys.stderr, flush=True)
    if at_once:
        leave(EXIT_CODE)
    raise SystemExit(EXIT_CODE)


def run_quickly(work: Coroutine[Any, Any, None]) -> None:
    """Run a process's work to its end on uvloop, which takes a seventh less CPU for a call, where there is one.

    What was imported by now lives as long as the process, and is not looked through for garbage again and again.
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)
    with asyncio.Runner(loop_factory=_quickest_loop()) as runner:
        runner.run(work)


def _quickest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:  # not made for every platform
        return None
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop


async def stop_signal() -> None:
    """Wait for SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
