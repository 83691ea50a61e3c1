"""Token requests, as far as the providers agree on them (RFC 6749, sections 4.4 and 6)."""

import base64
import binascii
import hmac
from urllib.parse import unquote

from aiohttp import web

from sandbox.calls import Call, RefusalError
from sandbox.settings import TokenSettings
from sandbox.tokens import Grant


def refusal(status: int, error: str, description: str) -> RefusalError:
    """Return the error of RFC 6749, section 5.2."""
    return RefusalError(web.json_response({"error": error, "error_description": description}, status=status))


def plain_error(status: int, message: str) -> web.Response:
    """Return a token endpoint's error reply for a fault."""
    return web.json_response({"error": "server_error", "error_description": message}, status=status)


def identify_client(call: Call) -> None:
    """Set the customer whose client asks for a token."""
    client_id, _ = _credentials(call)
    call.aspects = (call.form.get("grant_type", ""),)
    if customer := call.world.customers.by_client(call.provider, client_id):
        call.customer_id = customer.customer_id


def authenticate(
    call: Call,
    *,
    basic: bool = False,
    parents: dict[str, str] | None = None,
    grants: tuple[str, ...] = ("client_credentials",),
) -> str:
    """Check a token request and return the client id.

    ``basic`` also takes the credentials from the Authorization header; ``parents`` are clients that belong to
    no customer, with their secrets.
    """
    if call.request.content_type != "application/x-www-form-urlencoded":
        raise refusal(400, "invalid_request", "The body must be application/x-www-form-urlencoded")
    if not call.form.get("grant_type"):
        raise refusal(400, "invalid_request", 'A required parameter "grant_type" is missing')
    if call.form["grant_type"] not in grants:
        raise refusal(400, "unsupported_grant_type", f"Only {' and '.join(grants)} is supported here")
    client_id, secret = _credentials(call, basic=basic)
    if not client_id or not secret:
        raise refusal(400, "invalid_request", "A required parameter is missing: client_id, client_secret")
    expected = (parents or {}).get(client_id)
    if call.customer and (client := call.customer.of_client(call.provider, client_id)):
        expected = client.client_secret
    if expected is None or not hmac.compare_digest(expected.encode(), secret.encode()):
        raise refusal(401, "invalid_client", "Client authentication failed")
    return client_id


def issue(
    call: Call,
    client_id: str,
    seconds: float,
    *,
    scopes: frozenset[str] = frozenset(),
    advertiser_id: str | None = None,
) -> str:
    """Return a new token for the caller."""
    grant = Grant(call.provider, client_id, call.customer_id, call.now + seconds, scopes, advertiser_id)
    settings: TokenSettings = getattr(call.world.settings, call.provider)
    return call.world.tokens.issue(grant, revoke_older=settings.token_revokes_older)


def _credentials(call: Call, *, basic: bool = True) -> tuple[str, str]:
    scheme, _, encoded = call.request.headers.get("Authorization", "").partition(" ")
    if basic and scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(client_id), unquote(secret)
    return call.form.get("client_id", ""), call.form.get("client_secret", "")
