"""What is listed under several accounts of Indeed: whose postings are a job's, where nothing else says so."""

from typing import cast

from activities.sweeps.listings import Listed
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.listing import Listing
from models.states import Live

FIRST, SECOND = (cast("IndeedClient", object()) for _ in range(2))


def listing(**names: str) -> Listing:
    jobs = {
        name: tuple(
            FoundJob(employer_job_id=each, job_posting_id=name, job_requisition_id=None, live=Live.LIVE, marks=())
            for each in iris.split()
        )
        for name, iris in names.items()
    }
    return Listing(jobs=tuple(job for each in jobs.values() for job in each), complete=True, by_posting_id=jobs)


def found(listed: Listed, name: str, decided: IndeedClient | None = None) -> list[str] | None:
    postings = listed.of_job(name, decided)
    return None if postings is None else [each.employer_job_id for each in postings]


def test_the_one_account_that_has_a_job_decides_and_of_two_nothing_is_concluded() -> None:
    listed = Listed(((FIRST, listing(one="a", both="b c", same="d")), (SECOND, listing(two="e", both="f", same="d"))))
    assert [found(listed, name) for name in ("one", "two", "same", "none")] == [["a"], ["e"], ["d"], []]
    assert listed.unclear == set()
    assert (found(listed, "both"), listed.unclear) == (None, {"both"})
    assert found(listed, "both", FIRST) == ["b", "c"]
    assert found(listed, "one", SECOND) == []
    assert {name: len(jobs) for name, jobs in listed.names.items()} == {"one": 1, "two": 1, "both": 3, "same": 2}
