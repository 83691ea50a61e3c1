"""The last good version of each customer's part of the configuration, sealed: for a start while its file is broken."""

import logging
from collections.abc import Collection, Mapping
from datetime import timedelta

from pydantic import AwareDatetime, Field, ValidationError
from sqlalchemy import delete, select

from models.base import Model
from store import types
from store.database import Store
from store.schema import good_customers
from store.sealing import NotOpenable, NotSealable, Sealer
from store.types import Clock

logger = logging.getLogger(__name__)
SERVED_FOR = timedelta(days=7)
"""How long after it was good last a version is served by who starts meanwhile."""


class GoodCustomer(Model):
    """What a customer's part said. Never shown: it may hold secrets."""

    place: str
    text: str = Field(repr=False)
    """JSON, with `env:` and `file:` as they are written: what they name stays where it is."""
    good_at: AwareDatetime
    """When it was read as good last."""


class GoodCustomers:
    """The parts in a store."""

    def __init__(self, store: Store, sealer: Sealer, *, clock: Clock = types.now) -> None:
        """Take the store, and the key that seals them."""
        self._store, self._sealer, self._clock = store, sealer, clock

    async def keep(self, parts: Mapping[str, tuple[str, str]], *, broken: Collection[str]) -> None:
        """Keep each customer's place and text as good by now; of who is neither here nor broken nothing stays.

        Raises:
            NotSealable: The store has no key: nothing that may hold a secret is kept in it.
            StoreUnavailable: The store cannot do it now.
        """
        at = self._clock()
        rows = [
            {
                "customer_id": id_,
                "sealed": self._sealer.seal(
                    GoodCustomer(place=place, text=text, good_at=at).model_dump_json().encode(), about=_about(id_)
                ),
                "good_at": at,
            }
            for id_, (place, text) in sorted(parts.items())
        ]
        statement = self._store.insert(good_customers)
        new = statement.excluded
        upsert = statement.on_conflict_do_update(
            index_elements=["customer_id"], set_={"sealed": new.sealed, "good_at": new.good_at}
        )
        async with self._store.writing() as connection:
            if rows:
                await connection.execute(upsert, rows)
            gone = good_customers.c.customer_id.not_in([*parts, *broken])
            old = good_customers.c.good_at < at - SERVED_FOR
            await connection.execute(delete(good_customers).where(gone | old))

    async def all(self) -> dict[str, GoodCustomer]:
        """Return what may still be served, by customer; what no key opens is passed over.

        Raises:
            StoreUnavailable: The store cannot do it now.
        """
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(good_customers).where(good_customers.c.good_at >= self._clock() - SERVED_FOR)
            )
            kept = [(row.customer_id, row.sealed) for row in rows]
        found = {}
        for id_, sealed in kept:
            try:
                found[id_] = GoodCustomer.model_validate_json(self._sealer.open(sealed, about=_about(id_)))
            except (NotOpenable, NotSealable, ValidationError):
                logger.warning("the kept configuration of customer %s cannot be opened with the store's keys", id_)
        return found


def _about(customer_id: str) -> str:
    return f"configuration of customer {customer_id}"
