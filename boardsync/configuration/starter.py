"""Files to begin with: every key with what it means; what must be filled in comes from the environment."""

import textwrap
from collections.abc import Iterator, Mapping

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from boardsync.reference.configuration import is_list, is_named, subsection, toml_value, type_words
from config.customers import Customer
from config.settings import Settings

WIDTH = 110
MAIN_HEAD = """#:schema {schema}
# Boardsync: what holds for all customers. Each customer has a file of its own in customers/.
# `boardsync config check` says what is missing; docs/configuration.md tells the rest.
"""
CUSTOMER_HEAD = """#:schema {schema}
# Boardsync: customer {id}. A key that is commented out shows its default, or the kind of value that it takes.
# Set the environment variables, or write file:PATH; then run `boardsync config check`.
"""
MAIN = {
    "gateway.public_url": "env:BOARDSYNC_PUBLIC_URL",
    "gateway.link_secret": "env:BOARDSYNC_LINK_SECRET",
    "store.key": "env:BOARDSYNC_STORE_KEY",
}
CUSTOMER = {
    "boards": ("linkedin", "indeed"),
    "icims.webhook_auth": "basic",
    "icims.webhook_user": "env:ICIMS_{id}_WEBHOOK_USER",
    "icims.webhook_secret": "env:ICIMS_{id}_WEBHOOK_SECRET",
    "icims.client_id": "env:ICIMS_{id}_CLIENT_ID",
    "icims.client_secret": "env:ICIMS_{id}_CLIENT_SECRET",
    "linkedin.client_id": "env:LINKEDIN_{id}_CLIENT_ID",
    "linkedin.client_secret": "env:LINKEDIN_{id}_CLIENT_SECRET",
    "linkedin.application_urn": "env:LINKEDIN_{id}_APPLICATION_URN",
    "linkedin.organization_urn": "env:LINKEDIN_{id}_ORGANIZATION_URN",
    "linkedin.poster_email": "env:LINKEDIN_{id}_POSTER_EMAIL",
    "indeed.client_id": "env:INDEED_{id}_CLIENT_ID",
    "indeed.client_secret": "env:INDEED_{id}_CLIENT_SECRET",
    "indeed.advertiser_id": "env:INDEED_{id}_ADVERTISER_ID",
    "indeed.webhook_secret": "env:INDEED_{id}_WEBHOOK_SECRET",
}


def main_file(schema: str) -> str:
    """Write a main file to begin with; `schema` is where an editor finds its schema."""
    return MAIN_HEAD.format(schema=schema) + "\n".join(_table(Settings, "", MAIN, left_out={"customers"})) + "\n"


def customer_file(customer_id: str, name: str, schema: str) -> str:
    """Write a customer's file to begin with."""
    filled: dict[str, object] = {"id": customer_id, "name": name}
    for key, value in CUSTOMER.items():
        filled[key] = value.format(id=customer_id) if isinstance(value, str) else value
    head = CUSTOMER_HEAD.format(schema=schema, id=customer_id)
    return head + "\n".join(_table(Customer, "", filled)) + "\n"


def _table(
    model: type[BaseModel], prefix: str, filled: Mapping[str, object], left_out: set[str] | None = None
) -> Iterator[str]:
    tables: list[tuple[str, type[BaseModel], FieldInfo]] = []
    for key, field in model.model_fields.items():
        if left_out and key in left_out:
            continue
        inner = subsection(field.annotation)
        if inner is not None:
            tables.append((f"{prefix}{key}", inner, field))
            continue
        yield ""
        yield from _comment(field.description or "")
        yield _line(f"{prefix}{key}", key, field, filled)
    for name, inner, field in tables:
        several, named = is_list(field.annotation), is_named(field.annotation)
        given = field.get_default() is not None or any(key.startswith(f"{name}.") for key in filled)
        used = given and not several and not named
        yield ""
        yield ""
        yield from _comment(" ".join((inner.__doc__ or "").split()))
        if used:
            yield f"[{name}]"
            yield from _table(inner, f"{name}.", filled)
        else:
            several = "tuple" in str(field.annotation)
            title = f"{name}.NAME" if named else name
            yield f"# [[{title}]]" if several else f"# [{title}]"
            yield from (
                f"# {line}".rstrip().replace("# # ", "# ") for line in _table(inner, f"{name}.", filled) if line
            )


def _line(path: str, key: str, field: FieldInfo, filled: Mapping[str, object]) -> str:
    if path in filled:
        return f"{key} = {toml_value(filled[path])}"
    default = field.get_default(call_default_factory=True)
    if default is None or default is PydanticUndefined or not toml_value(default).strip('"'):
        return f"# {key} = ({type_words(field)})"
    return f"# {key} = {toml_value(default)}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH)]
