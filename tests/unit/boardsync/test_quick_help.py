"""`boardsync --help` is there at once: it imports nothing that takes long. Not timed, as a machine may be busy."""

import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from boardsync.cli import COMMANDS, app, load

HEAVY = {"aiohttp", "alembic", "asyncio", "httpx", "jinja2", "pydantic", "rich", "sqlalchemy", "temporalio"}
OURS = {"activities", "clients", "models", "store", "webhook_gateway", "workflows"}
IMPORTED = """
import json, sys
from boardsync.__main__ import app
try:
    app({words!r}, prog_name="boardsync")
except SystemExit:
    pass
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], []])
def test_help_and_version_import_nothing_that_takes_long(words: list[str]) -> None:
    script = IMPORTED.format(words=words)
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    *printed, modules = said.stderr.splitlines()
    imported = set(json.loads(modules))
    assert imported & (HEAVY | OURS) == set()
    assert "boardsync" in said.stdout + "\n".join(printed)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_each_command_says_itself(name: str) -> None:
    command = load(name)
    first = " ".join((command.help or "").split("\n\n")[0].split())
    assert COMMANDS[name].help == first


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_takes_both_spellings_of_help(name: str) -> None:
    for spelling in ("-h", "--help"):
        said = CliRunner().invoke(app, [name, spelling])
        assert (said.exit_code, "Usage: " in said.output) == (0, True), said.output


def test_a_command_that_is_none_is_refused() -> None:
    said = CliRunner().invoke(app, ["jbos"])
    assert said.exit_code == 2
    assert "jobs" in said.output


def test_the_version_is_the_packages() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert said.output.startswith("boardsync ")
    assert isinstance(app, typer.Typer)
