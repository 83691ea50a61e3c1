"""How a closed job's postings at Indeed stand: what a posting does not show is not taken for clear."""

import json
from collections.abc import Sequence
from typing import cast

import httpx
import pytest

from activities.sweeps.postings import look_at_indeed
from clients.indeed.client import Access, IndeedClient
from clients.indeed.directory import JobDirectory
from clients.indeed.found import FoundJob
from clients.indeed.several import Indeed
from models.states import Live
from models.sweeps import Found
from store.jobs import IndexedJob, Posting
from tests.support.transport import Provider
from tests.unit.clients.indeed.directory.advertiser import Advertiser

MARKS: dict[str, object] = {"campaignCategories": [], "trackingUrls": []}


def client_of(metadata: dict[str, object], lifecycle: str) -> IndeedClient:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        seats = [{"jobPost": {"status": {"globalStatus": {"lifecycleStatus": lifecycle}}}}]
        shown = {"jobPostingId": "1209", **metadata}
        nodes = [
            {"id": each, "jobData": {"externalPostingMetadata": shown}, "seatsConnection": {"seats": seats}}
            for each in json.loads(request.content)["variables"]["ids"]
        ]
        return httpx.Response(200, json={"data": {"nodes": nodes}})

    return IndeedClient(
        Provider(answer).http(),
        api_url="https://apis.indeed.com/graphql",
        token_url="https://apis.indeed.com/token",
        access=Access(client_id="id", client_secret="secret", advertiser_id="a"),
    )


@pytest.mark.parametrize(
    ("metadata", "lifecycle", "found"),
    [
        (MARKS, "ACTIVE", Found.STILL_LIVE),
        ({**MARKS, "trackingUrls": ["https://x"]}, "ACTIVE", Found.LIVE_AGAIN),
        ({"campaignCategories": []}, "ACTIVE", None),
        ({"campaignCategories": None, "trackingUrls": None}, "PENDING", None),
        ({}, "INACTIVE", Found.GONE),
    ],
)
async def test_a_live_posting_that_does_not_show_what_an_agency_sets_is_looked_at_again(
    metadata: dict[str, object], lifecycle: str, found: Found | None
) -> None:
    index = IndexedJob(customer_id="1", job_id="1209", postings=(Posting(board="indeed", posting_id="a", live=True),))
    looked = await look_at_indeed(client_of(metadata, lifecycle), {"1209": index}, {"1209": "1209"})
    assert {job: seen.found for job, seen in looked.seen.items()} == ({} if found is None else {"1209": found})
    assert set(looked.errors) == (set() if found is not None else {"1209"})


class Listing:
    """An account that shows nothing by ids, and lists a posting by another job's name."""

    def __init__(self, posting: FoundJob) -> None:
        self.directory = JobDirectory(Advertiser(posting).page)

    async def found(self, ids: Sequence[str]) -> dict[str, FoundJob | None]:
        return dict.fromkeys(ids)


@pytest.mark.parametrize(
    ("marks", "live", "found"),
    [
        ((), Live.LIVE, Found.STILL_LIVE),
        (("trackingUrl",), Live.UNKNOWN, Found.LIVE_AGAIN),
        (None, Live.LIVE, None),
        (None, Live.NOT_LIVE, Found.GONE),
    ],
)
async def test_a_posting_that_is_listed_by_another_jobs_name_alone_is_not_gone(
    marks: tuple[str, ...] | None, live: Live, found: Found | None
) -> None:
    index = IndexedJob(customer_id="1", job_id="1209", postings=(Posting(board="indeed", posting_id="a", live=True),))
    listing = cast("Indeed", Listing(FoundJob("a", "another", None, marks=marks, live=live)))
    looked = await look_at_indeed(listing, {"1209": index}, {"1209": "1209"})
    assert {job: seen.found for job, seen in looked.seen.items()} == ({} if found is None else {"1209": found})
    assert set(looked.errors) == (set() if found is not None else {"1209"})
