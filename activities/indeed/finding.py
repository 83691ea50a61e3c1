"""Finding all postings of a job at Indeed, in its listing and by what is known of them."""

from collections.abc import Sequence
from typing import Protocol

from activities.heartbeats import with_heartbeats
from activities.indeed import evidence as words
from activities.indeed.memory import Memory
from activities.indeed.overlay import NOTHING
from activities.indeed.readings import Reading, listed, live_first, others, read_all
from activities.problems import failure, not_yet
from activities.providers import Providers
from clients.indeed.directory import Postings
from config.values import fill
from models.boards import IndeedPosting
from models.calls.indeed import IndeedClearedBack, IndeedPostings
from models.overlay import Overlay


class OfJob(Protocol):
    """What names a job."""

    @property
    def customer_id(self) -> str:
        """Return whose it is."""

    @property
    def job_id(self) -> str:
        """Return which it is."""


class Finding:
    """Find and read a job's postings."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers, self._memory = providers, Memory(providers.stored)

    async def _find(
        self, job: OfJob, known: Sequence[str], *, fresh: bool, expected: bool
    ) -> tuple[IndeedPosting, ...]:
        """Return all postings of the job, those that are live first; none only where their absence is proven.

        That needs two listings that agree, and nothing by the known IRIs.
        Raises ProviderError and ApplicationError.
        """
        client, _ = self._providers.indeed(job.customer_id)
        there, empty = await self._listed(job, fresh=fresh, expected=expected)
        # What was known and is not listed may be there all the same.
        known = await self._memory.with_known(job.customer_id, job.job_id, known)
        further = others(known, [each.id for each in there])
        posting_id = self._posting_id(job.customer_id, job.job_id)
        unlisted = await read_all(client, further, NOTHING, posting_id=posting_id)
        postings = live_first((*there, *unlisted.postings))
        if empty and not postings:
            raise failure(words.LISTS_NOTHING)
        await self._memory.saw(job.customer_id, job.job_id, postings)
        return postings

    async def _listed(self, job: OfJob, *, fresh: bool, expected: bool) -> tuple[tuple[IndeedPosting, ...], bool]:
        """Return the job's postings in the listing, and whether the advertiser has no job at all there."""
        client, settings = self._providers.indeed(job.customer_id)
        posting_id = self._posting_id(job.customer_id, job.job_id)
        looking = client.directory.look if expected else client.directory.find
        found: Postings = await with_heartbeats(looking(posting_id, fresh=fresh))
        return listed(found, match_requisition=settings.match_requisition), found.listing_empty

    async def _has_others(self, reading: Reading, call: IndeedClearedBack) -> bool:
        """Return whether the job has postings that were not looked for yet.

        Raises ProviderError and ApplicationError where it cannot be told what is on them.
        """
        client, settings = self._providers.indeed(call.customer_id)
        posting_id = self._posting_id(call.customer_id, call.job_id)
        found = await with_heartbeats(client.directory.find(posting_id, fresh=True, complete=True))
        if found.listing_empty and not reading.jobs:
            raise failure(words.LISTS_NOTHING)
        ids = [each.id for each in listed(found, match_requisition=settings.match_requisition)]
        if others(ids, call.employer_job_ids):
            return True
        if others(ids, [job.employer_job_id for job in reading.jobs]):
            raise not_yet(words.NOT_SHOWN, call.backoff)
        return False

    async def _read(self, call: IndeedPostings, overlay: Overlay) -> Reading:
        client, _ = self._providers.indeed(call.customer_id)
        posting_id = self._posting_id(call.customer_id, call.job_id)
        return await read_all(client, call.employer_job_ids, overlay, posting_id=posting_id)

    def _posting_id(self, customer_id: str, job_id: str) -> str:
        _, settings = self._providers.indeed(customer_id)
        return fill(settings.job_posting_id, customer_id=customer_id, job_id=job_id)
