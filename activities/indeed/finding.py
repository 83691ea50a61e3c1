"""Finding all postings of a job at Indeed, in its listing and by what is known of them."""

from collections.abc import Sequence

from activities.heartbeats import with_heartbeats
from activities.indeed import evidence as words
from activities.indeed.memory import Memory
from activities.indeed.overlay import NOTHING
from activities.indeed.places import OfJob, Places
from activities.indeed.readings import Reading, listed, live_first, others, read_all
from activities.problems import failure, not_yet
from activities.providers import Providers
from clients.indeed.directory import Postings
from clients.indeed.several import Indeed
from config.values import fill
from models.boards import IndeedPosting
from models.calls.indeed import IndeedClearedBack, IndeedPostings
from models.overlay import Overlay


class Finding:
    """Find and read a job's postings."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers, self._memory = providers, Memory(providers.stored)
        self._places = Places(providers, self._memory)

    async def _known(self, job: OfJob, known: Sequence[str]) -> tuple[str, ...]:
        """Return the IRIs that this lifecycle knows, and those that the job index has."""
        return await self._memory.with_known(job.customer_id, job.job_id, known)

    async def _at_hand(self, job: OfJob, known: Sequence[str], overlay: Overlay) -> Reading:
        """Read the postings of the job that are known already."""
        client = await self._places.of(job)
        return await read_all(client, known, overlay, posting_id=self._posting_id(job.customer_id, job.job_id))

    async def _find(
        self,
        job: OfJob,
        known: Sequence[str],
        *,
        mine: Sequence[str],
        fresh: bool,
        expected: bool,
        wait_for_all: bool = True,
    ) -> tuple[IndeedPosting, ...]:
        """Return all postings of the job, those that are live first; none only where their absence is proven.

        That needs two listings that agree, and nothing by the `known` IRIs. Without `wait_for_all` one live is enough.
        Those of `mine`, which were seen as the job's, stay with it where they are another's by name.
        Raises ProviderError and ApplicationError.
        """
        client, settings = await self._places.of(job, fresh=expected), self._providers.indeed_settings(job.customer_id)
        posting_id = self._posting_id(job.customer_id, job.job_id)
        if expected:
            found = await with_heartbeats(client.directory.look(posting_id, fresh=fresh))
        else:
            found = await with_heartbeats(self._search(job, client, fresh=fresh, wait_for_all=wait_for_all))
        there = listed(found, match_requisition=settings.match_requisition)
        # What was known and is not listed may be there all the same.
        further = others(known, [each.id for each in there])
        unlisted = await read_all(client, further, NOTHING, posting_id=posting_id)
        await self._places.certain(job, unlisted.missing)
        postings = live_first((*there, *unlisted.own))
        if not postings and not expected:
            await self._none_unread(job, known)
        if postings or not expected:
            postings = (*postings, *await self._stay(job, [each.employer_job_id for each in unlisted.renamed], mine))
        if not expected:
            # Nothing is written to one that is not shown, so those of earlier lifecycles are waited for too.
            postings = (*postings, *await self._stay(job, found.lists(unlisted.missing), known))
        if found.listing_empty and not postings:
            raise failure(words.LISTS_NOTHING)
        await self._memory.saw(job.customer_id, job.job_id, postings, client.account_of)
        return postings

    async def _search(self, job: OfJob, client: Indeed, *, fresh: bool, wait_for_all: bool) -> Postings:
        posting_id = self._posting_id(job.customer_id, job.job_id)
        named = self._requisition_ids(job, posting_id)
        return await client.directory.find(posting_id, fresh=fresh, wait_for_all=wait_for_all, requisition_ids=named)

    async def _none_unread(self, job: OfJob, read: Sequence[str]) -> None:
        """Make sure that the store knows no posting besides those that were read: one that no listing has is there.

        Raises ApplicationError, also where the store does not say.
        """
        found = await self._memory.known(job.customer_id, job.job_id)
        if found is None or others([each.posting_id for each in found], read):
            raise failure(words.STORE_SILENT)

    async def _stay(self, job: OfJob, renamed: Sequence[str], mine: Sequence[str]) -> tuple[IndeedPosting, ...]:
        """Return the postings that were seen as the job's, bear another's name now, and that nobody took off it."""
        once = [each for each in renamed if not others((each,), mine)]
        off = await self._memory.taken_off(job.customer_id, job.job_id, once)
        return tuple(IndeedPosting(id=each) for each in once if each not in off)

    async def _others(self, reading: Reading, call: IndeedClearedBack) -> tuple[IndeedPosting, ...]:
        """Return postings of the job that were not looked for yet.

        Raises ProviderError and ApplicationError where it cannot be told what is on them.
        """
        await self._places.certain(call, reading.missing)
        client, settings = await self._places.of(call), self._providers.indeed_settings(call.customer_id)
        posting_id = self._posting_id(call.customer_id, call.job_id)
        found = await with_heartbeats(client.directory.find(posting_id, fresh=True, complete=True))
        if found.listing_empty and not reading.jobs:
            raise failure(words.LISTS_NOTHING)
        there = {each.id: each for each in listed(found, match_requisition=settings.match_requisition)}
        if new := others(tuple(there), call.employer_job_ids):
            return tuple(there[each] for each in new)
        if others(tuple(there), [job.employer_job_id for job in reading.jobs]):
            raise not_yet(words.NOT_SHOWN, call.backoff)
        if found.lists(reading.missing):
            raise not_yet(words.LISTED_OTHERWISE, call.backoff)
        # One may be shown by its id since it was asked for, and be listed no more.
        if reading.missing and (await read_all(client, reading.missing, NOTHING, posting_id=posting_id)).shown:
            raise not_yet(words.SHOWN_AGAIN, call.backoff)
        return ()

    async def _read(self, call: IndeedPostings, overlay: Overlay) -> Reading:
        client = await self._places.of(call)
        posting_id = self._posting_id(call.customer_id, call.job_id)
        return await read_all(client, call.employer_job_ids, overlay, posting_id=posting_id)

    def _requisition_ids(self, job: OfJob, posting_id: str) -> frozenset[str]:
        """Return by which ids a feed may name the job's requisition: nothing is concluded from which it does not."""
        number = self._providers.icims(job.customer_id).said_before(job.job_id).number
        return frozenset(each for each in (posting_id, job.job_id, number) if each)

    def _posting_id(self, customer_id: str, job_id: str) -> str:
        settings = self._providers.indeed_settings(customer_id)
        return fill(settings.job_posting_id, customer_id=customer_id, job_id=job_id)
