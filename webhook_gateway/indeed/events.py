"""Indeed's job events: who signed them, and what they say (docs/providers/indeed.md, Webhooks). Pure.

Indeed documents neither header nor algorithm for job webhooks, so each customer's are configured. Its pages show two
forms of the event; both are taken. An event tells that a job changed, never what: it is a hint to read the job.
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.customers import Customer
from webhook_gateway.payload import digits
from webhook_gateway.payload import field as value_of
from webhook_gateway.requests import BadRequest, Fault, Unauthorized, only_header

LEGACY, CLOUD_EVENT = "job.updated", "com.indeed.partner.jobs.lifecycle_event.v1"

# The sample's id is no valid IRI, so nothing is asked of it but that it can be searched for: printable ASCII without
# quotes and backslashes.
_JOB_ID = re.compile(r"[!#-&(-\[\]-~]{1,512}")
_EVENT_ID_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Signing:
    """How a customer's events are signed; customers may share one."""

    secret: str = field(repr=False)
    header: str
    algorithm: str
    encoding: str


@dataclass(frozen=True, slots=True)
class JobLifecycleEvent:
    """A job changed at Indeed."""

    kind: str
    employer_job_id: str
    ids: tuple[str, ...] = ()
    """What tells a repeat: the event's id and its idempotency key."""


def signed_for(headers: Mapping[str, str], body: bytes, customers: Sequence[Customer]) -> frozenset[str]:
    """Return the ids of the customers whose secret signed an event; one without a secret is never among them.

    An event names no customer, so every secret is compared, each once. Raises Unauthorized where that is nobody.
    """
    users: dict[Signing, list[str]] = {}
    for customer in customers:
        for signing in _signings(customer):
            users.setdefault(signing, []).append(customer.id)
    stated = {name: only_header(headers, name) for name in {each.header for each in users}}
    # A list first, so that each secret is compared.
    found = [ids for each, ids in users.items() if _signed(each, stated[each.header], body)]
    if not found:
        raise Unauthorized("the signature is missing or wrong")
    return frozenset(id_ for ids in found for id_ in ids)


def read_event(payload: dict[str, Any]) -> JobLifecycleEvent | None:
    """Read an event in either form; None for a type that this version does not know.

    Raises BadRequest (400) that names the field.
    """
    if _given(payload, "specversion") or _given(payload, "type"):
        if _word(payload, "type").lower() != CLOUD_EVENT:
            return None
        data = value_of(payload, "data")
        job_id = _job_id(value_of(data, "employerJobId") if isinstance(data, dict) else None, "data.employerJobId")
        ids = (_event_id(value_of(payload, "id")), _event_id(value_of(payload, "idempotencykey")))
        return JobLifecycleEvent("lifecycle_event", job_id, tuple(each for each in ids if each is not None))
    if _word(payload, "eventType").lower() != LEGACY:
        return None
    return JobLifecycleEvent(LEGACY, _job_id(value_of(payload, "jobIri"), "jobIri"))


def looks_like_an_event(body: bytes) -> bool:
    """Return whether a body that nobody signed may be an event all the same, and the secret the wrong one."""
    return b'"jobIri"' in body or b'"employerJobId"' in body


def _signings(customer: Customer) -> frozenset[Signing]:
    """Return how a customer's events may be signed: each of its applications has a secret of its own."""
    if (settings := customer.indeed) is None:
        return frozenset()
    secrets = (settings.webhook_secret, *(each.webhook_secret for each in settings.rules))
    return frozenset(
        Signing(
            secret=each.get_secret_value(),
            header=settings.webhook_signature_header.lower(),
            algorithm=settings.webhook_signature_algorithm,
            encoding=settings.webhook_signature_encoding,
        )
        for each in secrets
        if each is not None
    )


def _signed(signing: Signing, header: str | None, body: bytes) -> bool:
    if header is None:
        return False
    digest = hmac.digest(signing.secret.encode(), body, signing.algorithm)
    stated = header.strip().encode("utf-8", "surrogatepass")
    if signing.encoding == "hex":
        return hmac.compare_digest(digest.hex().encode(), stated.lower())
    return hmac.compare_digest(base64.b64encode(digest), stated)


def _given(payload: Mapping[str, Any], name: str) -> bool:
    return value_of(payload, name) is not None


def _event_id(value: object) -> str | None:
    text = digits(value) or (value if isinstance(value, str) else "")
    return text if 0 < len(text) <= _EVENT_ID_LIMIT else None


def _word(payload: Mapping[str, Any], name: str) -> str:
    value = value_of(payload, name)
    if not isinstance(value, str):
        raise BadRequest(Fault.EVENT_TYPE, f"{name} is missing or not a string")
    return value.strip()


def _job_id(value: object, name: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if _JOB_ID.fullmatch(text) is None:
        raise BadRequest(Fault.FIELD, f"{name} is missing or not an id of 1 to 512 printable characters")
    return text
