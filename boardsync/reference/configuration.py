"""The configuration reference, made from the settings model."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AnyHttpUrl, BaseModel, SecretStr, StringConstraints
from pydantic.fields import FieldInfo

from config.settings import Settings
from config.values import YEAR

HEAD = """# Configuration reference

Made from the settings model by `make docs`: do not edit. What the file is, and how
a value comes from the environment or from a file, is told in [configuration](configuration.md).

A duration is a number and a unit: `500ms`, `15s`, `5m`, `24h`, `1d`, `3y`.
A required key must be given where its section is.
"""

PLAIN = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    timedelta: "duration",
    date: "day (`2027-03-01`)",
    AnyHttpUrl: "URL",
    SecretStr: "secret",
}
UNITS = (("y", YEAR * 86400.0), ("d", 86400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0))


def render() -> str:
    """Write the page."""
    return "\n".join([HEAD, *_section(Settings, "", "The whole file.")])


def _section(model: type[BaseModel], name: str, about: str) -> Iterator[str]:
    keys = {key: field for key, field in model.model_fields.items() if subsection(field.annotation) is None}
    if name:
        yield f"## {name}\n\n{about}\n"
    if keys:
        yield "| key | type | default | meaning |\n|---|---|---|---|"
        for key, field in keys.items():
            cells = (f"`{key}`", type_words(field), _default(field), field.description or "")
            yield f"| {' | '.join(_cell(each) for each in cells)} |"
        yield ""
    for key, field in model.model_fields.items():
        inner = subsection(field.annotation)
        if inner is not None:
            path = f"{name.strip('[]')}.{key}{'.NAME' * is_named(field.annotation)}".strip(".")
            about = " ".join((inner.__doc__ or "").split())
            yield from _section(inner, f"[[{path}]]" if is_list(field.annotation) else f"[{path}]", about)


def subsection(annotation: Any) -> type[BaseModel] | None:
    """Return the model of a table or of a list of tables; None where the key holds a plain value."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def is_named(annotation: Any) -> bool:
    """Return whether the key holds tables by name."""
    return get_origin(annotation) is dict


def is_list(annotation: Any) -> bool:
    """Return whether the key holds a list."""
    return get_origin(annotation) is tuple


def type_words(field: FieldInfo) -> str:
    """Say what kind of value a key takes."""
    words = _words(field.annotation)
    pattern = _pattern(field.metadata) or _pattern(_constraints(field.annotation))
    return f"{words} like `{pattern}`" if pattern and words == "text" else words


def _words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(arguments[0])
    if origin in {Union, UnionType}:
        return " or ".join(_words(each) for each in arguments if each is not NoneType)
    if origin is tuple:
        return f"list of {_words(arguments[0])}"
    if origin is Literal:
        return " or ".join(f"`{toml_value(each)}`" for each in arguments)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{toml_value(each)}`" for each in annotation)
    return PLAIN[annotation]


def _constraints(annotation: Any) -> list[Any]:
    """Return what constrains an optional value, which stands inside of its annotation."""
    return [found for each in get_args(annotation) if get_origin(each) is Annotated for found in get_args(each)[1:]]


def _pattern(metadata: list[Any]) -> str | None:
    patterns = [each.pattern for each in metadata if isinstance(each, StringConstraints)]
    return next((str(pattern) for pattern in patterns if pattern is not None), None)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    return "" if default is None or default == SecretStr("") else f"`{toml_value(default)}`"


def toml_value(value: Any) -> str:
    """Write a value as TOML has it."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case timedelta():
            return f'"{duration(value)}"'
        case Enum():
            return f'"{value.value}"'
        case tuple():
            return "[" + ", ".join(toml_value(each) for each in value) + "]"
        case _:
            return json.dumps(str(value).removesuffix("/"), ensure_ascii=False)


def duration(wait: timedelta) -> str:
    """Write a duration as people do."""
    seconds = wait.total_seconds()
    whole = [(unit, size) for unit, size in UNITS if seconds >= size and seconds % size == 0]
    # One day reads as 24h: that is how people say it.
    unit, size = next((each for each in whole if (each[0], seconds) != ("d", 86400.0)), ("s", 1.0))
    return f"{seconds / size:g}{unit}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
