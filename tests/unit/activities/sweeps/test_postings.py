"""How a closed job's postings at Indeed stand: what a posting does not show is not taken for clear."""

import json

import httpx
import pytest

from activities.sweeps.postings import look_at_indeed
from clients.indeed.client import Access, IndeedClient
from models.sweeps import Found
from store.jobs import IndexedJob, Posting
from tests.support.transport import Provider

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
