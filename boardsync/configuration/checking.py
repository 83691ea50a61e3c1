"""Everything that is wrong with the configuration, as strict as a start on a clean machine."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from config.loading import ConfigurationError, has_parts, line_of
from config.parts import apart, load
from config.reading import CUSTOMERS, Reader
from config.settings import Settings


def check(main: Path, environ: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return how many customers can be used, and each thing that is wrong, in one line that holds no secret."""
    wrong: list[str] = []
    try:
        if not has_parts(main):
            return _single(main, environ)
        raw, wrong = apart(main, environ)
        wrong = [*_errors(raw, str(main), of_keys=True), *wrong]
        loaded = load(main, environ, strict=True)
    except ConfigurationError as error:
        return 0, wrong or [str(error)]
    wrong += [each.message for each in loaded.troubles if each.message not in wrong]
    customers = loaded.settings.customers
    if not wrong:
        # Only here, with all customers there, is it a fault that somebody is told of one who is not.
        wrong = _errors({**loaded.main, "customers": customers}, str(main))
    return len(customers), wrong


def _single(main: Path, environ: Mapping[str, str]) -> tuple[int, list[str]]:
    reader = Reader(environ)
    raw = reader.resolve(reader.toml(main), "", main.parent)
    wrong = _errors(raw, str(main))
    listed = raw.get("customers")
    return 0 if wrong or not isinstance(listed, list) else len(listed), wrong


def _errors(raw: Mapping[str, object], place: str, *, of_keys: bool = False) -> list[str]:
    """Return what is wrong with the whole; or with the keys of the main file alone."""
    try:
        Settings.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        kept = [each for each in found if not of_keys or (each["loc"] and each["loc"][0] != CUSTOMERS)]
        return [f"{place}: {line_of(each)}" for each in kept]
    return []
