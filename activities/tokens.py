"""One token for each credential and all processes: sealed in the store, fetched by the one that holds the lease."""

import hashlib
import logging
from datetime import timedelta

from clients.errors import ProviderError
from clients.oauth import FETCH, Token
from clients.tokens import Fetch, renewed_before
from models.problems import Category, Problem
from store.errors import StoreUnavailable
from store.tokens import Token as KeptToken
from store.tokens import Tokens
from store.types import Clock, now

logger = logging.getLogger(__name__)


def credential_name(provider: str, client_id: str, *rest: str) -> str:
    """Name a credential: another secret or refresh token in the configuration is another one."""
    digest = hashlib.sha256("\0".join((client_id, *rest)).encode()).hexdigest()[:16]
    return f"{provider} {client_id} {digest}"


class SharedToken:
    """Keeps one credential's token in the store."""

    def __init__(
        self,
        tokens: Tokens,
        credential: str,
        owner: str,
        *,
        provider: str,
        single_use: bool = False,
        clock: Clock = now,
    ) -> None:
        """Take the store; `single_use` where the provider may take each refresh token only once."""
        self._provider = provider
        self._tokens, self._credential, self._owner = tokens, credential, owner
        self._single_use, self._clock = single_use, clock

    async def obtain(self, fetch: Fetch, *, refused: Token | None) -> Token:
        """Return the kept token, with what is left of its life; where there is none, fetch and keep one.

        Without the store each process fetches for itself, unless that could spend a refresh token twice.
        Raises ProviderError.
        """

        async def fetched(before: KeptToken | None) -> KeptToken:
            asked = self._clock()
            refresh = None if before is None else before.refresh_token
            token = await fetch(refresh)
            lives = timedelta(seconds=token.expires_in)
            return KeptToken(
                access_token=token.value,
                expires_at=asked + lives,
                renew_at=asked + lives - timedelta(seconds=renewed_before(token.expires_in)),
                refresh_token=token.refresh_token or refresh,
            )

        try:
            kept = await self._tokens.get(
                self._credential, self._owner, fetched, rejected=None if refused is None else refused.value
            )
        except StoreUnavailable as error:
            if self._single_use:
                raise ProviderError(_away(error), provider=self._provider, operation=FETCH) from None
            logger.warning("a token of this process's own is used: %s", error)
            return await fetch(None)
        left = (kept.expires_at - self._clock()).total_seconds()
        return Token(kept.access_token, max(left, 0.0), kept.refresh_token)


def _away(error: StoreUnavailable) -> Problem:
    return Problem(
        category=Category.TEMPORARY,
        reason="The store keeps the newest refresh token, which the provider takes only once, and cannot be read.",
        remedy=f"{error} Boardsync tries again by itself.",
    )
