"""SECURITY.md leaves out no secret and no listener, and each of its lines names tests that there are."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TESTED = ("Each secret", "Each listener", "Each database", "What goes out")
_REFERENCE = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows(section: str) -> list[str]:
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


@cache
def _names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for each in get_args(annotation):
        yield from kinds(each)


def secrets_and_listeners(model: type[BaseModel], place: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = [each for each in kinds(field.annotation) if isinstance(each, type)]
        below = [each for each in inner if issubclass(each, BaseModel)]
        for each in below:
            yield from secrets_and_listeners(each, "" if name == "customers" else f"{place}{name}.")
        if not below and (SecretStr in inner or name.endswith("listen")):
            yield f"{place}{name}"


@pytest.mark.parametrize("section", TESTED)
def test_every_line_names_a_test(section: str) -> None:
    found = rows(section)
    assert found
    assert [row for row in found if not _REFERENCE.search(row)] == []


@pytest.mark.parametrize(("path", "name"), sorted(set(_REFERENCE.findall(PAGE))))
def test_what_is_named_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert not name or name in _names_in(path)


def test_no_secret_and_no_listener_is_left_out() -> None:
    known = set(secrets_and_listeners(Settings))
    assert {"gateway.link_secret", "icims.webhook_secret", "linkedin.parent.client_secret", "codec.listen"} <= known
    assert sorted(each for each in known if f"`{each}`" not in PAGE) == []
