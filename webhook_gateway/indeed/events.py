"""Indeed's job events: who signed them, and what they say (contracts/indeed.md, section 6). Pure.

Indeed documents neither header nor algorithm for job webhooks, so each customer's are configured. Its pages show two
forms of the event; both are taken. An event tells that a job changed, never what: it is a hint to read the job.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.customers import Customer
from webhook_gateway.body import BadRequest
from webhook_gateway.requests import Unauthorized, only_header

LEGACY, CLOUD_EVENT = "job.updated", "com.indeed.partner.jobs.lifecycle_event.v1"

# The sample's id is no valid IRI, so nothing is asked of it but that it can be searched for: printable ASCII without
# quotes and backslashes.
_JOB_ID = re.compile(r"[!#-&(-\[\]-~]{1,512}")
_EVENT_ID_LIMIT = 512
_SPELLINGS = ("iri://apis.indeed.com/EmployerJob/", "urn:indeed:employerjob:")


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job changed at Indeed."""

    kind: str
    employer_job_id: str
    ids: tuple[str, ...] = ()
    """What tells a repeat: the event's id and its idempotency key."""


def signed_for(headers: Mapping[str, str], body: bytes, customers: Sequence[Customer]) -> frozenset[str]:
    """Return the ids of the customers whose secret signed an event; one without a secret is never among them.

    Raises Unauthorized where that is nobody.
    """
    # A list first, so that each customer is compared.
    found = frozenset([each.id for each in customers if _signed(each, headers, body)])
    if not found:
        raise Unauthorized("the signature is missing or wrong")
    return found


def read_event(payload: dict[str, Any]) -> JobEvent | None:
    """Read an event in either form; None for a type that this version does not know.

    Raises BadRequest (400) that names the field.
    """
    if "specversion" in payload or "type" in payload:
        if _word(payload, "type") != CLOUD_EVENT:
            return None
        data = payload.get("data")
        job_id = _job_id(data.get("employerJobId") if isinstance(data, dict) else None, "data.employerJobId")
        ids = (payload.get("id"), payload.get("idempotencykey"))
        return JobEvent(
            "lifecycle_event",
            job_id,
            tuple(each for each in ids if isinstance(each, str) and each and len(each) <= _EVENT_ID_LIMIT),
        )
    if _word(payload, "eventType") != LEGACY:
        return None
    return JobEvent(LEGACY, _job_id(payload.get("jobIri"), "jobIri"))


def spellings(employer_job_id: str) -> tuple[str, ...]:
    """Return every id under which the same job may be known: Indeed's guide spells its IRIs in two ways."""
    try:
        plain = base64.b64decode(employer_job_id, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return (employer_job_id,)
    for each in _SPELLINGS:
        if plain.startswith(each):
            key = plain.removeprefix(each)
            others = (base64.b64encode(f"{other}{key}".encode()).decode() for other in _SPELLINGS)
            return tuple(dict.fromkeys((employer_job_id, *others)))
    return (employer_job_id,)


def _signed(customer: Customer, headers: Mapping[str, str], body: bytes) -> bool:
    settings = customer.indeed
    if settings is None or settings.webhook_secret is None:
        return False
    header = only_header(headers, settings.webhook_signature_header.lower())
    if header is None:
        return False
    algorithm = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}[settings.webhook_signature_algorithm]
    digest = hmac.digest(settings.webhook_secret.get_secret_value().encode(), body, algorithm)
    stated = header.strip().encode("utf-8", "surrogatepass")
    if settings.webhook_signature_encoding == "hex":
        return hmac.compare_digest(digest.hex().encode(), stated.lower())
    return hmac.compare_digest(base64.b64encode(digest), stated)


def _word(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str):
        raise BadRequest(400, f"{name} is missing or not a string")
    return value


def _job_id(value: object, name: str) -> str:
    if not isinstance(value, str) or _JOB_ID.fullmatch(value) is None:
        raise BadRequest(400, f"{name} is missing or not an id of 1 to 512 printable characters")
    return value
