"""OAuth 2.0 for iCIMS's events: client credentials in, short-lived bearer tokens out (docs/providers/icims.md, OAuth).

The partner's side of RFC 6749, sections 4.4 and 5. Pure: the clock comes in as `now`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from config.customers import Customer
from webhook_gateway.icims.signature import secrets_of
from webhook_gateway.requests import Unauthorized, same_text

TOKEN_SECONDS = 900
CLOCK_SKEW = timedelta(seconds=30)
"""Gateways share tokens but not a clock: one of them may see a token before its time."""
TOKEN_LIMIT = 2048
FORM_LIMIT = 8192
_SALT = "boardsync.icims.bearer.v1"
_FORM_ENCODED = re.compile(r"(?:[A-Za-z0-9*._+~-]|%[0-9A-Fa-f]{2})*")

ErrorCode = Literal["invalid_client", "unsupported_grant_type", "invalid_request"]


class TokenRefused(Exception):  # noqa: N818 -- a refusal, told to the client
    """A token request is refused, with a code of RFC 6749."""

    def __init__(self, error: ErrorCode, description: str) -> None:
        """Keep what the client is told."""
        super().__init__(description)
        self.error: ErrorCode = error
        self.description = description


@dataclass(frozen=True, slots=True)
class TokenReply:
    """An answer of the token endpoint; the body is sent as JSON."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, str | int]


class _SignerAt(TimestampSigner):
    """Signs with the time it is given."""

    def __init__(self, secret_key: Any, *, at: datetime, **options: Any) -> None:
        super().__init__(secret_key, **options)
        self._at = int(at.timestamp())

    def get_timestamp(self) -> int:
        return self._at


class TokenIssuer:
    """Issue and read bearer tokens; they carry the client id, nothing is stored."""

    def __init__(self, *secrets: str) -> None:
        """Sign with a key made from the first secret for this purpose only; what another signed is read, too."""
        self._secrets = secrets[::-1]  # as itsdangerous has them: the one to sign with last

    def issue(self, client_id: str, now: datetime) -> tuple[str, int]:
        """Return a token, and the seconds it is good for."""
        return str(self._serializer(now).dumps(client_id)), TOKEN_SECONDS

    def client_of(self, token: str, now: datetime) -> str:
        """Return the client that a token was issued to.

        Raises Unauthorized for one that is expired or not ours.
        """
        if len(token) > TOKEN_LIMIT or not token.isascii():
            raise Unauthorized("the bearer token cannot be read")
        try:
            client_id, issued = self._serializer(now).loads(token, return_timestamp=True)
        except BadData as error:
            raise Unauthorized("the bearer token is not valid") from error
        if not -CLOCK_SKEW <= now - issued <= timedelta(seconds=TOKEN_SECONDS):
            raise Unauthorized("the bearer token has expired")
        if not isinstance(client_id, str):
            raise Unauthorized("the bearer token is not valid")
        return client_id

    def _serializer(self, now: datetime) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            list(self._secrets),
            salt=_SALT,
            signer=_SignerAt,
            signer_kwargs={"at": now, "key_derivation": "hmac", "digest_method": hashlib.sha256},
        )


def read_basic(encoded: str) -> tuple[bytes, bytes]:
    """Read user and password from what follows `Basic`.

    Raises Unauthorized.
    """
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError) as error:
        raise Unauthorized("the Basic credentials cannot be read") from error
    if not colon:
        raise Unauthorized("the Basic credentials cannot be read")
    return user, password


def read_token_request(headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the client id and secret of a client-credentials request: from the form or from Basic, not from both.

    Raises TokenRefused.
    """
    form = _read_form(headers, body)
    if "grant_type" not in form:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "grant_type must be client_credentials")
    header = headers.get("Authorization")
    if header is None:
        if not form.get("client_id") or not form.get("client_secret"):
            raise TokenRefused("invalid_client", "client_id or client_secret is missing")
        return form["client_id"], form["client_secret"]
    client_id, secret = _read_client(header)
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "credentials are given twice")
    return client_id, secret


def matching_client(customers: Sequence[Customer], client_id: str, client_secret: str) -> bool:
    """Return whether a client may have a token; every customer's secrets are compared, in constant time.

    A token speaks for all customers with its client id, so the secret must be right for each of them:
    one of them must not speak for another that happens to have the same client id.
    """
    known, right = False, True
    for customer in customers:
        if customer.icims.webhook_auth != "oauth":
            continue
        mine = same_text(client_id, customer.icims.webhook_user)
        matches = False
        for secret in secrets_of(customer):
            matches |= hmac.compare_digest(client_secret.encode("utf-8", "surrogatepass"), secret)
        known |= mine
        right &= matches | (not mine)
    return known & right


def token_reply(token: str, expires_in: int) -> TokenReply:
    """Build the answer that carries a token (RFC 6749, 5.1)."""
    return TokenReply(200, _headers(), {"access_token": token, "token_type": "Bearer", "expires_in": expires_in})


def token_refusal(refused: TokenRefused) -> TokenReply:
    """Build the answer to a refused request (RFC 6749, 5.2)."""
    status, headers = 400, _headers()
    if refused.error == "invalid_client":
        status, headers = 401, {**headers, "WWW-Authenticate": 'Basic realm="boardsync"'}
    return TokenReply(status, headers, {"error": refused.error, "error_description": refused.description})


def _headers() -> dict[str, str]:
    return {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _read_form(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise TokenRefused("invalid_request", "Content-Type must be application/x-www-form-urlencoded")
    if len(body) > FORM_LIMIT:
        raise TokenRefused("invalid_request", f"the body is larger than {FORM_LIMIT} bytes")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=32
        )
    except ValueError as error:
        raise TokenRefused("invalid_request", "the body is not a form in UTF-8") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRefused("invalid_request", "the body names a field twice")
    return form


def _read_client(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise TokenRefused("invalid_client", "the client must authenticate by Basic or in the form")
    try:
        user, password = read_basic(encoded)
        return _form_decoded(user), _form_decoded(password)
    except (Unauthorized, UnicodeDecodeError) as error:
        raise TokenRefused("invalid_client", "the Basic credentials cannot be read") from error


def _form_decoded(value: bytes) -> str:
    # RFC 6749, 2.3.1 has both form-encoded before Base64. Many clients do not: what cannot be so encoded is taken
    # as it is.
    text = value.decode("utf-8")
    return unquote_plus(text, errors="strict") if _FORM_ENCODED.fullmatch(text) else text
