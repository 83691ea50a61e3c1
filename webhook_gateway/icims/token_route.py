"""`POST /webhooks/icims/token`: the gateway as the partner's token endpoint, for customers with OAuth webhooks."""

from datetime import UTC, datetime

from aiohttp import web

from config.settings import Settings
from runtime.attempts import Attempts, TooMany
from webhook_gateway.body import read_capped
from webhook_gateway.icims.auth import guesser
from webhook_gateway.icims.tokens import (
    TokenIssuer,
    TokenRefused,
    TokenReply,
    matching_client,
    read_token_request,
    token_refusal,
    token_reply,
)
from webhook_gateway.requests import BadRequest


class TokenEndpoint:
    """Exchange client credentials for a short-lived bearer token (RFC 6749, 4.4)."""

    def __init__(self, settings: Settings, issuer: TokenIssuer, attempts: Attempts) -> None:
        """Serve the clients of the settings."""
        self._settings, self._issuer, self._attempts = settings, issuer, attempts

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one token request."""
        try:
            client_id, secret = read_token_request(request.headers, await read_capped(request))
            reply = await self._answer(request, client_id, secret)
        except BadRequest as refusal:
            reply = token_refusal(TokenRefused("invalid_request", refusal.reason))
        except TokenRefused as refused:
            reply = token_refusal(refused)
        except TooMany:
            reply = token_refusal(TokenRefused("invalid_client", "too many wrong secrets came from this address"))
        return web.json_response(dict(reply.body), status=reply.status, headers=reply.headers)

    async def _answer(self, request: web.Request, client_id: str, secret: str) -> TokenReply:
        whose = guesser(request.remote, client_id, self._settings.customers)
        async with self._attempts.looking(whose, f"{client_id}\n{secret}") as attempt:
            if matching_client(self._settings.customers, client_id, secret):
                attempt.was_right()
                return token_reply(*self._issuer.issue(client_id, datetime.now(UTC)))
            attempt.was_wrong()
            return token_refusal(TokenRefused("invalid_client", "the client id or the secret is wrong"))
