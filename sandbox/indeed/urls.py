"""A URL as Indeed may show it: as it came, with unsafe characters percent-encoded, or in one normal form."""

from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

UrlShape = Literal["as_sent", "encoded", "normalised"]

_SAFE = ":/?#[]@!$&'()*+,;=%~-._"
"""Reserved and unreserved characters, and what is encoded already (RFC 3986, section 2)."""


def shown(url: str, shape: UrlShape) -> str:
    """Return the URL in that shape."""
    if shape == "as_sent":
        return url
    encoded = quote(url, safe=_SAFE)
    return encoded if shape == "encoded" else _normalised(encoded)


def _normalised(url: str) -> str:
    """Return the URL with a lower-case host, a path, and every reserved character of a query value encoded."""
    parts = urlsplit(url)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True), quote_via=quote, safe="")
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, parts.fragment))
