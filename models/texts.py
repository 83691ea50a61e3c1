"""Texts in one form, so that spellings of the same thing compare as equal."""

import html
import re
import unicodedata

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#|!~&]")


_LINKEDIN = re.compile(r"https://(?:[a-z0-9-]{1,40}\.){0,3}linkedin\.com/[A-Za-z0-9/._~%?=&+:,-]{0,400}")


def words(text: str) -> str:
    """Return a short text with Unicode, entities and spaces in one form; its case stays."""
    return " ".join(unicodedata.normalize("NFKC", html.unescape(text)).split())


def folded(text: str) -> str:
    """Return a short text in one form, its case too."""
    return words(text).casefold()


def title_of(text: str | None, limit: int) -> str | None:
    """Return a job's title in one line and in as many UTF-8 bytes as may be shown; None where nothing is left of it."""
    plain = words((text or "").encode(errors="replace").decode())
    return clipped(plain, limit) or None


def as_markdown(text: str) -> str:
    """Return a text from outside in one line, so that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def clipped(text: str, limit: int = 300) -> str:
    """Cut a text to so many UTF-8 bytes, and show that it was cut."""
    encoded = text.encode(errors="replace")
    return text if len(encoded) <= limit else f"{encoded[: limit - 3].decode(errors='ignore')}…"


def linkedin_page(value: object) -> str | None:
    """Return the address of a page at LinkedIn that people may be led to; None for anything else."""
    return value if isinstance(value, str) and _LINKEDIN.fullmatch(value) else None
