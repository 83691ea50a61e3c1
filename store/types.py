"""How values are kept: text and ids that no input can break, and instants that both databases order alike."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

Clock = Callable[[], datetime]
"""The present moment, with a time zone."""

LONGEST_KEY = 400
"""Bytes of an id that are kept as they are: PostgreSQL takes 2,704 into an index, and ours have up to five ids."""

LONGEST_TEXT = 100_000

# PostgreSQL refuses U+0000, UTF-8 refuses half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def storable(text: str) -> str:
    """Return the text with what no database takes replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def key(text: str) -> str:
    """Return an id as it is kept: a long one is cut, and told from others by its digest."""
    kept = storable(text)
    if kept == text and len(kept.encode()) <= LONGEST_KEY:
        return kept
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kept[:80]}…{digest}"


class Key(TypeDecorator[str]):
    """An id from outside, of any length and content."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Cut what is too long for an index."""
        return None if value is None else key(value)


class Words(TypeDecorator[str]):
    """Text from outside, of any length and content."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored; cut what no one would read."""
        return None if value is None else storable(value)[:LONGEST_TEXT]


class Instant(TypeDecorator[datetime]):
    """A moment, kept in UTC: SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment for the store needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Number = BigInteger().with_variant(Integer, "sqlite")
"""A row's own number: SQLite counts up by itself only for `INTEGER`."""
