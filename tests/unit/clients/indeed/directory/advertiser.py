"""An advertiser's jobs at Indeed, in pages."""

import asyncio

from clients.errors import ProviderError
from clients.indeed.directory import Postings
from clients.indeed.found import FoundJob
from clients.indeed.search import Page, Search
from models.states import Live


def job(
    posting_id: str | None, *, iri: str | None = None, requisition: str | None = None, live: Live = Live.LIVE
) -> FoundJob:
    return FoundJob(iri or f"iri-{posting_id}", posting_id, requisition, live=live)


class Advertiser:
    """An advertiser's jobs, newest first, in pages; a cursor is a place in the list as it is then."""

    def __init__(self, *jobs: FoundJob, page_size: int = 2) -> None:
        self.jobs, self.page_size = list(jobs), page_size
        self.readings = self.pages = 0
        self.failing: dict[int, ProviderError] = {}
        self.changes: dict[int, list[tuple[str, FoundJob]]] = {}
        self.estimate = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def page(self, _: Search, cursor: str | None) -> Page:
        self.readings += cursor is None
        self.pages += 1
        number = self.pages
        await self.gate.wait()
        await asyncio.sleep(0)
        if number in self.failing:
            raise self.failing[number]
        start = 0 if cursor is None else int(cursor)
        end = start + self.page_size
        some = tuple(self.jobs[start:end])
        more = str(end) if end < len(self.jobs) else None
        total = len(self.jobs) + self.estimate
        for change, each in self.changes.pop(number, []):
            if change == "add":
                self.jobs.insert(0, each)
            elif each in self.jobs:
                self.jobs.remove(each)
        return Page(some, more, estimated_total=total)

    def add(self, posting_id: str) -> None:
        self.jobs.insert(0, job(posting_id))


def irisof(found: Postings) -> list[str]:
    return [each.employer_job_id for each in found.postings]
