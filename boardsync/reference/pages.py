"""Which pages there are. A new one is a module with a function that renders it, and an entry here."""

from collections.abc import Callable, Mapping
from pathlib import Path

from boardsync.configuration import schema
from boardsync.reference import configuration, errors, messages

DOCS = Path(__file__).resolve().parents[2] / "docs"

PAGES: Mapping[str, Callable[[], str]] = {
    "configuration-reference.md": configuration.render,
    "errors.md": errors.render,
    "runbooks.md": messages.render,
    "boardsync.schema.json": schema.settings_schema,
    "customer.schema.json": schema.customer_schema,
}
"""The name of each file in `docs/`, and what writes it."""
