"""Indeed's resource identifiers: base64 on the wire, in two spellings."""

import base64
import binascii
from typing import Literal

Spelling = Literal["iri", "urn"]

_PREFIXES: dict[Spelling, dict[str, str]] = {
    "iri": {
        "EmployerJob": "iri://apis.indeed.com/EmployerJob/",
        "JobPost": "iri://apis.indeed.com/JobPost/",
    },
    "urn": {"EmployerJob": "urn:indeed:employerjob:", "JobPost": "urn:indeed:jobpost:"},
}


def encode(kind: str, key: str, spelling: Spelling) -> str:
    """Return the id of an entity as it goes over the wire."""
    return base64.b64encode(f"{_PREFIXES[spelling][kind]}{key}".encode()).decode()


def decode(kind: str, iri: str) -> str | None:
    """Return the entity's key, whichever the spelling, or None when the id is of no or another kind."""
    try:
        text = base64.b64decode(iri, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    for prefixes in _PREFIXES.values():
        if text.startswith(prefixes[kind]):
            return text.removeprefix(prefixes[kind])
    return None
