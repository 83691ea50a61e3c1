"""OAuth 2.0 by client credentials or refresh token, as pure functions (RFC 6749)."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from clients.errors import ErrorRow, ProviderError, classify, unreadable
from clients.http import Request, Response
from models.problems import Category

REFRESH = "refresh_token"
FETCH = "token"
"""The operation of fetching a token."""
DEFAULT_LIFE = 300.0
"""Seconds that a token is taken to live where its reply does not say."""

_AGAIN = (
    "Boardsync tries again by itself. If it lasts, check token_url in the configuration and the provider's status page."
)
_MEND = "in the configuration; then send the signal `retry`."

# The codes are those of RFC 6749, 5.2, which all three providers follow; of any other answer time may tell better.
TOKEN_ERRORS = (
    ErrorRow(
        status=429,
        category=Category.RATE_LIMITED,
        reason="The token endpoint refuses further requests for now.",
        remedy="Boardsync waits and tries again.",
    ),
    ErrorRow(
        status=range(500, 600),
        category=Category.TEMPORARY,
        reason="The token endpoint failed.",
        remedy=_AGAIN,
    ),
    ErrorRow(
        status=range(400, 500),
        code="invalid_grant",
        category=Category.CREDENTIALS,
        reason="The refresh token is no longer valid: it has expired, was revoked, or was replaced by a newer one.",
        remedy="Sign in at the provider again, put the new refresh_token of this customer into the configuration; "
        "then send the signal `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        status=range(400, 500),
        code="invalid_client",
        category=Category.CREDENTIALS,
        reason="The client id and secret were refused.",
        remedy=f"Correct client_id and client_secret of this customer {_MEND}",
        cause="credentials",
    ),
    ErrorRow(
        status=range(400, 500),
        code="unauthorized_client",
        category=Category.CREDENTIALS,
        reason="The client may not have a token in this way.",
        remedy="Have the provider allow the application this kind of token, or correct the customer's client_id "
        f"{_MEND}",
        cause="credentials",
    ),
    ErrorRow(
        status=range(400, 500),
        code="access_denied",
        category=Category.CREDENTIALS,
        reason="The provider does not give this client a token for its API.",
        remedy="Have the provider enable its API for the application, then send the signal `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        status=range(400, 500),
        code="invalid_scope",
        category=Category.CONFIGURATION,
        reason="The client may not have a token for what Boardsync needs.",
        remedy="Have the provider enable the scopes for the application, then send the signal `retry`.",
        cause="scope",
    ),
    ErrorRow(
        status=range(400, 500),
        code="unsupported_grant_type",
        category=Category.CONFIGURATION,
        reason="The token endpoint does not give tokens in this way.",
        remedy=f"Correct token_url {_MEND}",
        cause="token_url",
    ),
    ErrorRow(
        status=range(400, 500),
        code="invalid_request",
        category=Category.CONFIGURATION,
        reason="The token endpoint finds the request malformed.",
        remedy=f"Check that token_url, client_id and client_secret are whole {_MEND}",
        cause="token_url",
    ),
    ErrorRow(
        category=Category.UNEXPECTED,
        reason="The token endpoint gave no token, for a reason that no provider documents.",
        remedy=_AGAIN,
    ),
)
_KNOWN_CODES = frozenset(row.code for row in TOKEN_ERRORS if row.code) | {"temporarily_unavailable", "server_error"}


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and its life in seconds."""

    value: str = field(repr=False)
    expires_in: float
    refresh_token: str | None = field(default=None, repr=False)
    """What to ask the next token with, where the provider gave a new one."""


def token_request(url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> Request:
    """Build a client-credentials request; `basic` sends id and secret in the header, not in the form."""
    headers = {"Accept": "application/json"}
    if basic is not None:
        joined = base64.b64encode(":".join(basic).encode()).decode()
        headers["Authorization"] = f"Basic {joined}"
    body = {"grant_type": "client_credentials", **form}
    return Request(operation=FETCH, method="POST", url=url, headers=headers, form=body)


def refresh_request(url: str, form: Mapping[str, str], refresh_token: str) -> Request:
    """Build a request for a token on behalf of a user who signed in once (RFC 6749, 6)."""
    return token_request(url, {**form, "grant_type": REFRESH, "refresh_token": refresh_token})


def read_token(response: Response, *, provider: str) -> Token:
    """Read a token reply (RFC 6749, 5.1 and 5.2).

    Raises ProviderError; the reply's own words are not kept, as they may hold a token.
    """
    if response.status != 200:
        raise _refusal(response, provider)
    try:
        reply = response.json()
    except ValueError:
        raise unreadable(provider, FETCH, "a token reply that is not JSON") from None
    value = reply.get("access_token") if isinstance(reply, dict) else None
    if value is None:
        raise unreadable(provider, FETCH, "a token reply without access_token")
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise unreadable(provider, FETCH, "an access_token that is not a printable string")
    renewed = reply.get("refresh_token")
    return Token(value, _life(reply.get("expires_in")), renewed if isinstance(renewed, str) and renewed else None)


def _life(value: object) -> float:
    """Return the seconds that a token lives; RFC 6749, 5.1, leaves them to be known where the reply does not say."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return DEFAULT_LIFE
    return seconds if math.isfinite(seconds) and seconds > 0 else DEFAULT_LIFE


def _refusal(response: Response, provider: str) -> ProviderError:
    try:
        reply = response.json()
    except ValueError:
        reply = None
    code = reply.get("error") if isinstance(reply, dict) else None
    known = code if isinstance(code, str) and code in _KNOWN_CODES else ""
    return classify(
        TOKEN_ERRORS,
        provider=provider,
        operation=FETCH,
        status=response.status,
        code=known,
        text=f"HTTP {response.status} {known}".strip(),
        retry_after=response.retry_after,
        own_form=isinstance(code, str),
    )
