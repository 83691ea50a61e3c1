"""The four servers of one world."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.control import app as control
from sandbox.icims import app as icims
from sandbox.indeed import app as indeed
from sandbox.linkedin import app as linkedin
from sandbox.world import World

_BUILDERS = {
    "icims": icims.build,
    "linkedin": linkedin.build,
    "indeed": indeed.build,
    "control": control.build,
}

# LinkedIn answers 414 to a long URL itself, so the server must be able to read it.
_MAX_LINE = 64 * 1024


class Servers:
    """Serve a world while the context is open; ``urls`` says where."""

    def __init__(self, world: World, *, host: str = "127.0.0.1", ports: Mapping[str, int] | None = None) -> None:
        self.urls: dict[str, str] = {}
        self._world = world
        self._host = host
        self._ports = ports or {}
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        try:
            for name, build in _BUILDERS.items():
                await self._start(name, build(self._world))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _start(self, name: str, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, max_line_size=_MAX_LINE)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, self._host, self._ports.get(name, 0)).start()
        port = runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.urls[name] = f"http://{host}:{port}"

    async def _stop(self) -> None:
        for runner in reversed(self._runners):
            await runner.cleanup()
        self._runners.clear()
        self._world.webhooks.stop()
