"""The options that commands share."""

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from boardsync.commands.config_option import Config
from boardsync.exits import misused
from boardsync.jobs.references import FORMS
from config.values import Duration
from models.base import is_id
from models.problems import Category


def _customer_id(value: str | None) -> str | None:
    """Check a customer's id, which goes into queries."""
    if value is not None and not is_id(value):
        raise typer.BadParameter("expected an iCIMS customer id: 1 to 20 digits")
    return value


__all__ = ["AttentionOf", "Config", "Customer", "CustomerId", "Job", "Json", "Query", "ago", "login_name"]

Customer = Annotated[
    str | None, typer.Option("--customer", metavar="ID", help="Of this customer only.", callback=_customer_id)
]
CustomerId = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="The customer, by its iCIMS id.", callback=_customer_id)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, and nothing else there.")]
Job = Annotated[list[str], typer.Argument(metavar="JOB", help=f"A job, written {FORMS}.")]
_CATEGORIES = ", ".join(Category)
AttentionOf = Annotated[
    Category | None,
    typer.Option("--attention", metavar="CATEGORY", help=f"That need a person for this category: {_CATEGORIES}."),
]
Query = Annotated[
    str | None, typer.Option("--query", metavar="QUERY", help="A visibility query, as in the Web UI's filter.")
]

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


def ago(value: str) -> datetime:
    """Read a time: how long ago ("2d", "12h"), or a date ("2026-11-01", in UTC unless it says otherwise).

    Raises CommandFailed.
    """
    try:
        return datetime.now(UTC) - _DURATION.validate_python(value)
    except (ValidationError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise misused(f'{value!r} is no time: expected "2d", "12h", "30m", or a date such as "2026-11-01"') from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def login_name() -> str | None:
    """Return the name that a person is logged in by, where there is one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
