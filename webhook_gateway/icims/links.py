"""The links that come with an event: compared with it, never followed (docs/providers/icims.md, Links). Pure.

iCIMS's `Link` header is not RFC 8288: no `<…>`, entries joined by commas, and a comma at the end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webhook_gateway.requests import BadRequest, Fault

_PROFILES = (
    "jobs|people|companies|newhirecategories|talentpools|rooms|connectevents"
    "|applicantworkflows|sourceworkflows|onboardworkflows|connecteventworkflows"
)
_ONBOARDING = {"newhirecategories", "onboardworkflows"}
_RECRUITING = {"job": "jobs", "applicantworkflow": "applicantworkflows"}
_PEOPLE = {"user", "person"}
_CUSTOMER = re.compile(r"/customers/([0-9]+)(?=/|\Z)", re.IGNORECASE)
_PROFILE = re.compile(rf"/({_PROFILES})/([0-9]+)/?", re.IGNORECASE)
_TOKEN = re.compile(r'\\.|["\\,]', re.DOTALL)
_NEXT_LINK = re.compile(r"\s*(?:<?https?://|\Z)", re.IGNORECASE)
_PARAMETER = re.compile(r';\s{0,8}([A-Za-z]{1,32})\s{0,8}=\s{0,8}(?:"((?:[^"\\]|\\.)*)"|([^;"]*))', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Link:
    """What a URL is to the event."""

    rel: str
    url: str

    @property
    def customers(self) -> list[str]:
        """Return the customers that the URL names."""
        return _CUSTOMER.findall(self._path)

    @property
    def profile(self) -> tuple[str, str] | None:
        """Return the kind, in lower case, and the id of the profile that the URL names; None where it is no profile."""
        tail = "/" + "/".join(self._path.rstrip("/").split("/")[-2:])
        found = _PROFILE.fullmatch(tail)
        return (found[1].lower(), found[2]) if found is not None else None

    @property
    def _path(self) -> str:
        try:
            return urlsplit(self.url).path
        except ValueError:
            return ""


def links_of(header: str | None, body_links: object) -> list[Link]:
    """Return every link of an event that can be read."""
    return [*read_link_header(header or ""), *read_body_links(body_links)]


def check_links(links: Sequence[Link], *, customer_id: str, job_id: str | None) -> None:
    """Check that no link names another customer or another job; without a job, jobs are not compared.

    Who acted, and on whom, decides neither; hosts do not matter. Raises BadRequest that names the rel.
    """
    for link in links:
        rel = link.rel.lower()
        if rel not in _PEOPLE and any(found != customer_id for found in link.customers):
            reason = f"the link {_shown(link.rel)} is of another customerId than the event"
            raise BadRequest(Fault.CONTRADICTION, reason)
        named = link.profile
        if rel == "job" and job_id is not None and named is not None and named[0] == "jobs" and named[1] != job_id:
            raise BadRequest(Fault.CONTRADICTION, f"the link {_shown(link.rel)} names another job than the event")


def is_onboarding(links: Sequence[Link]) -> bool:
    """Return whether a status event's links name a new hire's workflow, whose ids may equal a job's.

    See docs/providers/icims.md, Status events.
    """
    named = [(link.rel.lower(), link.profile[0]) for link in links if link.profile is not None]
    if any(rel in _RECRUITING and kind != _RECRUITING[rel] for rel, kind in named):
        return True
    return not any(rel == "job" for rel, _ in named) and any(kind in _ONBOARDING for _, kind in named)


def read_link_header(header: str) -> list[Link]:
    """Read a `Link` header in iCIMS's form; titles may hold commas, entries without a rel are passed over."""
    entries = [entry for entry in _entries(header) if entry.strip()]
    return [link for link in map(_read_entry, entries) if link is not None]


def read_body_links(value: object) -> list[Link]:
    """Read the `links` of a body; whatever is no link is passed over."""
    listed = value if isinstance(value, list) else [value]
    return [link for link in map(_read_item, listed) if link is not None]


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
        case {"rel": str(rel), "url": str(url)}:
            return Link(rel=rel.strip(), url=url)
    return None


def _shown(rel: str) -> str:
    # What was sent is repeated only where it is a plain word.
    return f'"{rel}"' if re.fullmatch(r"[A-Za-z]{1,32}", rel) else "of unknown rel"
