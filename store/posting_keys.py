"""The one spelling by which a posting is looked up, however its board spells it."""

import base64
import re

_URN = re.compile(r"(?:urn:indeed:employerjob:|iri://apis\.indeed\.com/employerjob/)([0-9a-f-]{36})", re.IGNORECASE)


def posting_key(posting_id: str) -> str:
    """Return a posting's id in the one spelling that is looked up.

    Indeed names an EmployerJob as `iri://apis.indeed.com/EmployerJob/<uuid>` and as `urn:indeed:employerjob:<uuid>`,
    either as it is or in base64; other ids are their own key.
    """
    text = posting_id.strip()
    for spelling in (text, _decoded(text)):
        found = _URN.fullmatch(spelling)
        if found:
            return f"indeed:{found[1].lower()}"
    return text


def _decoded(text: str) -> str:
    if not text.startswith(("aXJp", "dXJu")) or len(text) > 400:  # base64 of "iri" and "urn"
        return ""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("ascii")
    except ValueError:
        return ""
