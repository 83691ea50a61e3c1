"""What Indeed lists of a customer: one listing, or one for each account where its jobs may be."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.providers import Providers
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.listing import Listing
from clients.indeed.search import PAGE_SIZE

ByName = Mapping[str, tuple[FoundJob, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """The listings, each with the client that read it."""

    parts: tuple[tuple[IndeedClient, Listing], ...]
    unclear: set[str] = field(default_factory=set)
    """Names that were asked for, of which it is not known under which account they are this job's."""

    @property
    def complete(self) -> bool:
        """Return whether nothing may be missing from any."""
        return all(each.complete for _, each in self.parts)

    @property
    def calls(self) -> int:
        """Return how many requests they took."""
        return sum(-(-len(each.jobs) // PAGE_SIZE) + len(client.searches) for client, each in self.parts)

    def of_job(self, name: str, decided: IndeedClient | None) -> tuple[FoundJob, ...] | None:
        """Return a job's postings; None where several accounts have some, and nothing says which are the job's."""
        found = [each.by_posting_id.get(name, ()) for client, each in self.parts if decided in {None, client}]
        ids = {job.employer_job_id for each in found for job in each}
        whole = next((each for each in found if {job.employer_job_id for job in each} == ids), None)
        if whole is None:
            self.unclear.add(name)
        return whole

    @property
    def names(self) -> ByName:
        """Return every posting by its `jobPostingId`."""
        names: dict[str, tuple[FoundJob, ...]] = {}
        for _, each in self.parts:
            for name, jobs in each.by_posting_id.items():
                names[name] = (*names.get(name, ()), *jobs)
        return names


async def listed(providers: Providers, customer_id: str) -> Listed:
    """Read what Indeed lists under each account.

    Raises ProviderError.
    """
    clients = providers.indeed_accounts(customer_id)
    read = await asyncio.gather(*(each.directory.listing() for each in clients))
    return Listed(tuple(zip(clients, read, strict=True)))
