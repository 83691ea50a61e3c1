"""The job index: postings are found by any spelling of their id, and later sights win."""

import asyncio
import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from store.database import Store
from store.jobs import IndexedJob, Jobs, Posting, Source
from store.posting_keys import posting_key
from store.schema import postings
from store.set_values import SetValues, digest
from tests.unit.store.conftest import FakeClock

UUID = "0f3c5a52-1b77-4c39-a1e9-6a3e8c1d2b4f"
IRI = f"iri://apis.indeed.com/EmployerJob/{UUID}"
BASE64 = base64.b64encode(IRI.encode()).decode()
URN = f"urn:indeed:employerjob:{UUID}"
BASE64_URN = base64.b64encode(URN.encode()).decode()
"""As the guide's own sample of an event has it."""


def seen(*postings: Posting, job: str = "1209", **known: object) -> IndexedJob:
    return IndexedJob.model_validate({"customer_id": "1234", "job_id": job, "postings": postings, **known})


async def test_an_event_s_iri_finds_its_job_in_every_spelling(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.saw(seen(Posting(board="indeed", posting_id=BASE64)))
    for spelling in (BASE64, BASE64.rstrip("="), IRI, URN, URN.upper(), f" {URN} ", BASE64_URN):
        assert await jobs.jobs_of("indeed", spelling) == (("1234", "1209"),)
    assert await jobs.jobs_of("linkedin", URN) == ()
    assert await jobs.jobs_of("indeed", URN[:-1] + "0") == ()


@given(st.text(st.characters(codec=None), max_size=80))
def test_any_id_has_one_key(posting_id: str) -> None:
    assert posting_key(posting_key(posting_id)) == posting_key(posting_id)


async def test_what_was_seen_later_wins_in_whatever_order_it_is_written(store: Store, clock: FakeClock) -> None:
    jobs, early = Jobs(store, clock=clock), clock()
    late = early + timedelta(hours=1)
    await jobs.saw(
        seen(
            Posting(board="indeed", posting_id=URN, live=False, url="new", last_seen=late), last_seen=late, title="New"
        )
    )
    await jobs.saw(
        seen(
            Posting(board="indeed", posting_id=BASE64, live=True, url="old", last_seen=early),
            last_seen=early,
            title="Old",
            number="R-1",
        )
    )
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert (found.title, found.number, found.first_seen, found.last_seen) == ("New", "R-1", early, late)
    (posting,) = found.postings
    assert (posting.live, posting.url, posting.posting_id) == (False, "new", URN)
    assert (posting.first_seen, posting.last_seen) == (early, late)


async def test_what_is_not_known_leaves_what_was_known(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.saw(seen(Posting(board="indeed", posting_id=URN, live=True, url="u"), title="Nurse", phase="open"))
    clock.forward(hours=1)
    await jobs.saw(seen(Posting(board="indeed", posting_id=URN, source=Source.NOTIFICATION)))
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert (found.title, found.phase, found.last_seen) == ("Nurse", "open", clock())
    assert (found.postings[0].live, found.postings[0].url, found.postings[0].source) == (True, "u", "notification")


async def test_live_postings_come_first(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    for number, live in enumerate((False, True, None, False)):
        clock.forward(hours=1)
        await jobs.saw(seen(Posting(board="indeed", posting_id=f"p{number}", live=live)))
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert [posting.posting_id for posting in found.postings] == ["p1", "p3", "p2", "p0"]


async def test_a_link_by_hand_stays_by_hand_until_it_is_taken_off(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.link("1234", "1209", "indeed", IRI)
    await jobs.saw(seen(Posting(board="indeed", posting_id=URN, live=True)))
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert [(each.source, each.live) for each in found.postings] == [("by hand", True)]
    assert await jobs.unlink("1234", "1209", "indeed", BASE64)
    assert not await jobs.unlink("1234", "1209", "indeed", BASE64)
    assert await jobs.jobs_of("indeed", URN) == ()


async def test_a_posting_that_was_kept_under_another_key_can_be_taken_off(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.saw(seen(Posting(board="indeed", posting_id=BASE64_URN)))
    async with store.writing() as connection:
        await connection.execute(update(postings).values(posting_key=BASE64_URN))  # as it was once written
    assert await jobs.jobs_of("indeed", URN) == ()
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert await jobs.unlink("1234", "1209", "indeed", found.postings[0].posting_id)
    found = await jobs.job("1234", "1209")
    assert found is not None
    assert found.postings == ()


async def test_one_posting_may_be_of_several_jobs(store: Store, clock: FakeClock) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.saw(
        seen(Posting(board="indeed", posting_id=URN)), seen(Posting(board="indeed", posting_id=URN), job="7")
    )
    assert set(await jobs.jobs_of("indeed", URN)) == {("1234", "1209"), ("1234", "7")}


async def test_a_whole_listing_is_written_at_once_by_many_processes(store_url: str, clock: FakeClock) -> None:
    listing = [seen(Posting(board="indeed", posting_id=f"p{number}"), job=str(number)) for number in range(1200)]
    async with Store(store_url, timeout=60) as one, Store(store_url, timeout=60) as other:
        await asyncio.gather(Jobs(one, clock=clock).saw(*listing), Jobs(other, clock=clock).saw(*reversed(listing)))
        assert await Jobs(one, clock=clock).jobs_of("indeed", "p1199") == (("1234", "1199"),)


async def test_an_iri_is_found_by_an_index(store: Store) -> None:
    query = "SELECT job_id FROM postings WHERE board = 'indeed' AND posting_key = 'x'"
    async with store.reading() as connection:
        if not store.is_sqlite:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))  # a small table is read whole otherwise
        explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
        plan = str((await connection.execute(text(f"{explain} {query}"))).all())
    assert "SEARCH" in plan or "Index" in plan, plan


async def test_what_we_set_is_known_by_its_digest(store: Store, clock: FakeClock) -> None:
    values = SetValues(store, clock=clock)
    await values.add("1234", "1209", "indeed", IRI, {"trackingUrl": "https://a.example/1", "campaign": "x"})
    clock.forward(hours=1)
    await values.add("1234", "1209", "indeed", URN, {"trackingUrl": "https://a.example/2", "campaign": "x"})
    found = await values.of("1234", "1209")
    assert {(each.field, each.digest) for each in found} == {
        ("trackingUrl", digest("https://a.example/1")),
        ("trackingUrl", digest("https://a.example/2")),
        ("campaign", digest("x")),
    }
    assert "a.example" not in str(found)
    assert await values.of("1234", "7") == ()


@pytest.mark.parametrize("spoilt", ["half \ud83d", "nul \x00", "long " * 2000])
async def test_no_listing_breaks_the_index(store: Store, clock: FakeClock, spoilt: str) -> None:
    jobs = Jobs(store, clock=clock)
    await jobs.saw(seen(Posting(board="indeed", posting_id=spoilt, url=spoilt), job=spoilt, title=spoilt))
    assert len(await jobs.jobs_of("indeed", spoilt)) == 1
    assert await jobs.job("1234", spoilt) is not None
