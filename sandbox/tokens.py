"""Access tokens of all providers."""

import secrets
from dataclasses import dataclass, replace
from typing import Literal

from sandbox.clock import Clock
from sandbox.customers import Provider

TokenState = Literal["missing", "unknown", "expired", "valid"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows; no customer means LinkedIn's parent application."""

    provider: Provider
    client_id: str
    customer_id: str | None
    expires_at: float
    scopes: frozenset[str] = frozenset()
    advertiser_id: str | None = None


class TokenStore:
    """Issue tokens and remember them, also once they have expired."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self._refresh: dict[str, str] = {}

    def issue(self, grant: Grant, *, revoke_older: bool = False) -> str:
        """Return a new token for the grant; it may end the older ones of the same client and advertiser."""
        if revoke_older:
            owner = (grant.client_id, grant.advertiser_id)
            self._grants = {
                token: one for token, one in self._grants.items() if (one.client_id, one.advertiser_id) != owner
            }
        token = f"{grant.provider}-{secrets.token_urlsafe(24)}"
        self._grants[token] = grant
        return token

    def find(self, provider: Provider, token: str | None) -> Grant | None:
        """Return the grant behind a token of that provider, expired or not."""
        grant = self._grants.get(token or "")
        return grant if grant and grant.provider == provider else None

    def state(self, provider: Provider, token: str | None) -> TokenState:
        """Return whether the token is good for that provider now."""
        if not token:
            return "missing"
        grant = self.find(provider, token)
        if grant is None:
            return "unknown"
        return "valid" if self._clock.time() < grant.expires_at else "expired"

    def may_refresh(self, customer_id: str, token: str) -> bool:
        """Return whether it is the customer's refresh token; the first one follows a pattern."""
        return token == self._refresh.get(customer_id, f"indeed-refresh-{customer_id}")

    def rotate(self, customer_id: str) -> str:
        """Replace the customer's refresh token: the one before is no longer good."""
        self._refresh[customer_id] = f"indeed-refresh-{secrets.token_urlsafe(24)}"
        return self._refresh[customer_id]

    def expire(self, token: str) -> None:
        """Make the token read as expired from now on."""
        if grant := self._grants.get(token):
            self._grants[token] = replace(grant, expires_at=self._clock.time())
