"""Tokens shared by all processes: sealed, fetched by the one that holds the lease, renewed before they end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import AwareDatetime, Field, ValidationError
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Model
from store import types
from store.database import Store
from store.schema import tokens
from store.sealing import NotOpenable, NotSealable, Sealer
from store.types import Clock

LEASE = timedelta(seconds=30)
"""Longer than a request for a token may take."""

POLL = 0.1
"""Seconds between two looks at whether the other process has the token."""


class Token(Model):
    """A token. Never shown: its values stay out of what is printed and logged."""

    access_token: str = Field(repr=False)
    expires_at: AwareDatetime
    renew_at: AwareDatetime | None = None
    """From when on it is renewed, where `early` is not to say that."""
    refresh_token: str | None = Field(default=None, repr=False)


class Held(Model):
    """What is kept for a credential: its newest token, if any, and its generation."""

    generation: int
    token: Token | None


class Lease(Model):
    """The right to fetch the next token of a credential."""

    credential: str
    owner: str
    generation: int
    until: AwareDatetime
    token: Token | None
    """The token so far: its refresh token is the one to use, once."""


class LeaseLost(Exception):  # noqa: N818 - it names a state
    """Another process has stored a newer token meanwhile: read that one."""


class Fetch(Protocol):
    """Fetches a token from the provider."""

    def __call__(self, before: Token | None) -> Awaitable[Token]:
        """Return a new token, by the refresh token of the one before where there is one."""
        ...


class Tokens:
    """The tokens in a store."""

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        *,
        clock: Clock = types.now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the store, and the key that seals the tokens."""
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._sleep = sleep

    async def read(self, credential: str) -> Token | None:
        """Return the token of a credential, also one that has ended; `None` where none is kept or no key opens it.

        Raises:
            NotSealable: The store has no key.
            StoreUnavailable: The store cannot do it now.
        """
        return (await self._held(credential)).token

    async def lease(self, credential: str, owner: str, *, lease: timedelta = LEASE) -> Lease | None:
        """Take the right to fetch the next token; `None` while another process has it.

        Raises:
            NotSealable: The store has no key: who cannot keep a token fetches none here.
        """
        if not self._sealer.configured:
            raise NotSealable
        at = self._clock()
        row = {"credential": credential, "generation": 0, "changed_at": at}
        async with self._store.writing() as connection:
            await connection.execute(
                self._store.insert(tokens).values(row).on_conflict_do_nothing(index_elements=["credential"])
            )
            done = await connection.execute(
                update(tokens)
                .where(
                    tokens.c.credential == credential,
                    or_(tokens.c.leased_until.is_(None), tokens.c.leased_until <= at),
                )
                .values(leased_by=owner, leased_until=at + lease)
            )
            if not done.rowcount:
                return None
            held = await self._row(connection, credential)
        return Lease(credential=credential, owner=owner, generation=held.generation, until=at + lease, token=held.token)

    async def save(self, lease: Lease, token: Token) -> None:
        """Keep a token that was fetched under the lease, and end the lease.

        It is also kept when the lease has ended meanwhile, as long as nobody stored a newer one: a single-use refresh
        token must not be lost.

        Raises:
            LeaseLost: Another process stored a newer one.
        """
        sealed = self._sealer.seal(token.model_dump_json().encode(), about=_about(lease.credential))
        async with self._store.writing() as connection:
            done = await connection.execute(
                update(tokens)
                .where(tokens.c.credential == lease.credential, tokens.c.generation == lease.generation)
                .values(
                    sealed=sealed,
                    generation=lease.generation + 1,
                    expires_at=token.expires_at,
                    leased_by=None,
                    leased_until=None,
                    changed_at=self._clock(),
                )
            )
            if not done.rowcount:
                raise LeaseLost(LeaseLost.__doc__)

    async def give_back(self, lease: Lease) -> None:
        """End a lease under which no token was fetched."""
        async with self._store.writing() as connection:
            await connection.execute(
                update(tokens)
                .where(
                    tokens.c.credential == lease.credential,
                    tokens.c.leased_by == lease.owner,
                    tokens.c.generation == lease.generation,
                )
                .values(leased_by=None, leased_until=None)
            )

    async def get(
        self,
        credential: str,
        owner: str,
        fetch: Fetch,
        *,
        early: timedelta = timedelta(minutes=5),
        rejected: str | None = None,
    ) -> Token:
        """Return a token that lasts, fetched by one process for all.

        `early` is how long before its end a token is renewed; `rejected` is an access token that the provider no
        longer takes, so that no one fetches again because of a token that another one has already replaced.

        Raises:
            NotSealable: The store has no key.
            StoreUnavailable: The store cannot do it now.
            Exception: What `fetch` raises.
        """
        while True:
            held = await self.read(credential)
            if held is not None and self._lasts(held, early, rejected):
                return held
            lease = await self.lease(credential, owner)
            if lease is not None:
                return await self._fetched(lease, fetch, early, rejected)
            if held is not None and self._lasts(held, timedelta(0), rejected):
                return held  # renewed by another one at this moment; this one is good until then
            await self._sleep(POLL)

    async def _fetched(self, lease: Lease, fetch: Fetch, early: timedelta, rejected: str | None) -> Token:
        # Another process may have stored one between our read and our lease.
        if lease.token is not None and self._lasts(lease.token, early, rejected):
            await self.give_back(lease)
            return lease.token
        try:
            token = await fetch(lease.token)
        except BaseException:
            await asyncio.shield(self.give_back(lease))
            raise
        try:
            await asyncio.shield(self.save(lease, token))
        except LeaseLost:
            return await self.read(lease.credential) or token
        return token

    def _lasts(self, token: Token, early: timedelta, rejected: str | None) -> bool:
        if token.access_token == rejected:
            return False
        ends = token.expires_at - early if token.renew_at is None or not early else token.renew_at
        return self._clock() < ends

    async def _held(self, credential: str) -> Held:
        async with self._store.reading() as connection:
            return await self._row(connection, credential)

    async def _row(self, connection: AsyncConnection, credential: str) -> Held:
        row = (
            await connection.execute(
                select(tokens.c.generation, tokens.c.sealed).where(tokens.c.credential == credential)
            )
        ).first()
        if row is None or row.sealed is None:
            if not self._sealer.configured:
                raise NotSealable
            return Held(generation=0 if row is None else row.generation, token=None)
        try:
            token = Token.model_validate_json(self._sealer.open(row.sealed, about=_about(credential)))
        except (NotOpenable, ValidationError):
            token = None  # fetched anew: no worse than to have none
        return Held(generation=row.generation, token=token)

    async def ends(self) -> dict[str, datetime]:
        """Return when each credential's token ends, for who looks after them."""
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(tokens.c.credential, tokens.c.expires_at).where(tokens.c.expires_at.is_not(None))
            )
            return {row.credential: row.expires_at for row in rows}


def _about(credential: str) -> str:
    return f"token {credential}"
