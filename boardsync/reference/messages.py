"""What Boardsync says of each category of problem, read from its own source.

The tables of docs/runbooks.md stand between two comments and are written anew; the rest of the page is people's.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.problems import Category

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "runbooks.md"
SPEAKING = ("activities", "clients", "workflows")
"""The packages that make problems."""

OPEN = "…"
"""Stands for what is filled in when it happens."""

_TABLE = re.compile(r"(?P<begin><!-- said: (?P<category>\w+) -->\n)(?P<table>.*?)(?P<end><!-- end -->\n)", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """What a person reads: what happened, and what to do."""

    reason: str
    remedy: str


PASSED_ON = Message(OPEN, OPEN)
"""Words that were made elsewhere."""


def messages() -> dict[Category, list[Message]]:
    """Find every problem that the code can make, by category."""
    found: dict[Category, set[Message]] = {category: set() for category in Category}
    for package in SPEAKING:
        for path in sorted((ROOT / package).rglob("*.py")):
            for category, message in _of_module(ast.parse(path.read_text(encoding="utf-8"))):
                if message != PASSED_ON:
                    found[category].add(message)
    return {category: sorted(said) for category, said in found.items()}


def render() -> str:
    """Write the tables of the page anew, between what people wrote."""
    said, page = messages(), PAGE.read_text(encoding="utf-8")
    return _TABLE.sub(lambda found: found["begin"] + _table(said[Category(found["category"])]) + found["end"], page)


def _table(said: list[Message]) -> str:
    lines = ["", "| Boardsync says | and asks for |", "|---|---|"]
    lines += [f"| {_cell(message.reason)} | {_cell(message.remedy)} |" for message in said]
    return "\n".join([*lines, "", ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _of_module(module: ast.Module) -> Iterator[tuple[Category, Message]]:
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            category = _category(given.get("category"))
            if category is not None and "reason" in given and "remedy" in given:
                yield category, Message(_words(given["reason"], constants), _words(given["remedy"], constants))


def _category(node: ast.expr | None) -> Category | None:
    """Read `Category.NAME`; anything else passes on a problem that was made elsewhere."""
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Category"
    return Category[node.attr] if named and isinstance(node, ast.Attribute) else None


def _words(node: ast.expr, constants: dict[str, ast.expr]) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_words(each, constants) for each in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left, constants) + _words(right, constants)
        case ast.Name(id=name) if name in constants:
            return _words(constants[name], constants)
        case _:
            return OPEN
