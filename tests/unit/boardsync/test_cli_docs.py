"""Every command line that the documentation and `make dev` show is one that `boardsync` takes."""

import pkgutil
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from boardsync import commands
from boardsync.__main__ import app
from boardsync.cli import COMMANDS
from boardsync.commands import configuring, store
from boardsync.local.dev import welcome
from boardsync.local.ports import USUAL
from boardsync.local.stack import Stack
from config.loading import CONFIG_VARIABLE

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ENDS = {"|", ">"}


def shown(text: str) -> list[list[str]]:
    """Return what follows `boardsync` in the lines that run it, as a shell reads it."""
    found = (re.match(r"\s*(?:[^#`]*\| )?boardsync (.*)", line) for line in text.splitlines())
    return [arguments(match[1]) for match in found if match is not None]


def arguments(text: str) -> list[str]:
    words = shlex.split(re.split(r"\s{2,}(?=\S)", text)[0], comments=True)
    return words[: next((place for place, word in enumerate(words) if word in ENDS), len(words))]


def blocks(page: Path) -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, "")  # which --config sets
    for each in pkgutil.iter_modules(commands.__path__):
        module = import_module(f"{commands.__name__}.{each.name}")
        if hasattr(module, "run"):
            monkeypatch.setattr(module, "run", lambda work: None)


@pytest.mark.usefixtures("nothing_runs")
@pytest.mark.parametrize("page", [page for page in PAGES if shown(blocks(page))], ids=lambda page: page.name)
def test_documented_command_lines_are_taken(page: Path) -> None:
    for words in shown(blocks(page)):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, (words, result.output)


@pytest.mark.usefixtures("nothing_runs")
def test_what_dev_welcomes_with_is_taken() -> None:
    lines = shown(welcome(Stack(USUAL)))
    assert [words[0] for words in lines] == ["doctor", "send", "jobs", "show", "attention"]
    for words in lines:
        assert CliRunner().invoke(app, words).exit_code == 0, words


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    names = [name for name in COMMANDS if name not in {"config", "deploy", "keys", "store", "ledger"}]
    assert len(names) == 28
    names += [f"store {each.callback.__name__}" for each in store.app.registered_commands if each.callback is not None]
    names += [f"config {each.callback.__name__}" for each in configuring.app.registered_commands if each.callback]
    names += ["ledger verify", "ledger key new", "ledger key show", "keys new", "keys rotate"]
    names += [f"deploy {each}" for each in ("status", "ramp", "promote", "rollback")]
    assert [name for name in names if f"boardsync {name}" not in text] == []
