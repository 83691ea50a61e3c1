"""Rows for statements that insert many at once, or change what is there: each row once, in one order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, tuple_

from store import types

Row = Mapping[str, Any]

Whose = tuple[str, str]
"""Customer and job."""

AT_ONCE = 500
"""Rows asked for in one statement: SQLite and PostgreSQL take some 32,000 values."""


def distinct(rows: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Return the last row of each key, in the order of the keys: two writers then wait for each other in no circle."""
    found = {_key(row, names): row for row in rows}
    return [found[whose] for whose in sorted(found)]


def merged(rows: Iterable[Row], names: Sequence[str], *, stays: tuple[str, object]) -> list[Row]:
    """Return one row for each key, in the order of the keys, of all that was seen of it; the later sight counts.

    One statement may not touch the same row twice. `stays` is a field and the value that no later sight takes away.
    """
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        whose = _key(row, names)
        found[whose] = row if whose not in found else _both(found[whose], row, stays)
    return [found[whose] for whose in sorted(found)]


def _both(one: Row, other: Row, stays: tuple[str, object]) -> Row:
    older, newer = (one, other) if one["last_seen"] <= other["last_seen"] else (other, one)
    both = {name: older[name] if value is None else value for name, value in newer.items()}
    name, lasting = stays
    if older.get(name) == lasting:
        both[name] = lasting
    return both | {"first_seen": min(one["first_seen"], other["first_seen"])}


def _key(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    # As the primary key is kept.
    return tuple(types.key(row[name]) for name in names)


def of(table: Table) -> Any:
    """Return whose a row is, to be compared with `keys`."""
    return tuple_(table.c.customer_id, table.c.job_id)


def whose_key(whose: Whose) -> Whose:
    """Return customer and job as they are kept."""
    return types.key(whose[0]), types.key(whose[1])


def keys(asked: Sequence[Whose]) -> list[Whose]:
    """Return each of those who are asked for once, as they are kept."""
    return sorted({whose_key(each) for each in asked})
