"""The configuration of a running process: taken up anew when its files change, never half, never broken."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from config.loading import ConfigurationError, has_parts, load_settings, located
from config.parts import Loaded, Trouble, load, with_recalled
from config.reading import Stamp, stamp
from config.settings import Settings
from config.strength import refuse_weak

logger = logging.getLogger(__name__)

LOOK_EVERY = 10.0
"""Seconds between two looks at the files."""
QUIET_FOR = 1.0
"""Seconds for which no file may change before they are read: an editor or a copy may still be at work."""

Take = Callable[[Settings], None]


class Live:
    """Hold the newest good version of the configuration, for a process that goes on while it changes.

    `settings` is replaced as a whole.
    """

    def __init__(
        self,
        main: Path,
        environ: Mapping[str, str],
        loaded: Loaded,
        *,
        look_every: float = LOOK_EVERY,
        quiet_for: float = QUIET_FOR,
        unread: Set[str] = frozenset(),
    ) -> None:
        """Begin with what was loaded."""
        self._unread = unread
        self._main, self._environ, self._loaded = main, environ, loaded
        self._look_every, self._quiet_for = look_every, quiet_for
        self._recalled: dict[str, datetime] = {}
        self._takers: list[Take] = []
        self._watchers: list[Callable[[Live], None]] = []
        self._hurry = asyncio.Event()

    @classmethod
    def open(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        look_every: float = LOOK_EVERY,
        quiet_for: float = QUIET_FOR,
        unread: Set[str] = frozenset(),
    ) -> "Live":
        """Load the configuration at a start, but for secrets that this process leaves unread.

        A file of one customer that is broken leaves out that one; a single file must be whole.
        Raises ConfigurationError.
        """
        environ = os.environ if environ is None else environ
        main = located(environ)
        if not has_parts(main):
            load_settings(environ, unread=unread)  # raises what is wrong in the words of a start
        loaded = load(main, environ, unread=unread)
        return cls(main, environ, loaded, look_every=look_every, quiet_for=quiet_for, unread=unread)

    @property
    def settings(self) -> Settings:
        """Return the newest good version."""
        return self._loaded.settings

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Return what is broken, and so left out or kept as it was."""
        return self._loaded.troubles

    @property
    def left_out(self) -> tuple[Trouble, ...]:
        """Return what is broken and has no last good version, as at a start: whose it is, is not served."""
        return tuple(each for each in self.troubles if not each.kept)

    @property
    def recalled(self) -> Mapping[str, datetime]:
        """Return the customers who are served since the start as they were good before it, and when that was."""
        broken = {id_ for each in self.troubles for id_ in each.customer_ids}
        return {id_: at for id_, at in self._recalled.items() if id_ in broken}

    @property
    def good(self) -> Mapping[str, tuple[str, str]]:
        """Return the place of each customer who was read as good, and what stands there."""
        return self._loaded.good

    @property
    def in_parts(self) -> bool:
        """Return whether customers have files of their own: a single file must be whole."""
        return has_parts(self._main)

    @property
    def main_is_broken(self) -> bool:
        """Return whether something is broken that is no single customer's: who is missing may not be removed."""
        return any(not each.customer_ids for each in self.troubles)

    def recall(self, kept: Mapping[str, tuple[str, str, datetime]]) -> Mapping[str, datetime]:
        """Take up kept versions, place, text and when each was good, of customers who are left out; return whose.

        What has been mended meanwhile is read as it is.
        """
        before, served = self._loaded, {each.id for each in self.settings.customers}
        parts = {id_: (place, text) for id_, (place, text, _) in kept.items()}
        try:
            loaded = with_recalled(self._main, self._environ, before, parts, unread=self._unread)
            refuse_weak(loaded.settings, before.settings)
        except ConfigurationError:
            return {}
        self._loaded = loaded
        taken = {each.id: kept[each.id][2] for each in loaded.settings.customers if each.id in kept}
        self._recalled = {id_: at for id_, at in taken.items() if id_ not in served and id_ not in loaded.good}
        return self._recalled

    def watched(self) -> tuple[list[str], timedelta]:
        """Return the customers, and after what time one is silent from whom no event comes."""
        return [each.id for each in self.settings.customers], self.settings.timing.silent_after

    @property
    def unknown(self) -> tuple[str, ...]:
        """Return the keys that were passed over, as the files are written for a newer version."""
        return self._loaded.unknown

    def on_change(self, take: Take) -> None:
        """Have new settings told, in the order of the calls; not the present ones."""
        self._takers.append(take)

    def on_read(self, watch: "Callable[[Live], None]") -> None:
        """Have it told that the files were read anew, whatever came of it."""
        self._watchers.append(watch)

    def hurry(self) -> None:
        """Read the files now, as a person asks by SIGHUP."""
        self._hurry.set()

    async def follow(self) -> None:
        """Look at the files again and again; never returns."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._look_every)
            asked = self._hurry.is_set()
            self._hurry.clear()
            if asked or await asyncio.to_thread(self._changed):
                await self._once_quiet()
                try:
                    await self.read()
                except Exception:
                    logger.exception("the configuration could not be taken up")

    async def read(self) -> None:
        """Read the files now, and tell what has changed."""
        before = self._loaded
        try:
            loaded = await asyncio.to_thread(load, self._main, self._environ, before, unread=self._unread)
            refuse_weak(loaded.settings, before.settings)
            self._loaded = loaded
        except ConfigurationError as error:  # a secret that protects nothing, or what nobody has thought of
            trouble = Trouble(str(self._main), str(error), kept=True)
            stamps = {path: stamp(path) for path in before.stamps}
            self._loaded = replace(before, troubles=(trouble,), stamps=stamps)
        if self._loaded.settings != before.settings:
            for take in self._takers:
                take(self._loaded.settings)
        for watch in self._watchers:
            watch(self)

    def _changed(self) -> bool:
        return self._stamps() != dict(self._loaded.stamps)

    def _stamps(self) -> dict[Path, Stamp]:
        return {path: stamp(path) for path in self._loaded.stamps}

    async def _once_quiet(self) -> None:
        last = await asyncio.to_thread(self._stamps)
        while True:
            await asyncio.sleep(self._quiet_for)
            now = await asyncio.to_thread(self._stamps)
            if now == last:
                return
            last = now
