"""Pages of Indeed's listing: one that cannot be followed to its end is no listing."""

from dataclasses import replace

import pytest

from clients.errors import ProviderError
from clients.indeed.found import FoundJob
from clients.indeed.search import Page, read_find
from models.problems import Category
from models.states import Live
from tests.support.replies import reply
from tests.unit.clients.indeed.answers import GUIDES_JOB, IRI, LAST, category, listing, node

GUIDES_FOUND = FoundJob(
    IRI,
    "CBA-Anytown-Posting-Id",
    "CBA-Anytown-Req-Id",
    marks=(),
    live=GUIDES_JOB.live,
    title=GUIDES_JOB.title,
    url=GUIDES_JOB.url,
    first_seen=GUIDES_JOB.posted_at,
)


def test_a_page_is_read() -> None:
    bare = {"id": "b", "jobData": {"externalPostingMetadata": {"jobPostingId": 1209, "jobRequisitionId": ""}}}
    data = listing([node(), None, bare, {"id": "c", "jobData": None}], {"endCursor": "next", "hasNextPage": True})
    assert read_find(reply({"data": data})) == Page(
        (
            GUIDES_FOUND,
            FoundJob("b", "1209", None),
            FoundJob("c", None, None),
        ),
        "next",
        complete=False,
        nulls=1,
        estimated_total=1,
    )
    assert read_find(reply({"data": listing([node(), bare], LAST)})).complete
    assert read_find(reply({"data": listing([], LAST)})) == Page((), None, estimated_total=1)
    # A page without entries has no cursors of its own.
    after_all = {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None}
    assert read_find(reply({"data": listing([], after_all)})) == Page((), None, estimated_total=1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"findEmployerJobsPartner": None},
        listing(None, LAST),
        listing([], None),
        listing([], {"hasNextPage": True}),
        listing([], {"hasNextPage": True, "endCursor": None}),
    ],
)
def test_a_listing_that_cannot_be_followed_to_its_end_is_unreadable(data: dict[str, object]) -> None:
    assert category(read_find, data) is Category.UNEXPECTED


def test_a_page_is_whole_where_only_a_status_could_not_be_had() -> None:
    errors = [{"message": "failed", "path": ["findEmployerJobsPartner", "employerJobs", 0, "seatsConnection"]}]
    read = read_find(reply({"data": listing([node(seatsConnection=None)], LAST), "errors": errors}))
    assert read.complete
    assert read.jobs == (replace(GUIDES_FOUND, live=Live.UNKNOWN),)


@pytest.mark.parametrize("said", [{}, *({"estimatedTotalResultsCount": each} for each in (None, -1, 2.0, 10**400))])
def test_a_page_that_does_not_say_how_many_there_are_is_unreadable(said: dict[str, object]) -> None:
    data = {"findEmployerJobsPartner": {"employerJobs": [], "pageInfo": LAST, **said}}
    with pytest.raises(ProviderError, match="estimatedTotalResultsCount"):
        read_find(reply({"data": data}))


@pytest.mark.parametrize(
    "damaged",
    [
        {"id": "b\ud83d", "jobData": {"externalPostingMetadata": {"jobPostingId": "1209"}}},
        {"id": "b", "jobData": {"externalPostingMetadata": {"jobPostingId": "1209\ud83d"}}},
    ],
    ids=["Indeed's", "the ATS's"],
)
def test_a_page_with_half_a_character_in_an_id_is_not_whole(damaged: dict[str, object]) -> None:
    assert not read_find(reply({"data": listing([node(), damaged], LAST)})).complete
