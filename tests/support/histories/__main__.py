"""Record the corpus: `python -m tests.support.histories [next|VERSION]`."""

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.support.histories import lifecycles, runs
from tests.support.histories.folder import HISTORIES, SEAL, UNRELEASED, Released, seal, write
from tests.support.histories.world import World, running_world
from tests.support.processes import running_sandbox


async def record() -> list[tuple[str, WorkflowHistory]]:
    """Run every scenario, then again where histories stay short; return every run of both."""
    found: list[tuple[str, WorkflowHistory]] = []
    async with running_sandbox() as urls:
        for suffix, short in (("", False), ("-continued", True)):
            with tempfile.TemporaryDirectory() as folder:
                async with running_world(urls, Path(folder), short=short) as world:
                    await _run(world)
                    found += [(f"{name}{suffix}", history) for name, history in await world.histories()]
    return found


async def _run(world: World) -> None:
    for scenario in (*lifecycles.SCENARIOS, *runs.SCENARIOS):
        began = time.monotonic()
        await scenario(world)
        print(f"{scenario.__name__}: {time.monotonic() - began:.1f} s", flush=True)


def main(release: str) -> None:
    """Record into a release's folder, and seal it unless it is the one that is not released."""
    folder = HISTORIES / release
    if (folder / SEAL).exists():
        raise Released(f"{release} is released: its histories stay as they are")
    logging.disable()  # refusals of the boards are what is to be recorded
    write(folder, asyncio.run(record()))
    if release != UNRELEASED:
        seal(folder)
    print(f"{len(list(folder.glob('*.json')))} histories in {folder.relative_to(HISTORIES.parents[2])}")


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else UNRELEASED)
    except Released as error:
        sys.exit(str(error))
