"""A JSON Schema of the configuration, for editors: made from the models."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, TypeAdapter

from boardsync.reference.configuration import duration
from config.customers import Customer
from config.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DURATION = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|y)|env:.+|file:.+)$"}
REFERENCE = {"type": "string", "pattern": "^(env|file):.+"}
"""What any value may be instead."""
VALUES = frozenset({"default", "enum", "required"})
"""Keys of a schema that hold no schemas."""
PLAIN = frozenset({"type", "title", "description", "default", "writeOnly", "minLength"})
"""What a schema of a text has that a reference fulfils, too."""


def settings_schema() -> str:
    """Write the schema of the main file."""
    made = _schema(Settings)
    # With customers in files of their own the main file has none.
    made["required"] = [each for each in made.get("required", []) if each != "customers"]
    return _written(made, "Boardsync: boardsync.toml")


def customer_schema() -> str:
    """Write the schema of a customer's own file, which may also hold several in `[[customers]]`."""
    made = _schema(Customer)
    definitions = made.pop("$defs", {})
    definitions["Customer"] = made
    several = {
        "type": "object",
        "required": ["customers"],
        "additionalProperties": False,
        "properties": {"customers": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Customer"}}},
    }
    either = {"anyOf": [{"$ref": "#/$defs/Customer"}, several], "$defs": definitions}
    return _written(either, "Boardsync: customers/*.toml")


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    made: dict[str, Any] = _everywhere(model.model_json_schema(), _leaf)
    return made


def _written(made: dict[str, Any], title: str) -> str:
    return json.dumps({"$schema": DIALECT, **made, "title": title}, indent=2, ensure_ascii=False) + "\n"


def _everywhere(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_everywhere(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    # A key called "default" or "enum" holds values, not schemas.
    kept = {
        key: each if key in {"default", "enum", "required"} else _everywhere(each, change)
        for key, each in value.items()
    }
    return change(kept)


def _leaf(schema: dict[str, Any]) -> dict[str, Any]:
    """Have a value be given as people write it, or by reference."""
    if schema.get("format") == "duration":
        rest = {key: each for key, each in schema.items() if key not in {"type", "format", "exclusiveMinimum"}}
        return _with_default(rest | DURATION)
    if schema.get("type") == "array" and "default" in schema:
        return _with_default(schema)
    if "enum" in schema or schema.get("type") in {"integer", "number", "boolean"}:
        return _or_reference(schema)
    if schema.get("type") == "string" and set(schema) - PLAIN:
        return _or_reference(schema)
    return schema


def _or_reference(schema: dict[str, Any]) -> dict[str, Any]:
    about = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    inner = {key: each for key, each in schema.items() if key not in about}
    return about | {"anyOf": [inner, REFERENCE]}


def _with_default(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a default that is a duration as people do."""
    if "default" not in schema:
        return schema
    default = schema["default"]
    made = [_as_people_write(each) for each in default] if isinstance(default, list) else _as_people_write(default)
    return schema | {"default": made}


def _as_people_write(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("P"):
        return duration(TypeAdapter(timedelta).validate_python(value))
    return value
