"""A start while a customer's file is broken: served from what the store keeps, sealed, for a bounded time."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from boardsync.doctor.configuration import recalled_customers
from boardsync.doctor.findings import Level
from config.live import Live
from runtime.beside import beside
from store.database import Store
from store.good_customers import SERVED_FOR, GoodCustomers
from store.recalling import keep_what_is_good, recall
from store.schema import good_customers
from store.sealing import NotSealable, Sealer
from tests.support.lifecycles import eventually
from tests.unit.config.folders import Folder
from tests.unit.store.conftest import FakeClock

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


@pytest.fixture
def folder(tmp_path: Path, store_url: str, store: Store) -> Folder:
    folder = Folder(tmp_path)
    folder.write_main(store={"url": store_url, "key": TEXT})
    folder.write("1")
    folder.write("2")
    return folder


async def kept(live: Live, store: Store) -> None:
    """Run as a worker does until it has kept what is good."""

    async def rows() -> int:
        async with store.reading() as connection:
            return len((await connection.execute(select(good_customers))).all())

    async with beside(keep_what_is_good(live, store, Sealer(KEY))):
        await eventually(rows, lambda found: found == len(live.settings.customers))


async def test_a_start_serves_the_broken_customer_as_it_was_good_last(folder: Folder, store: Store) -> None:
    await kept(folder.live(), store)
    (folder.path / "customers" / "1.toml").write_text("id = [")
    live = folder.live()
    assert ([each.id for each in live.settings.customers], len(live.left_out)) == (["2"], 1)
    await recall(live, live.settings.store.url, Sealer(KEY))
    assert {each.id for each in live.settings.customers} == {"1", "2"}
    assert (set(live.recalled), live.left_out, [each.kept for each in live.troubles]) == ({"1"}, (), [True])
    (finding,) = recalled_customers(live.recalled)
    assert (finding.check, finding.level) == ("configuration.recalled.1", Level.WARN)
    await live.read()
    assert (set(live.recalled), len(live.settings.customers)) == ({"1"}, 2)
    folder.write("1", name="Mended")
    await live.read()
    assert (live.recalled, live.troubles) == ({}, ())
    assert {each.name for each in live.settings.customers} == {"Mended", "Customer 2"}


async def test_secrets_are_sealed_and_references_stay_references(
    folder: Folder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.path / "secret").write_text("from-a-file")
    path = folder.write("1")
    path.write_text(path.read_text().replace('"indeed-secret-1"', '"file:secret"'))
    await kept(folder.live(), store)
    async with store.reading() as connection:
        rows = (await connection.execute(select(good_customers))).all()
    assert all(b"secret" not in row.sealed for row in rows)
    path.write_text("id = '1'\nname = 2")
    (folder.path / "secret").write_text("another-by-now")
    live = folder.live()
    await recall(live, live.settings.store.url, Sealer(KEY))
    customer = live.settings.customer("1")
    assert customer is not None
    assert customer.indeed is not None
    assert customer.indeed.client_secret.get_secret_value() == "another-by-now"


async def test_who_was_removed_is_not_served_and_stays_nowhere(folder: Folder, store: Store) -> None:
    await kept(folder.live(), store)
    (folder.path / "customers" / "1.toml").unlink()
    live = folder.live()
    await recall(live, live.settings.store.url, Sealer(KEY))
    assert [each.id for each in live.settings.customers] == ["2"]
    await kept(live, store)


async def test_it_is_served_for_a_bounded_time_and_kept_meanwhile(store: Store, clock: FakeClock) -> None:
    parts = GoodCustomers(store, Sealer(KEY), clock=clock)
    await parts.keep({"1": ("customers/1.toml", "{}"), "2": ("customers/2.toml", "{}")}, broken=())
    clock.forward(days=1)
    await parts.keep({"2": ("customers/2.toml", "{}")}, broken={"1"})
    assert set(await parts.all()) == {"1", "2"}
    clock.at += SERVED_FOR - timedelta(hours=1)
    assert set(await parts.all()) == {"2"}
    assert await GoodCustomers(store, Sealer(bytes(32)), clock=clock).all() == {}


async def test_without_a_key_nothing_is_kept_and_a_store_that_is_away_changes_nothing(
    folder: Folder, store: Store, clock: FakeClock
) -> None:
    with pytest.raises(NotSealable):
        await GoodCustomers(store, Sealer(None), clock=clock).keep({"1": ("a", "{}")}, broken=())
    (folder.path / "customers" / "1.toml").write_text("id = [")
    folder.write_main(store={"url": "sqlite:////dev/null/store.db", "key": TEXT})
    live = folder.live()
    await recall(live, live.settings.store.url, Sealer(KEY))
    assert ([each.id for each in live.settings.customers], len(live.left_out)) == (["2"], 1)
