"""The command line in this process, against real parts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner

from boardsync.__main__ import app
from config.variable import CONFIG_VARIABLE


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Parse standard output, which must hold one JSON value and nothing else."""
        return json.loads(self.stdout)


@dataclass(frozen=True, slots=True)
class Cli:
    """Run commands with an environment; each in a thread of its own, since a command brings its own event loop."""

    environment: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, *words: str, stdin: str | None = None, **environment: str | None) -> Said:
        # What a command sets for itself (`--config`) is put back, and nothing of the shell is read.
        env: dict[str, str | None] = {CONFIG_VARIABLE: None, **self.environment, "COLUMNS": "200", **environment}
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words), input=stdin, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)
