r"""LinkedIn's applications: who may validate this endpoint, and who signed a notification. Pure.

docs/providers/linkedin.md, Webhook validation and Signature. LinkedIn's pages disagree on what is signed: `hmacsha256=`
and the raw body, or the body with every character outside ASCII escaped as `\uXXXX`. Both are taken; for an ASCII body
they are the same.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring_ascii

from config.customers import Customer
from config.settings import LinkedInParent, Settings
from models.states import BoardName
from webhook_gateway.requests import BadRequest, Fault, Unauthorized, only_header

SIGNATURE = "x-li-signature"
PREFIX = "hmacsha256="
SMALL = 8 * 1024
"""Bytes that may be compared with every application's secrets."""
ESCAPED_LIMIT = 64 * 1024
"""Bytes of a body whose escaped forms are compared, too: a notification is a few hundred."""
CLAIMS_LIMIT = 4
"""Applications that a body may name: it names one."""

# No "=" and no "{": a challenge is answered with a digest under the very secret that signs notifications, so a
# challenge that reads like a signed text would be a way to have a forged notification signed.
_CHALLENGE = re.compile(r"[A-Za-z0-9._~+/:-]{1,128}")
_DIGEST = re.compile(rf"(?:{PREFIX})?([0-9a-f]{{64}})", re.IGNORECASE)
_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7f]+")
_CLAIM = re.compile(rb'"developerapplicationurn"\s{0,8}:\s{0,8}"?\s{0,8}(?:urn:li:developerapplication:)?([0-9]{1,20})')


@dataclass(frozen=True, slots=True)
class Application:
    """A developer application of LinkedIn."""

    number: str
    client_id: str
    secrets: tuple[str, ...]
    """The present one first; the previous one while it is being rotated."""
    customers: frozenset[str]
    """Ids of the customers for which its signature speaks: its own; of the parent, all."""
    is_parent: bool = False


def applications(settings: Settings) -> tuple[Application, ...]:
    """Return every configured application, the parent first."""
    users = linkedin_customers(settings.customers)
    found = [] if settings.linkedin.parent is None else [_parent(settings.linkedin.parent, users)]
    shared: dict[str, list[Customer]] = {}
    for each in users:
        if each.linkedin is not None:
            shared.setdefault(each.linkedin.application_urn, []).append(each)
    return (*found, *(_child(each) for each in shared.values()))


def linkedin_customers(customers: Sequence[Customer]) -> list[Customer]:
    """Return the customers that use LinkedIn."""
    return [each for each in customers if BoardName.LINKEDIN in each.boards and each.linkedin is not None]


def challenge_response(known: Sequence[Application], code: str, application_id: str | None) -> str | None:
    """Return hex(HMAC-SHA256(code, clientSecret)) with the right application's secret; None where it is unknown.

    Raises BadRequest where the code cannot be one, or no application can be chosen.
    """
    if _CHALLENGE.fullmatch(code) is None:
        raise BadRequest(Fault.FIELD, "challengeCode must be 1 to 128 letters, digits or the characters . _ ~ + / : -")
    if application_id is not None:
        wanted = application_id.rpartition(":")[2]
        chosen = next((each for each in known if wanted in {each.number, each.client_id}), None)
    elif known and (known[0].is_parent or len(known) == 1):
        chosen = known[0]
    elif known:
        raise BadRequest(Fault.FIELD, "applicationId is needed: several applications are configured, and no parent")
    else:
        chosen = None
    return None if chosen is None else hmac.digest(chosen.secrets[0].encode(), code.encode(), hashlib.sha256).hex()


def claimed(body: bytes) -> frozenset[str]:
    """Return the numbers of the applications that a body names: whose secrets are worth comparing."""
    # A pattern that begins with plain text is quick over millions of bytes; one without regard to case is not.
    return frozenset(match[1].decode() for match in islice(_CLAIM.finditer(body.lower()), CLAIMS_LIMIT))


def signers(
    known: Sequence[Application], headers: Mapping[str, str], body: bytes, named: frozenset[str]
) -> frozenset[str]:
    """Return the ids of the customers for which a notification's signature speaks.

    Compared are, in constant time, the secrets of the parent and of the applications that the body names; of all
    only where a small body names none of them: nobody can make the gateway compute more.
    Raises Unauthorized where that is nobody.
    """
    header = only_header(headers, SIGNATURE)
    if header is None:
        raise Unauthorized("X-LI-Signature is missing")
    stated = _DIGEST.fullmatch(header.strip())
    if stated is None:
        raise Unauthorized("X-LI-Signature is not a hexadecimal SHA-256 digest")
    everybody = len(body) <= SMALL and not any(each.number in named for each in known)
    asked = [each for each in known if everybody or each.is_parent or each.number in named]
    texts = signed_texts(body)
    # A list first, so that each application is compared.
    matching = [each.customers for each in asked if _signed(each, texts, stated[1].lower())]
    if not matching:
        raise Unauthorized("X-LI-Signature is wrong")
    return frozenset[str]().union(*matching)


def signed_texts(body: bytes) -> tuple[bytes, ...]:
    """Return every text that LinkedIn may have signed for this body; of a large one, only itself."""
    raw = PREFIX.encode() + body
    if len(body) > ESCAPED_LIMIT or body.isascii():
        return (raw,)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return (raw,)
    lower = _OUTSIDE_ASCII.sub(lambda match: encode_basestring_ascii(match[0])[1:-1], text)
    upper = _OUTSIDE_ASCII.sub(
        lambda match: encode_basestring_ascii(match[0])[1:-1].upper().replace("\\U", "\\u"), text
    )
    return (raw, f"{PREFIX}{lower}".encode(), f"{PREFIX}{upper}".encode())


def _signed(application: Application, texts: Sequence[bytes], stated: str) -> bool:
    same = False
    for secret in application.secrets:
        for text in texts:
            same |= hmac.compare_digest(hmac.digest(secret.encode(), text, hashlib.sha256).hex(), stated)
    return same


def _parent(parent: LinkedInParent, users: Sequence[Customer]) -> Application:
    return Application(
        number=parent.application_urn.rpartition(":")[2],
        client_id=parent.client_id,
        secrets=_secrets(parent.client_secret.get_secret_value(), parent.previous_client_secret.get_secret_value()),
        customers=frozenset(each.id for each in users),
        is_parent=True,
    )


def _child(users: Sequence[Customer]) -> Application:
    settings = [each.linkedin for each in users if each.linkedin is not None]
    present = [each.client_secret.get_secret_value() for each in settings]
    return Application(
        number=settings[0].application_urn.rpartition(":")[2],
        client_id=settings[0].client_id,
        secrets=_secrets(*present, *(each.previous_client_secret.get_secret_value() for each in settings)),
        customers=frozenset(each.id for each in users),
    )


def _secrets(*given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(secret for secret in given if secret))
