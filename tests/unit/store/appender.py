"""A process that adds receipts until it is killed, and says which it was told are added.

`python -m tests.unit.store.appender URL FIRST`
"""

import asyncio
import sys
from datetime import UTC, datetime

from store.database import Store
from store.ledger.ledger import Ledger
from store.ledger.notes import SigningKey
from tests.unit.store.entries import entry

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


async def main(url: str, first: int) -> None:
    async with Store(url, timeout=60) as store:
        ledger = Ledger(store, SigningKey("ledger.example.com", b"k" * 32))
        for number in range(first, first + 100_000):
            leaf = await ledger.append(entry(number, AT))
            sys.stdout.write(f"{number} {leaf}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
