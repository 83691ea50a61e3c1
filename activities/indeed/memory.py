"""What the store remembers of a job at Indeed: its postings, and what was ever set on them. No board waits for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from activities.indeed.fields import digest, shown_digests
from activities.indeed.readings import others
from activities.stored import Stored
from clients.indeed.reading import EmployerJob
from models.boards import IndeedPosting
from models.overlay import Overlay
from models.states import BoardName, Live
from store.jobs import IndexedJob, Posting
from store.set_values import digest as kept_as

BOARD = BoardName.INDEED.value
_LIVE = {Live.LIVE: True, Live.NOT_LIVE: False, Live.UNKNOWN: None}
AccountOf = Callable[[str], str | None]
SILENT = IndexedJob(customer_id="", job_id="")
"""Stands for a store that does not answer."""
EverSet = Mapping[str, frozenset[str]]
"""Digests, as the store keeps them, of every value that a field was ever set to by us."""


class Memory:
    """The job index, as far as it knows a job's postings at Indeed; without a store it knows nothing."""

    def __init__(self, stored: Stored | None) -> None:
        """Use the worker's store."""
        self._stored = stored

    async def known(self, customer_id: str, job_id: str) -> tuple[Posting, ...] | None:
        """Return the job's postings that were seen before or linked by hand; None where the store does not say."""
        if self._stored is None:
            return ()
        job = await self._stored.if_there(self._stored.jobs.job(customer_id, job_id), SILENT)
        if job is SILENT:
            return None
        return tuple(each for each in job.postings if each.board == BOARD) if job is not None else ()

    async def with_known(self, customer_id: str, job_id: str, known: Sequence[str]) -> tuple[str, ...]:
        """Return the IRIs that are known, with those that were seen before or linked by hand."""
        found = [each.posting_id for each in await self.known(customer_id, job_id) or ()]
        return (*known, *others(found, known))

    async def taken_off(self, customer_id: str, job_id: str, posting_ids: Sequence[str]) -> frozenset[str]:
        """Return which of a job's postings a person has taken off it; none where the store does not say."""
        if self._stored is None or not posting_ids:
            return frozenset()
        found = await self.known(customer_id, job_id)
        return frozenset(others(posting_ids, [each.posting_id for each in found]) if found is not None else ())

    async def accounts(self, customer_id: str, job_id: str) -> Mapping[str, str | None] | None:
        """Return under which account each posting was seen that may still be live; None where that is not known.

        None in all where the store does not say.
        """
        found = await self.known(customer_id, job_id)
        return None if found is None else {each.posting_id: each.account for each in found if each.live is not False}

    async def saw(
        self, customer_id: str, job_id: str, postings: Iterable[IndeedPosting], account_of: AccountOf
    ) -> None:
        """Remember how the job's postings stand, and under which account each is."""
        seen = tuple(
            Posting(board=BOARD, posting_id=each.id, live=_LIVE[each.live], account=account_of(each.id))
            for each in postings
        )
        if self._stored is None or not seen:
            return
        job = IndexedJob(customer_id=customer_id, job_id=job_id, postings=seen)
        await self._stored.if_there(self._stored.jobs.saw(job), None)

    async def sets(self, customer_id: str, job_id: str, send: Mapping[str, Sequence[str]], wanted: Overlay) -> None:
        """Remember by digests what is about to be set on each posting."""
        if self._stored is None:
            return
        for posting_id, names in send.items():
            values = {name: digest(name, wanted) for name in names}
            kept = self._stored.set_values.add(customer_id, job_id, BOARD, posting_id, values)
            await self._stored.if_there(kept, None)

    async def ever_set(self, customer_id: str, job_id: str) -> EverSet | None:
        """Return what was ever set on any posting of the job, by any lifecycle; None where the store does not say."""
        if self._stored is None:
            return {}
        said = await self._stored.if_there(self._stored.set_values.of(customer_id, job_id), None)
        if said is None:
            return None
        found: dict[str, set[str]] = {}
        for each in said:
            if each.board == BOARD:
                found.setdefault(each.field, set()).add(each.digest)
        return {name: frozenset(digests) for name, digests in found.items()}


def shows_what_was_set(name: str, job: EmployerJob, ever: EverSet) -> bool:
    """Return whether a field as shown is a value that it was ever set to by us."""
    kept = ever.get(name)
    return kept is not None and not kept.isdisjoint(kept_as(each) for each in shown_digests(name, job))
