"""Texts in one form, so that spellings of the same thing compare as equal."""

import html
import unicodedata


def words(text: str) -> str:
    """Return a short text with Unicode, entities and spaces in one form; its case stays."""
    return " ".join(unicodedata.normalize("NFKC", html.unescape(text)).split())


def folded(text: str) -> str:
    """Return a short text in one form, its case too."""
    return words(text).casefold()


def clipped(text: str, limit: int = 300) -> str:
    """Cut a text to so many UTF-8 bytes, and show that it was cut."""
    encoded = text.encode(errors="replace")
    return text if len(encoded) <= limit else f"{encoded[: limit - 3].decode(errors='ignore')}…"
