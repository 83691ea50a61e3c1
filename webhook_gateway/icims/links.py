"""The links that come with an event: checked against it, never followed (contracts/icims.md, 1.1). Pure.

iCIMS's `Link` header is not RFC 8288: no `<…>`, entries joined by commas, and a comma at the end.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webhook_gateway.body import BadRequest

HEADER_LIMIT = 8192
LINKS_LIMIT = 50

_PROFILES = (
    "jobs|people|companies|newhirecategories|talentpools|rooms|connectevents"
    "|applicantworkflows|sourceworkflows|onboardworkflows|connecteventworkflows"
)
_CUSTOMER = re.compile(r"/customers/([0-9]+)(?=/|\Z)", re.IGNORECASE)
_PROFILE = re.compile(rf"/(?:{_PROFILES})/([0-9]+)/?", re.IGNORECASE)
_TOKEN = re.compile(r'\\.|["\\,]', re.DOTALL)
_NEXT_LINK = re.compile(r"\s*(?:<?https?://|\Z)", re.IGNORECASE)
_PARAMETER = re.compile(r';\s{0,8}([A-Za-z]{1,32})\s{0,8}=\s{0,8}(?:"((?:[^"\\]|\\.)*)"|([^;"]*))', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Link:
    """What a URL is to the event."""

    rel: str
    url: str


def check_links(header: str | None, body_links: object, *, customer_id: str, ids: Mapping[str, str]) -> None:
    """Check every link of an event; `ids` gives, by rel in lower case, the id that the event names.

    Links that cannot be read, or whose kind is not known, are passed over; hosts do not matter.
    Raises BadRequest (400) that names the rel of a link to another customer or profile.
    """
    for link in [*read_link_header(header or ""), *read_body_links(body_links)]:
        path = _path(link.url)
        if any(found != customer_id for found in _CUSTOMER.findall(path)):
            raise BadRequest(400, f"the link {_shown(link.rel)} is of another customerId than the event")
        expected, tail = ids.get(link.rel.lower()), "/" + "/".join(path.rstrip("/").split("/")[-2:])
        profile = _PROFILE.fullmatch(tail)
        if expected is not None and profile is not None and profile[1] != expected:
            raise BadRequest(400, f"the link {_shown(link.rel)} names another id than the event")


def read_link_header(header: str) -> list[Link]:
    """Read a `Link` header in iCIMS's form; titles may hold commas, entries without a rel are passed over.

    Raises BadRequest (400) where it is too long.
    """
    if len(header) > HEADER_LIMIT:
        raise BadRequest(400, f"the Link header is longer than {HEADER_LIMIT} characters")
    entries = [entry for entry in _entries(header) if entry.strip()]
    if len(entries) > LINKS_LIMIT:
        raise BadRequest(400, f"the Link header has more than {LINKS_LIMIT} links")
    return [link for link in map(_read_entry, entries) if link is not None]


def read_body_links(value: object) -> list[Link]:
    """Read the `links` of a body; whatever is no link is passed over.

    Raises BadRequest (400) where there are too many.
    """
    if not isinstance(value, list):
        return []
    if len(value) > LINKS_LIMIT:
        raise BadRequest(400, f"links has more than {LINKS_LIMIT} entries")
    return [link for link in map(_read_item, value) if link is not None]


def _entries(header: str) -> Iterator[str]:
    # A comma ends an entry only outside quotes and before the next URL or the end: it may stand in a URL, too.
    start, quoted = 0, False
    for token in _TOKEN.finditer(header):
        if token[0] == '"':
            quoted = not quoted
        elif token[0] == "," and not quoted and _NEXT_LINK.match(header, token.end()):
            yield header[start : token.start()]
            start = token.end()
    yield header[start:]


def _read_entry(entry: str) -> Link | None:
    url, semicolon, rest = entry.partition(";")
    for name, quoted, plain in _PARAMETER.findall(semicolon + rest):
        if name.lower() == "rel":
            return Link(rel=str(quoted or plain).strip(), url=url.strip(" \t<>"))
    return None


def _read_item(item: Any) -> Link | None:
    match item:
        case {"rel": str(rel), "url": str(url)} if len(url) <= HEADER_LIMIT:
            return Link(rel=rel.strip(), url=url)
    return None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _shown(rel: str) -> str:
    # What was sent is repeated only where it is a plain word.
    return f'"{rel}"' if re.fullmatch(r"[A-Za-z]{1,32}", rel) else "of unknown rel"
