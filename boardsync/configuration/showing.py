"""The configuration as it is in force, written as TOML, without its secrets."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from boardsync.reference.configuration import toml_value
from config.settings import Settings

HIDDEN = "(secret)"
SHORTEST = 6
"""Characters of a value from elsewhere that is looked for inside of others."""
_USER = re.compile(r"^(https?://)[^/@\s]*@|^([\w+.-]+://)\S*@")
"""Who is named in an address; of a database the password may hold anything, also an @ or a slash."""
_PASSWORD = re.compile(r"([?&][^=&\s]*pass[^=&\s]*=)[^&\s]*", re.IGNORECASE)
"""A password among an address's parameters, such as PostgreSQL's `password` and `sslpassword`."""


def lines(settings: Settings, references: Mapping[str, str], *, customer_id: str | None = None) -> list[str]:
    """Write all that is in force, or what one customer has; what came by `env:` or `file:` is named by that."""
    hide = _Hiding(references)
    if customer_id is None:
        return list(_table(settings, "", hide))
    found = settings.customer(customer_id)
    return [] if found is None else list(_table(found, "", hide))


class _Hiding:
    """Write a value so that no secret is in it."""

    def __init__(self, references: Mapping[str, str]) -> None:
        self._references = references

    def __call__(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self(each) for each in value)
        if isinstance(value, SecretStr):
            text = value.get_secret_value()
            return self._references.get(text, HIDDEN) if text else ""
        if not isinstance(value, str):
            return self._references.get(str(value), value)
        if value in self._references:
            return self._references[value]
        for text, name in self._references.items():
            if len(text) >= SHORTEST:
                value = value.replace(text, f"({name})")
        named = _USER.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}@", value)
        return _PASSWORD.sub(rf"\1{HIDDEN}", named)


def _table(model: BaseModel, prefix: str, hide: _Hiding) -> Iterator[str]:
    tables: list[tuple[str, Any]] = []
    for key in type(model).model_fields:
        value = getattr(model, key)
        if isinstance(value, dict):
            tables += [(f"{prefix}{key}.{name}", each) for name, each in value.items()]
        elif isinstance(value, BaseModel) or (isinstance(value, tuple) and value and isinstance(value[0], BaseModel)):
            tables.append((f"{prefix}{key}", value))
        elif value is not None and (not isinstance(value, SecretStr) or value.get_secret_value()):
            yield f"{key} = {toml_value(hide(value))}"
    for name, value in tables:
        for each in value if isinstance(value, tuple) else (value,):
            yield ""
            yield f"[[{name}]]" if isinstance(value, tuple) else f"[{name}]"
            yield from _table(each, f"{name}.", hide)
