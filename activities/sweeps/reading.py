"""Read many jobs at once, at LinkedIn by 50 ids and at Indeed by `nodes`; one job's failure stays its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.nodes import AT_ONCE
from clients.linkedin.client import LinkedInClient
from clients.linkedin.protocol import IDS_LIMIT, PostingStatus
from models.problems import IN_DOUBT

T = TypeVar("T")
READS_AT_ONCE = 2
"""Requests of one sweep under way at a time: lifecycles use the same credentials, and go first."""
FAILURES_IN_A_ROW = 12
"""So many say that the provider is failing, rather than single ids: one bad id among 50 is found by six."""


@dataclass(slots=True)
class Many:
    """What was read of many ids, and what could not be."""

    calls: int = 0
    in_a_row: int = 0
    """Requests that failed since one succeeded."""
    errors: dict[str, ProviderError] = field(default_factory=dict)


@dataclass(slots=True)
class Statuses(Many):
    """Listings at LinkedIn; `None` is a job that LinkedIn does not have."""

    found: dict[str, PostingStatus | None] = field(default_factory=dict)


@dataclass(slots=True)
class Nodes(Many):
    """Postings at Indeed; `None` is a posting that `nodes` no longer finds, which alone proves nothing."""

    found: dict[str, FoundJob | None] = field(default_factory=dict)


async def read_statuses(client: LinkedInClient, ids: Sequence[str]) -> Statuses:
    """Read any number of listings; a request that fails is read again in halves."""
    into = Statuses()

    async def read(part: Sequence[str]) -> None:
        into.calls += 1
        found = await client.statuses(part)
        into.found.update({each: found.get(each) for each in part})

    await _in_parts(ids, IDS_LIMIT, read, into)
    return into


async def read_nodes(client: IndeedClient, ids: Sequence[str]) -> Nodes:
    """Read any number of postings by their IRIs; a request that fails is read again in halves."""
    into = Nodes()

    async def read(part: Sequence[str]) -> None:
        into.calls += 1
        answer = await client.jobs(part)
        into.errors.update(answer.errors)
        missing = [each for each in part if each not in answer.jobs and each not in answer.errors]
        if answer.unattributed is not None:
            into.errors.update(dict.fromkeys(missing, answer.unattributed))
        else:
            into.found.update(dict.fromkeys(missing))
        into.found.update(answer.jobs)

    await _in_parts(ids, AT_ONCE, read, into)
    return into


async def _in_parts(
    ids: Sequence[str], size: int, read: Callable[[Sequence[str]], Awaitable[None]], into: Many
) -> None:
    slots = asyncio.Semaphore(READS_AT_ONCE)

    async def part_or_halves(part: Sequence[str]) -> None:
        try:
            async with slots:
                await read(part)
        except ProviderError as error:
            into.in_a_row += 1
            if len(part) == 1 or not _may_be_of_one(error) or into.in_a_row > FAILURES_IN_A_ROW:
                into.errors.update(dict.fromkeys(part, error))
                return
            middle = len(part) // 2
            await part_or_halves(part[:middle])
            await part_or_halves(part[middle:])
        else:
            into.in_a_row = 0

    wanted = list(dict.fromkeys(ids))
    await asyncio.gather(*(part_or_halves(wanted[at : at + size]) for at in range(0, len(wanted), size)))


def _may_be_of_one(error: ProviderError) -> bool:
    """Return whether an error may be that of one id, such as a listing that LinkedIn cannot read."""
    return error.sent and error.problem.category in IN_DOUBT


async def each(work: Callable[[T], Awaitable[None]], items: Sequence[T], *, at_once: int) -> None:
    """Do the same with each item, not more than so many at a time."""
    slots = asyncio.Semaphore(at_once)

    async def one(item: T) -> None:
        async with slots:
            await work(item)

    await asyncio.gather(*(one(item) for item in items))
