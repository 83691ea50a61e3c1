"""Guides as a reader follows them: their blocks, run by a shell in a checkout of its own."""

import asyncio
import os
import re
import shutil
import subprocess
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path

from boardsync.local.ports import USUAL
from tests.support.processes import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MOVED = re.compile(r"^(\w+): port (\d+) is taken, using (\d+)", re.MULTILINE)
_ADDRESS = re.compile(r"\b(127\.0\.0\.1|localhost):(\d{4,5})\b")
NEEDS_A_PERSON = 3
"""The exit code by which commands of `boardsync` say so, or that not all is done."""
GIT_LIST = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")


def blocks(page: str, language: str = "sh", *, under: str = "") -> list[str]:
    """Return a guide's blocks in a language, of one section alone where it is named."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if under:
        text = re.split(r"^## ", text.partition(f"\n## {under}")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return [body for name, body in _BLOCK.findall(text) if name == language]


def checkout(folder: Path) -> Path:
    """Copy the project as somebody has it who has just cloned and installed it; times stay, as `make` goes by them."""
    listed = subprocess.run(  # noqa: S603 -- a constant
        GIT_LIST, cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if name.startswith("tests/") or not (ROOT / name).is_file():
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at a terminal in a checkout, where a stack may run on other ports than the usual ones."""

    folder: Path
    ports: dict[str, str]
    """The ports that a guide names, and those that are meant."""

    def meant(self, text: str) -> str:
        """Return what a guide says, with the ports that it says may have moved."""
        return _ADDRESS.sub(lambda found: f"{found[1]}:{self.ports.get(found[2], found[2])}", text)

    async def run(self, script: str, **env: str) -> str:
        """Run a block in a terminal of its own, to its end; return all that it printed.

        The Temporal CLI finds a server on another port by its own variable, as the stack's welcome says.
        """
        temporal = f"127.0.0.1:{self.ports.get(str(USUAL.temporal), str(USUAL.temporal))}"
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-euo",
            "pipefail",
            "-c",
            self.meant(script),
            cwd=self.folder,
            env={**_plain_environment(), "TEMPORAL_ADDRESS": temporal, **env},
            stdout=PIPE,
            stderr=STDOUT,
        )
        said, _ = await process.communicate()
        text = said.decode()
        assert process.returncode in {0, NEEDS_A_PERSON}, (script, text)
        return text


def moved(said: str) -> dict[str, str]:
    """Return the ports that a stack said it had to change."""
    return {usual: got for _, usual, got in _MOVED.findall(said)}


def _plain_environment() -> dict[str, str]:
    """Return what a new terminal has: nothing of a test's own."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BOARDSYNC_", "TEMPORAL_", "PYTHON", "PYTEST_"))
    }
