"""What a command prints: for people, or with `--json` for programs."""

import json
import os
import sys

from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from rich.console import Console, RenderableType
from rich.text import Text

WIDTH = 160
"""Columns where nobody's terminal says how many: in a pipe, nothing is to be cut off."""


class Output:
    """Print a command's answer on standard output, once, and everything else on standard error."""

    def __init__(self, *, as_json: bool) -> None:
        """Print as JSON, or for people."""
        self.as_json = as_json
        self.notes = Console(stderr=True)
        """For progress, questions and remarks."""

    def remark(self, text: str) -> None:
        """Print a line beside the answer."""
        self.notes.print(f"boardsync: {text}", style="yellow", markup=False, highlight=False, soft_wrap=True)

    def answer(self, value: object, *shown: RenderableType) -> None:
        """Print a value as JSON, or what shows it to people."""
        if self.as_json:
            print_json(value)
            return
        console = people()
        for each in shown:
            # Plain text is left to the terminal to wrap: an address that is cut in two cannot be copied.
            console.print(each, soft_wrap=isinstance(each, Text))


def people() -> Console:
    """Return a console on standard output, wide where it is no terminal."""
    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=WIDTH if wide else None, highlight=False)


def print_json(value: object, *, indent: int | None = 2) -> None:
    """Print a value as JSON; without indentation it takes one line."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else to_jsonable_python(value)
    print(json.dumps(plain, indent=indent))


def one_line(text: str) -> str:
    """Return a text that may span lines, as errors of libraries do, in one."""
    return " ".join(text.split())
