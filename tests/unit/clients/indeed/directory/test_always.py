"""Whatever runs at once and however the listing moves, nothing that stands in it is called absent."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.indeed.directory import JobDirectory, Postings
from models.states import Live
from tests.unit.clients.indeed.directory.advertiser import Advertiser, irisof, job

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 15)),
        st.tuples(st.just("find"), st.integers(0, 15)),
        st.tuples(st.just("fresh"), st.integers(0, 15)),
        st.tuples(st.just("wait"), st.integers(1, 6)),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(st.sets(st.integers(0, 15), max_size=8), st.integers(1, 4), STEPS)
async def test_whatever_runs_at_once_nothing_that_stands_in_the_listing_is_called_absent(
    present: set[int], page_size: int, steps: list[tuple[str, int]]
) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in present), page_size=page_size)
    finder = JobDirectory(advertiser.page)
    finds: list[tuple[int, bool, asyncio.Task[Postings]]] = []
    for step, number in steps:
        if step == "add" and number not in present:
            present.add(number)
            advertiser.add(str(number))
        elif step in {"find", "fresh"}:
            task = asyncio.create_task(finder.find(str(number), fresh=step == "fresh"))
            finds.append((number, number in present, task))
        elif step == "wait":
            for _ in range(number):
                await asyncio.sleep(0)
    # A find runs from its first step on, so what stood in the listing when it was made must be found.
    results = await asyncio.gather(*(task for _, _, task in finds), return_exceptions=True)
    for (number, stood, _), found in zip(finds, results, strict=True):
        if isinstance(found, Postings):
            assert irisof(found) in ([[f"iri-{number}"]] if stood else [[f"iri-{number}"], []])
        else:
            assert isinstance(found, ProviderError)
            assert found.problem.retried


MOVES = st.dictionaries(
    st.integers(1, 30),
    st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 39)), min_size=1, max_size=6),
    max_size=20,
)


@settings(max_examples=400)
@given(st.integers(2, 40), st.integers(1, 7), st.integers(0, 39), MOVES, st.booleans())
async def test_however_a_listing_moves_while_it_is_read_a_job_that_stays_is_never_called_absent(
    count: int,
    page_size: int,
    kept: int,
    moves: dict[int, list[tuple[str, int]]],
    grows: bool,
) -> None:
    jobs = [job(str(number)) for number in range(count)]
    stays = jobs[kept % count]
    advertiser = Advertiser(*jobs, page_size=page_size)
    for page, changes in moves.items():
        advertiser.changes[page] = [
            ("add", job(f"new-{page}-{number}-{place}"))
            if change == "add" and grows
            else ("remove", jobs[number % count])
            for place, (change, number) in enumerate(changes)
            if jobs[number % count] is not stays or (change == "add" and grows)
        ]
    finder = JobDirectory(advertiser.page)
    (found,) = await asyncio.gather(finder.find(stays.job_posting_id or ""), return_exceptions=True)
    if isinstance(found, Postings):
        assert found.postings == (stays,)
    else:
        assert isinstance(found, ProviderError)
        assert found.problem.retried


@settings(max_examples=100)
@given(st.lists(st.sampled_from(list(Live)), min_size=1, max_size=6), st.integers(1, 4), st.randoms())
async def test_all_postings_of_a_job_are_found_in_any_order_of_the_listing(
    states: list[Live], page_size: int, chance: object
) -> None:
    own = [job("1", iri=f"own-{number}", live=live) for number, live in enumerate(states)]
    jobs = [*own, *(job(str(number)) for number in range(2, 9))]
    chance.shuffle(jobs)  # type: ignore[attr-defined]
    found = await JobDirectory(Advertiser(*jobs, page_size=page_size).page).find("1")
    assert set(found.postings) == set(own)
    order = [Live.LIVE, Live.UNKNOWN, Live.NOT_LIVE]
    assert [order.index(each.live) for each in found.postings] == sorted(order.index(each.live) for each in own)
