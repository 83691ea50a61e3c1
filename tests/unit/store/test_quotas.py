"""Daily quotas in both databases: several processes spend no more than one, and no call waits for the store."""

from datetime import date, timedelta

from sqlalchemy import select

from store.database import Store
from store.quotas import KEPT, Quotas
from store.schema import quotas
from tests.support.lifecycles import eventually

DAY = date(2026, 11, 25)


async def take(counted: Quotas, count: int, *, day: date = DAY, below: int = 10) -> int:
    return sum([await counted.take("1234", day, below=below) for _ in range(count)])


async def test_processes_share_a_quota_once_they_have_added_up(store: Store) -> None:
    one, other = Quotas(store, every=3600), Quotas(store, every=3600)
    assert (await take(one, 4), await take(other, 3)) == (4, 3)
    await one.add_up()
    await other.add_up()
    assert await take(other, 5) == 3
    await one.give_back("1234", DAY)
    await other.add_up()
    await one.add_up()
    assert await take(one, 5) == 1
    assert await take(one, 1, day=DAY + timedelta(days=1)) == 1
    for each in (one, other):
        await each.stop()


async def test_what_the_provider_says_raises_the_sum_and_lowers_it_never(store: Store) -> None:
    one, other = Quotas(store, every=3600), Quotas(store, every=3600)
    await take(one, 2)
    await one.at_least("1234", DAY, 7)
    await one.add_up()
    await take(other, 1)
    await other.at_least("1234", DAY, 1)
    await other.add_up()
    assert await take(other, 5) == 2
    for each in (one, other):
        await each.stop()


async def test_sums_are_added_up_by_themselves_and_old_days_forgotten(store: Store) -> None:
    one, long_ago = Quotas(store, every=0.01), DAY - KEPT - timedelta(days=1)
    await take(one, 1, day=long_ago)
    await one.add_up()
    await take(one, 9)

    async def sums() -> list[tuple[str, int]]:
        async with store.reading() as connection:
            rows = await connection.execute(select(quotas.c.day, quotas.c.used))
            return [(row.day, row.used) for row in rows]

    await eventually(sums, lambda sums: sums == [(DAY.isoformat(), 9)])
    await one.stop()


async def test_without_a_store_each_counts_alone() -> None:
    away = Quotas(Store("sqlite:////dev/null/store.db"), every=0.01)
    assert await take(away, 12) == 10
    assert await take(away, 1) == 0
    await away.stop()
