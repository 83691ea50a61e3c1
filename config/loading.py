"""Load the configuration at a start, and say in one line what is wrong."""

import os
import re
from collections.abc import Mapping, Set
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.reading import CUSTOMERS, MAIN, ConfigurationError, Reader
from config.settings import Settings, newer_than
from config.temporal import CodecFile
from config.variable import CONFIG_VARIABLE

__all__ = [
    "CONFIG_VARIABLE",
    "ConfigurationError",
    "has_parts",
    "load_codec_file",
    "load_settings",
    "located",
    "parse_settings",
]

UNKNOWN_KEY = "extra_forbidden"

M = TypeVar("M", bound=BaseModel)


def located(environ: Mapping[str, str]) -> Path:
    """Return the main file: the one that `BOARDSYNC_CONFIG` names, or `boardsync.toml` in the folder that it names.

    Raises ConfigurationError.
    """
    name = environ.get(CONFIG_VARIABLE)
    if not name:
        raise ConfigurationError(f"{CONFIG_VARIABLE} is not set: expected the path of a TOML file, or of its folder")
    path = Path(name)
    return path / MAIN if path.is_dir() else path


def has_parts(main: Path) -> bool:
    """Return whether customers have files of their own, in the folder beside the main file."""
    return main.name == MAIN and (main.parent / CUSTOMERS).is_dir()


def load_settings(environ: Mapping[str, str] | None = None, *, unread: Set[str] = frozenset()) -> Settings:
    """Load the configuration that `BOARDSYNC_CONFIG` names; a broken file of one customer leaves out that one.

    Secrets of customers whose keys are in `unread` stay where they are.

    Raises ConfigurationError.
    """
    from config.parts import load  # noqa: PLC0415 -- builds on this module

    environ = os.environ if environ is None else environ
    main = located(environ)
    if has_parts(main):
        return load(main, environ, unread=unread).settings
    try:
        raw = Reader(environ).toml(main)
    except ConfigurationError as error:
        unreadable = str(error).startswith("cannot read")
        raise ConfigurationError(f"{CONFIG_VARIABLE}: {error}" if unreadable else str(error)) from error
    if is_for_a_newer_version(raw):
        raw, _ = without_unknown_keys(Settings, Reader(environ, unread=unread).resolve(raw, "", main.parent))
        return validated(Settings, raw)
    return parse_settings(raw, environ, base=main.parent, unread=unread)


def load_codec_file(environ: Mapping[str, str] | None = None) -> CodecFile:
    """Load what the codec server needs of the main file, and no other secret that it names.

    Raises ConfigurationError.
    """
    environ = os.environ if environ is None else environ
    main = located(environ)
    reader = Reader(environ)
    raw = reader.toml(main)
    found: dict[str, Any] = {name: raw[name] for name in ("temporal", "codec") if name in raw}
    gateway = raw.get("gateway")
    if isinstance(gateway, dict) and "temporal_ui_url" in gateway:
        found["temporal_ui_url"] = gateway["temporal_ui_url"]
    found["simulated"] = all(_is_simulated(raw.get(name)) for name in ("icims", "linkedin", "indeed"))
    return validated(CodecFile, reader.resolve(found, "", main.parent))


def _is_simulated(provider: object) -> bool:
    """Return whether a provider's section names addresses of plain HTTP: the real ones take https alone."""
    if not isinstance(provider, dict):
        return False
    return all(str(provider.get(key, "")).startswith("http://") for key in ("api_url", "token_url"))


def parse_settings(
    raw: dict[str, Any], environ: Mapping[str, str], *, base: Path, unread: Set[str] = frozenset()
) -> Settings:
    """Validate the parsed file; `file:` paths are taken from `base`.

    Raises ConfigurationError.
    """
    return validated(Settings, Reader(environ, unread=unread).resolve(raw, "", base))


def validated(model: type[M], raw: object, *, context: Mapping[str, object] | None = None) -> M:
    """Validate what was read.

    Raises ConfigurationError that names the first key that is wrong.
    """
    try:
        return model.model_validate(raw, context=None if context is None else dict(context))
    except ValidationError as error:
        raise ConfigurationError(_first_error(error)) from None


def is_for_a_newer_version(raw: Mapping[str, object]) -> bool:
    """Return whether the main file says that it is written for a newer version than this one, as in a rollback."""
    try:
        return newer_than(raw.get("written_for"), version("boardsync"))
    except PackageNotFoundError:
        return False


def without_unknown_keys(model: type[BaseModel], raw: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what was read without the keys that this version does not know, and their names."""
    try:
        model.model_validate(raw)
    except ValidationError as error:
        unknown = [each["loc"] for each in error.errors(include_input=False) if each["type"] == UNKNOWN_KEY]
        for place in unknown:
            raw = _without(raw, place)
        return raw, tuple(_key(place) for place in unknown)
    return raw, ()


def _without(value: Any, place: tuple[int | str, ...]) -> Any:
    first, *rest = place
    if isinstance(value, dict) and first in value:
        if not rest:
            return {key: each for key, each in value.items() if key != first}
        return {**value, first: _without(value[first], tuple(rest))}
    if isinstance(value, list) and isinstance(first, int) and rest:
        return [_without(each, tuple(rest)) if at == first else each for at, each in enumerate(value)]
    return value


def _first_error(error: ValidationError) -> str:
    # include_input=False: a value may be a secret, and this line goes to the logs.
    return line_of(error.errors(include_input=False, include_url=False)[0])


def line_of(first: ErrorDetails) -> str:
    """Say in one line what is wrong with a key."""
    key = _key(first["loc"])
    if first["type"] == UNKNOWN_KEY:
        return f"{key}: unknown key; see docs/configuration.md for the known ones"
    if first["type"] == "missing":
        return f"{key}: required, but missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _key(place: tuple[int | str, ...]) -> str:
    key = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ".".join(str(part) for part in place))
    return " ".join(key.split())  # a quoted TOML key may hold line breaks
