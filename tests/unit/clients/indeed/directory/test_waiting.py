"""Jobs that are not listed yet are looked for with backoff among the newest, not by reading the listing each time."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from clients.indeed.directory import JobDirectory
from models.calls.common import Backoff
from tests.support import virtual_time
from tests.unit.clients.indeed.directory.advertiser import Advertiser, job


@pytest.mark.parametrize(
    ("jobs", "first", "longest", "at_most"),
    [
        # As the product waits: after 15 and 45 seconds.
        (1, 15.0, 900.0, 2),
        # As fast as the tests wait, and many jobs: no more than one search a second for all of them.
        (1, 0.1, 0.3, 30),
        (200, 0.1, 0.3, 30),
    ],
)
def test_jobs_that_are_not_listed_yet_cost_few_searches_in_half_a_minute(
    jobs: int, first: float, longest: float, at_most: int
) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(20)))
    backoff = Backoff(first=timedelta(seconds=first), longest=timedelta(seconds=longest))

    async def look(finder: JobDirectory, name: str) -> None:
        for attempt in itertools.count(1):
            assert not (await finder.look(name, fresh=True)).postings
            await asyncio.sleep(backoff.delay(attempt).total_seconds())

    async def half_a_minute() -> None:
        finder = JobDirectory(advertiser.page)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.gather(*(look(finder, f"new-{number}") for number in range(jobs)))

    virtual_time.run(half_a_minute())
    # The whole listing once, or twice where others ask while the first one is read.
    whole = advertiser.pages - advertiser.readings
    assert whole <= 2 * 9
    assert advertiser.readings - 2 <= at_most
