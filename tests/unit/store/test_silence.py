"""Who sends no event any more: by what is configured, and by each customer's own past."""

from datetime import timedelta
from pathlib import Path

from boardsync.doctor.store import check_store
from config.loading import parse_settings
from config.settings import Settings
from store.database import Store
from store.events import Events, LoggedEvent, Result
from store.sealing import Sealer
from store.silence import SILENT, show, silent_customers
from tests.support.settings import raw_settings
from tests.unit.config.folders import URLS
from tests.unit.store.conftest import FakeClock


def configured(store_url: str) -> Settings:
    raw = raw_settings(URLS)
    raw["store"] = {"url": store_url}
    return parse_settings(raw, {}, base=Path())


def asked(settings: Settings) -> tuple[list[str], timedelta]:
    return [each.id for each in settings.customers], settings.timing.silent_after


async def came(store: Store, clock: FakeClock, customer: str, days_ago: float, **changed: object) -> None:
    event = LoggedEvent(
        at=clock() - timedelta(days=days_ago),
        sender="icims",
        customer_id=customer,
        type="JobUnpostToWebEvent",
        result=Result.TAKEN,
        body_digest="",
    )
    await Events(store, Sealer(None), clock=clock).add([(event.model_copy(update=changed), None)])


async def test_a_customer_is_silent_by_its_own_past(store: Store, store_url: str, clock: FakeClock) -> None:
    for days in (30, 29, 27, 8):
        await came(store, clock, "1234", days)
    for days in (20, 19, 18, 9):
        await came(store, clock, "5678", days)
    settings = configured(store_url)
    assert await silent_customers(store, *asked(settings), clock=clock) == ()
    clock.forward(days=10)
    (found,) = await silent_customers(store, *asked(settings), clock=clock)
    assert (found.customer_id, found.longest) == ("5678", timedelta(days=9))
    show([found], clock)
    assert [each.value for each in next(iter(SILENT.collect())).samples] == [timedelta(days=19).total_seconds()]
    await came(store, clock, "5678", 0, result=Result.REFUSED, reason="a field")
    assert len(await silent_customers(store, *asked(settings), clock=clock)) == 1
    await came(store, clock, "5678", 0)
    assert await silent_customers(store, *asked(settings), clock=clock) == ()
    show([], clock)
    assert next(iter(SILENT.collect())).samples == []


async def test_it_is_as_configured_and_nobody_is_silent_who_never_spoke(
    store: Store, store_url: str, clock: FakeClock
) -> None:
    settings = configured(store_url)
    assert await silent_customers(store, *asked(settings), clock=clock) == ()
    await came(store, clock, "1234", 2)
    assert await silent_customers(store, *asked(settings), clock=clock) == ()
    timing = settings.timing.model_copy(update={"silent_after": timedelta(days=1)})
    eager = settings.model_copy(update={"timing": timing})
    assert [each.customer_id for each in await silent_customers(store, *asked(eager), clock=clock)] == ["1234"]


async def test_doctor_says_so(store: Store, store_url: str, clock: FakeClock) -> None:
    await came(store, clock, "1234", 400)
    found = {each.check: each for each in await check_store(configured(store_url))}
    assert "no event of customer 1234 came since" in found["events.1234"].found
