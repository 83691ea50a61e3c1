"""iCIMS's HMAC signatures (docs/providers/icims.md, HMAC). Pure.

iCIMS publishes the form of the header; how the signed text is built is known from a public client only:

    METHOD, path, query, `name:value` of each signed header sorted, an empty line, the names joined by `;`

The body is covered by the signed `x-icims-content-sha256`.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.customers import Customer
from webhook_gateway.body import decode
from webhook_gateway.requests import SignedRequest, Unauthorized, as_bytes, only_header, same_text

SCHEME = "x-icims-v1-hmac-sha256"
DATE, CONTENT_HASH = "x-icims-date", "x-icims-content-sha256"
MAX_SKEW = timedelta(minutes=15)
"""Either way. iCIMS names no limit; this one bounds how long a recorded request can be sent again."""
HEADER_LIMIT = 2048
SIGNED_HEADERS_LIMIT = 32
SEPARATORS = (":", ": ")
"""Between name and value: one revision of the public client writes a space, and iCIMS's text is not public."""

_PARTS = {
    "user": re.compile(r"[^,]{1,256}"),
    "signedheaders": re.compile(r"[a-z0-9-]{1,64}(?:;[a-z0-9-]{1,64})*"),
    "signature": re.compile(r"[0-9a-f]{64}", re.IGNORECASE),
}
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What an Authorization header of this scheme says."""

    user: str
    signed_headers: tuple[str, ...]
    hexdigest: str


def secrets_of(customer: Customer) -> tuple[bytes, ...]:
    """Return the secrets that a customer's iCIMS may use: the present one and, while it is changed, the previous."""
    settings = customer.icims
    both = (settings.webhook_secret, settings.webhook_previous_secret)
    return tuple(secret.get_secret_value().encode() for secret in both if secret is not None)


def signers(request: SignedRequest, parameters: str, customers: Sequence[Customer], now: datetime) -> frozenset[str]:
    """Return the ids of the customers whose secret signed a request; `parameters` follow the scheme.

    The signature is verified before the body is looked at, and the body is decompressed only if it must be.
    Raises Unauthorized, and BadRequest where a body that was signed for cannot be decompressed.
    """
    signature = read_signature(parameters)
    if request.body and CONTENT_HASH not in signature.signed_headers:
        raise Unauthorized(f"signedheaders must include {CONTENT_HASH}")
    texts = [text_to_sign(request, signature.signed_headers, separator) for separator in SEPARATORS]
    _check_date(request, now)
    found = frozenset([each.id for each in customers if _signed(each, signature, texts)])
    if not found:
        raise Unauthorized("the signature or its user is wrong")
    _check_body(request)
    return found


def read_signature(parameters: str) -> Signature:
    """Read `user=…,signedheaders=a;b,signature=…`, in any order.

    Raises Unauthorized.
    """
    if len(parameters) > HEADER_LIMIT:
        raise Unauthorized("the Authorization header is too long")
    parts: dict[str, str] = {}
    for part in parameters.split(","):
        name, _, value = part.strip(" \t").partition("=")
        if name in parts:
            raise Unauthorized(f"the Authorization header names {name} twice")
        if name not in _PARTS or _PARTS[name].fullmatch(value) is None:
            raise Unauthorized("the Authorization header cannot be read")
        parts[name] = value
    if len(parts) != len(_PARTS):
        raise Unauthorized("the Authorization header lacks user, signedheaders or signature")
    names = tuple(parts["signedheaders"].split(";"))
    if len(names) > SIGNED_HEADERS_LIMIT or len(set(names)) != len(names):
        raise Unauthorized("signedheaders names a header twice, or too many")
    if DATE not in names:
        raise Unauthorized(f"signedheaders must include {DATE}")
    return Signature(parts["user"], names, parts["signature"].lower())


def text_to_sign(request: SignedRequest, names: Sequence[str], separator: str) -> bytes:
    """Build what the signature covers.

    Raises Unauthorized where a signed header is missing.
    """
    values = {name: _value(request.headers, name) for name in names}
    lines = sorted(f"{name}{separator}{value}" for name, value in values.items())
    canonical = "\n".join([request.method, request.path, request.query_string, *lines, "", ";".join(names)])
    return as_bytes("\n".join([SCHEME, values[DATE], hashlib.sha256(as_bytes(canonical)).hexdigest()]))


def _value(headers: Mapping[str, str], name: str) -> str:
    value = only_header(headers, name)
    if value is None:
        raise Unauthorized(f"the signed header {name} is missing")
    if "\n" in value:  # no server lets it through; here it would shift what is signed
        raise Unauthorized(f"the signed header {name} cannot be read")
    return value.strip(" \t")


def _signed(customer: Customer, signature: Signature, texts: Sequence[bytes]) -> bool:
    if customer.icims.webhook_auth != "hmac":
        return False
    # The user is claimed, and no secret: it bounds what a request of nobody costs.
    if not same_text(signature.user, customer.icims.webhook_user):
        return False
    matches = False
    for secret in secrets_of(customer):
        for text in texts:
            expected = hmac.digest(secret, text, hashlib.sha256).hex()
            matches |= hmac.compare_digest(expected, signature.hexdigest)
    return matches


def _check_date(request: SignedRequest, now: datetime) -> None:
    value = _value(request.headers, DATE)
    if _DATE.fullmatch(value) is None:
        raise Unauthorized(f"{DATE} cannot be read")
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unauthorized(f"{DATE} is no date") from error
    if abs(now - at) > MAX_SKEW:
        raise Unauthorized(f"{DATE} is more than {MAX_SKEW // timedelta(minutes=1)} minutes off")


def _check_body(request: SignedRequest) -> None:
    stated = only_header(request.headers, CONTENT_HASH)
    if stated is None:
        return  # only where there is no body: with one, the header had to be signed
    # Recorded over a plain body; whether a compressed one is hashed before or after gzip is not known.
    if not _hash_is(stated, request.body) and not _hash_is(stated, decode(request.body, request.headers)):
        raise Unauthorized(f"{CONTENT_HASH} is not the hash of the body")


def _hash_is(stated: str, body: bytes) -> bool:
    return same_text(stated.strip(" \t").lower(), hashlib.sha256(body).hexdigest())
