"""Read many jobs at once, at LinkedIn by 50 ids and at Indeed by `nodes`; one job's failure stays its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from clients.errors import ProviderError
from clients.indeed.found import FoundJob
from clients.indeed.nodes import AT_ONCE
from clients.indeed.several import Indeed
from clients.linkedin.client import LinkedInClient
from clients.linkedin.protocol import IDS_LIMIT, PostingStatus

T = TypeVar("T")
F = TypeVar("F")
READS_AT_ONCE = 2
"""Requests of one sweep under way at a time: lifecycles use the same credentials, and go first."""


@dataclass(slots=True)
class Many(Generic[F]):
    """What was read of many ids, and what could not be."""

    calls: int = 0
    """Requests, as long as none fails."""
    errors: dict[str, ProviderError] = field(default_factory=dict)
    found: dict[str, F | None] = field(default_factory=dict)
    """What there is; `None` is what the provider does not have, which at Indeed proves nothing by itself."""


async def read_statuses(client: LinkedInClient, ids: Sequence[str]) -> Many[PostingStatus]:
    """Read any number of listings."""
    return await _in_parts(ids, IDS_LIMIT, client.statuses)


async def read_nodes(client: Indeed, ids: Sequence[str]) -> Many[FoundJob]:
    """Read any number of postings by their IRIs."""
    return await _in_parts(ids, AT_ONCE, client.found)


async def _in_parts(
    ids: Sequence[str],
    size: int,
    read: Callable[[Sequence[str]], Awaitable[Mapping[str, F | ProviderError | None]]],
) -> Many[F]:
    into: Many[F] = Many()

    async def part_of(part: Sequence[str]) -> None:
        into.calls += 1
        for id_, answer in (await read(part)).items():
            if isinstance(answer, ProviderError):
                into.errors[id_] = answer
            else:
                into.found[id_] = answer

    wanted = list(dict.fromkeys(ids))
    parts = [wanted[at : at + size] for at in range(0, len(wanted), size)]
    await each(part_of, parts, at_once=READS_AT_ONCE)
    return into


async def each(work: Callable[[T], Awaitable[None]], items: Sequence[T], *, at_once: int) -> None:
    """Do the same with each item, not more than so many at a time."""
    slots = asyncio.Semaphore(at_once)

    async def one(item: T) -> None:
        async with slots:
            await work(item)

    await asyncio.gather(*(one(item) for item in items))
