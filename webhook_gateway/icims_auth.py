"""Who sends as iCIMS, and for which customers (contracts/icims.md, 3.1). Pure."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence

from config.customers import Customer


class Unauthorized(Exception):  # noqa: N818 -- named as HTTP names it
    """The credentials are missing or wrong."""


def covered_customers(headers: Mapping[str, str], customers: Sequence[Customer]) -> frozenset[str]:
    """Give the ids of the customers that a request may speak for.

    Every customer's secret is compared, in constant time, whichever matches: the time tells nothing.
    A customer without webhook authentication is covered only by a request that brings none.
    Raises Unauthorized where that is none.
    """
    header = headers.get("Authorization")
    if header is None:
        covered = frozenset(each.id for each in customers if each.icims.webhook_auth == "none")
    else:
        user, password = _read_basic(header)
        covered = frozenset([each.id for each in customers if _matches(each, user, password)])
    if not covered:
        raise Unauthorized
    return covered


def _read_basic(header: str) -> tuple[bytes, bytes]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthorized
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError) as error:
        raise Unauthorized from error
    if not colon:
        raise Unauthorized
    return user, password


def _matches(customer: Customer, user: bytes, password: bytes) -> bool:
    settings = customer.icims
    if settings.webhook_auth != "basic" or settings.webhook_user is None or settings.webhook_secret is None:
        return False
    same_user = hmac.compare_digest(user, settings.webhook_user.encode())
    same_password = hmac.compare_digest(password, settings.webhook_secret.get_secret_value().encode())
    return same_user & same_password
