"""Read the TOML file, resolve `env:` and `file:` values, and say in one line what is wrong."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.settings import Settings

CONFIG_VARIABLE = "BOARDSYNC_CONFIG"


class ConfigurationError(Exception):
    """The configuration cannot be used; the message is one line that names the key and what was expected."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Load the file that `BOARDSYNC_CONFIG` names.

    Raises ConfigurationError.
    """
    environ = os.environ if environ is None else environ
    name = environ.get(CONFIG_VARIABLE)
    if not name:
        raise ConfigurationError(f"{CONFIG_VARIABLE} is not set: expected the path of a TOML file")
    path = Path(name)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{CONFIG_VARIABLE}: cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: expected UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    return parse_settings(raw, environ, base=path.parent)


def parse_settings(raw: dict[str, Any], environ: Mapping[str, str], *, base: Path) -> Settings:
    """Validate the parsed file; `file:` paths are taken from `base`.

    Raises ConfigurationError.
    """
    resolved = _resolve(raw, "", environ, base)
    try:
        return Settings.model_validate(resolved)
    except ValidationError as error:
        raise ConfigurationError(_first_error(error)) from None


def _resolve(value: Any, key: str, environ: Mapping[str, str], base: Path) -> Any:
    match value:
        case dict():
            return {k: _resolve(v, f"{key}.{k}" if key else k, environ, base) for k, v in value.items()}
        case list():
            return [_resolve(v, f"{key}[{i}]", environ, base) for i, v in enumerate(value)]
        case str() if value.startswith("env:"):
            return _from_environment(value[4:], key, environ)
        case str() if value.startswith("file:"):
            return _from_file(base / value[5:], key)
        case _:
            return value


def _from_environment(name: str, key: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise ConfigurationError(f"{key}: expected the environment variable {name} to be set and not empty")
    return environ[name]


def _from_file(path: Path, key: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or no possible path
        raise ConfigurationError(f"{key}: cannot read the file {path}: {error}") from error
    if not text:
        raise ConfigurationError(f"{key}: the file {path} is empty")
    return text


def _first_error(error: ValidationError) -> str:
    # include_input=False: a value may be a secret, and this line goes to the logs.
    first = error.errors(include_input=False, include_url=False)[0]
    key = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ".".join(str(part) for part in first["loc"]))
    key = " ".join(key.split())  # a quoted TOML key may hold line breaks
    if first["type"] == "extra_forbidden":
        return f"{key}: unknown key; see docs/configuration.md for the known ones"
    if first["type"] == "missing":
        return f"{key}: required, but missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message
