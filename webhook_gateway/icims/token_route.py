"""`POST /webhooks/icims/token`: the gateway as the partner's token endpoint, for customers with OAuth webhooks."""

from datetime import UTC, datetime

from aiohttp import web

from config.settings import Settings
from webhook_gateway.body import read_capped
from webhook_gateway.icims.tokens import (
    TokenIssuer,
    TokenRefused,
    matching_client,
    read_token_request,
    token_refusal,
    token_reply,
)
from webhook_gateway.requests import BadRequest


class TokenEndpoint:
    """Exchange client credentials for a short-lived bearer token (RFC 6749, 4.4)."""

    def __init__(self, settings: Settings, issuer: TokenIssuer) -> None:
        """Serve the clients of the settings."""
        self._settings, self._issuer = settings, issuer

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one token request."""
        try:
            client_id, secret = read_token_request(request.headers, await read_capped(request))
            if matching_client(self._settings.customers, client_id, secret):
                reply = token_reply(*self._issuer.issue(client_id, datetime.now(UTC)))
            else:
                reply = token_refusal(TokenRefused("invalid_client", "the client id or the secret is wrong"))
        except BadRequest as refusal:
            reply = token_refusal(TokenRefused("invalid_request", refusal.reason))
        except TokenRefused as refused:
            reply = token_refusal(refused)
        return web.json_response(dict(reply.body), status=reply.status, headers=reply.headers)
