"""The store as the worker uses it: opened once, shared by all activities, never in the way of a board."""

import logging
import os
import socket
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from config.loading import ConfigurationError
from config.settings import Settings
from models.problems import Category
from store.checks import Checks
from store.database import Store
from store.ends import Ends
from store.errors import StoreUnavailable, within
from store.jobs import Jobs
from store.ledger.ledger import Ledger
from store.ledger.notes import NoteError, SigningKey, VerifierKey
from store.ledger.tree import LedgerDamaged
from store.preparing import Preparing
from store.quotas import Quotas
from store.sealing import Sealer
from store.set_values import SetValues
from store.tokens import Tokens

logger = logging.getLogger(__name__)
T = TypeVar("T")

WITHIN = 1.0
"""Seconds that a board waits for what it can do without."""


class Stored:
    """An open store: ledger, job index, checks and tokens. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the connections; none is opened yet.

        Raises ConfigurationError where a key cannot be read.
        """
        self.store = Store(settings.store.url)
        self.key = signing_key(settings)
        self.verifiers = verifier_keys(settings)
        self.ledger = Ledger(self.store, self.key)
        self.jobs = Jobs(self.store)
        self.set_values = SetValues(self.store)
        self.checks = Checks(self.store)
        self.ends = Ends(self.store, self.ledger, self.jobs, self.checks)
        self.quotas = Quotas(self.store)
        self.sealer = Sealer(settings.store.sealing_key, previous=settings.store.opening_keys)
        self.tokens = Tokens(self.store, self.sealer) if self.sealer.configured else None
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"
        self._preparing = Preparing(self.store, settings.store.url)

    async def __aenter__(self) -> "Stored":
        """Return the store."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.quotas.stop()
        await self._preparing.stop()
        await self.store.close()

    async def prepared(self) -> None:
        """Bring an SQLite file's tables up to date, once; PostgreSQL is left to `boardsync store migrate`.

        Raises StoreUnavailable; asked again, it is tried again.
        """
        await self._preparing.done()

    async def start(self) -> None:
        """Prepare the tables and sign what a time without a key has left; a store that is away holds up no start."""
        try:
            await self.prepared()
            await self.ledger.sign()
        except (StoreUnavailable, LedgerDamaged) as error:
            logger.warning("the store is not used yet: %s Boards are closed all the same; receipts wait.", error)

    async def if_there(self, ask: Awaitable[T], otherwise: T) -> T:
        """Return what the store says, or something else where it does not say it soon: no board waits for it."""
        try:
            async with within(WITHIN):
                return await ask
        except StoreUnavailable as error:
            logger.warning("the job index is not used: %s", error)
            return otherwise


@contextmanager
def asked_of_store() -> Iterator[None]:
    """Turn what the store cannot do now into an error that Temporal tries again after."""
    try:
        yield
    except (StoreUnavailable, LedgerDamaged) as error:
        raise ApplicationError(
            str(error), type=Category.TEMPORARY.value, category=ApplicationErrorCategory.BENIGN
        ) from None


def verifier_keys(settings: Settings) -> tuple[VerifierKey, ...]:
    """Return the keys that the ledger is verified by, the present one first.

    Raises ConfigurationError where one cannot be read.
    """
    own = signing_key(settings)
    try:
        older = [VerifierKey.parse(each) for each in settings.ledger.previous_keys]
    except NoteError as error:
        raise ConfigurationError(f"ledger.previous_keys: {error}") from None
    return (*([own.verifier] if own is not None else []), *older)


def signing_key(settings: Settings) -> SigningKey | None:
    """Return the key that signs the ledger.

    Raises ConfigurationError where it cannot be read.
    """
    key = settings.ledger.key
    if key is None:
        return None
    try:
        return SigningKey.parse(key.get_secret_value())
    except NoteError as error:
        raise ConfigurationError(f"ledger.key: {error}") from None
