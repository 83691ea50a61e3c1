"""Who sends as iCIMS, and for which customers (docs/providers/icims.md, Authentication of events). Pure."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime

from config.customers import Customer
from webhook_gateway.icims.signature import SCHEME, secrets_of, signers
from webhook_gateway.icims.tokens import TokenIssuer, read_basic
from webhook_gateway.requests import SignedRequest, Unauthorized, only_header, same_text


def covered_customers(
    request: SignedRequest, customers: Sequence[Customer], *, now: datetime, tokens: TokenIssuer | None
) -> frozenset[str]:
    """Return the ids of the customers that a request may speak for; without an issuer no bearer token is good.

    A customer accepts only the way that is configured for it: one without webhook authentication is covered
    only by a request that brings none. Every customer's secrets are compared, in constant time, whichever
    matches: the time tells nothing.
    Raises Unauthorized where that is nobody; BadRequest where a correctly signed body cannot be decompressed.
    """
    header = only_header(request.headers, "authorization")
    if header is None:
        return _those(customers, "none", lambda _: True, "the Authorization header is missing")
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "basic":
            return _by_password(rest, customers)
        case "bearer":
            return _by_token(rest.strip(), customers, tokens, now)
        case _ if scheme.lower() == SCHEME:
            return signers(request, rest, customers, now)
    raise Unauthorized(f"the Authorization scheme must be Basic, Bearer or {SCHEME}")


def guesser(address: str | None, user: str, customers: Sequence[Customer]) -> str:
    """Name who has to wait after wrong passwords: an address, and the configured user that it claims to be.

    Behind a proxy all share an address; whoever guesses one customer's password must not hold up another's events.
    Users that nobody has are one.
    """
    known = any(same_text(user, each.icims.webhook_user) for each in customers)
    return f"{address or 'local'} {user if known else ''}"


def user_of(authorization: str) -> str:
    """Return the user that Basic credentials claim; an empty one where they cannot be read."""
    try:
        return read_basic(authorization.partition(" ")[2])[0].decode("utf-8", "replace")
    except Unauthorized:
        return ""


def _by_password(encoded: str, customers: Sequence[Customer]) -> frozenset[str]:
    user, password = read_basic(encoded)

    def matches(customer: Customer) -> bool:
        same = False
        for secret in secrets_of(customer):
            for spelling in _spellings(secret.decode()):
                same |= hmac.compare_digest(password, spelling)
        known = False
        for spelling in _spellings(customer.icims.webhook_user or ""):
            known |= hmac.compare_digest(user, spelling)
        return same & known

    return _those(customers, "basic", matches, "the user or the password is wrong")


def _by_token(token: str, customers: Sequence[Customer], tokens: TokenIssuer | None, now: datetime) -> frozenset[str]:
    if tokens is None:
        raise Unauthorized("bearer tokens are not accepted")
    client_id = tokens.client_of(token, now)

    def matches(customer: Customer) -> bool:
        return same_text(client_id, customer.icims.webhook_user)

    return _those(customers, "oauth", matches, "the bearer token's client is not known")


def _those(
    customers: Sequence[Customer], mode: str, matches: Callable[[Customer], bool], otherwise: str
) -> frozenset[str]:
    # A list first, so that each customer is compared.
    found = frozenset([each.id for each in customers if each.icims.webhook_auth == mode and matches(each)])
    if not found:
        raise Unauthorized(otherwise)
    return found


def _spellings(text: str) -> tuple[bytes, ...]:
    # RFC 7617, 2.1: no charset is agreed on, and iCIMS names none.
    if text.isascii():
        return (text.encode(),)
    try:
        return (text.encode(), text.encode("iso-8859-1"))
    except UnicodeEncodeError:
        return (text.encode(),)
