"""A process follows its configuration: by SIGHUP, or as soon as the files change; what is broken is told."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import Counter, Gauge

from config.live import Live
from config.parts import Trouble
from config.settings import Settings
from runtime import expiries
from runtime.beside import beside

logger = logging.getLogger(__name__)

READ_AT = Gauge("boardsync_configuration_read_timestamp_seconds", "When the configuration was read last")
BROKEN = Gauge(
    "boardsync_configuration_broken", "Parts of the configuration that are broken: kept as before, or left out"
)
LEFT_OUT = Gauge(
    "boardsync_configuration_left_out",
    "Parts of the configuration that are broken and had no good version before: their customers are not served",
)
RECALLED = Gauge(
    "boardsync_configuration_recalled",
    "Customers whose part is broken since before this process started: served as it was good last",
)
CUSTOMERS = Gauge("boardsync_configuration_customers", "Customers that this process serves")
TAKEN_UP = Counter("boardsync_configuration_changes", "Times that a changed configuration was taken up")

AT_START_ONLY = (
    "gateway.listen",
    "gateway.max_connections",
    "gateway.max_connections_per_address",
    "worker",
    "console",
    "store",
    "temporal",
    "codec",
)
"""What a process opens once: a change is taken up when it starts again."""


@asynccontextmanager
async def following(live: Live) -> AsyncIterator[None]:
    """Follow the configuration for the length of a block."""
    told = _Told(live)
    live.on_change(told.changed)
    live.on_read(told.was_read)
    told.was_read(live)
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # only a main thread has signals
        loop.add_signal_handler(signal.SIGHUP, live.hurry)
    try:
        async with beside(live.follow()):
            yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGHUP)


class _Told:
    """Say once what changes, and once what is broken."""

    def __init__(self, live: Live) -> None:
        self._settings = live.settings
        self._troubles: tuple[Trouble, ...] = ()
        self._unknown: tuple[str, ...] = ()

    def changed(self, settings: Settings) -> None:
        TAKEN_UP.inc()
        before, now = ({each.id: each for each in of.customers} for of in (self._settings, settings))
        names = {
            "new": now.keys() - before.keys(),
            "changed": {id_ for id_ in now.keys() & before.keys() if now[id_] != before[id_]},
            "removed": before.keys() - now.keys(),
        }
        said = [f"{what}: {_all(ids)}" for what, ids in names.items() if ids]
        logger.info("the configuration has changed and is taken up: customers %s", "; ".join(said) or "as before")
        if late := [name for name in AT_START_ONLY if _at(self._settings, name) != _at(settings, name)]:
            logger.warning("changed, and taken up only when this process starts again: %s", _all(late))
        self._settings = settings

    def was_read(self, live: Live) -> None:
        READ_AT.set_to_current_time()
        BROKEN.set(len(live.troubles))
        LEFT_OUT.set(len(live.left_out))
        RECALLED.set(len(live.recalled))
        CUSTOMERS.set(len(live.settings.customers))
        expiries.show(live.settings)
        for each in live.troubles:
            if each not in self._troubles:
                goes_on = "its last good version goes on" if each.kept else "it is left out until it is mended"
                logger.error("broken configuration: %s (%s)", each.message, goes_on)
        for each in self._troubles:
            if each not in live.troubles:
                logger.info("no longer broken: %s", each.message)
        for key in sorted(set(live.unknown) - set(self._unknown)):
            logger.warning("passed over, as this version does not know it: %s", key)
        self._troubles, self._unknown = live.troubles, live.unknown


def _all(names: "set[str] | list[str]") -> str:
    found = sorted(names)
    more = f" and {len(found) - 20} more" if len(found) > 20 else ""
    return ", ".join(found[:20]) + more


def _at(settings: Settings, name: str) -> object:
    found: object = settings
    for part in name.split("."):
        found = getattr(found, part)
    return found
