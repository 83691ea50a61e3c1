"""The sandbox's records, read before it forgets them."""

import asyncio
from collections.abc import Sequence

from benchmarks.chaos.evidence import Call, Truth
from tests.support.boards import Boards

EVERY = 3.0
KEPT = frozenset({"submit", "update", "clear", "status", "node", "nodes", "find"})
"""Operations that prove something; of the others only the number is needed."""


class Records:
    """Keep the calls that prove something."""

    def __init__(self, boards: Boards) -> None:
        """Have read none."""
        self._boards = boards
        self._seen: dict[int, Call] = {}
        self._highest = self._read = 0
        self._one_at_a_time = asyncio.Lock()

    async def watch(self) -> None:
        """Read again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Read what is new."""
        async with self._one_at_a_time:
            for each in await self._boards.records(after=str(self._highest)):
                self._highest, self._read = max(self._highest, each["n"]), self._read + 1
                if each["operation"] in KEPT:
                    self._seen[each["n"]] = Call.model_validate(each)

    @property
    def calls(self) -> Sequence[Call]:
        """Return the calls that prove something, in order."""
        return [self._seen[n] for n in sorted(self._seen)]

    @property
    def gaps(self) -> int:
        """Return how many records were forgotten before they were read."""
        return self._highest - self._read


async def truth_of(boards: Boards, job: str) -> Truth:
    """Return how a job stands in truth."""
    seen = await boards.job(job)
    reported = seen["icims"]["reported"] or {"jobboards": ()}
    return Truth(
        listed=(seen["linkedin"] or {}).get("listed_changes", ()),
        overlays=tuple(each["overlay_changes"] for each in seen["indeed_postings"]),
        told={each["externalid"]: each["status"] for each in reported["jobboards"]},
        postings=tuple(each["sourced_posting_id"] for each in seen["indeed_postings"]),
    )


async def decoys(boards: Boards) -> None:
    """Put jobs beside ours that look like them: nobody says a word of them, so none may be written."""
    for number in range(5):
        await boards.add_job(f"{4_000_000 + number}")
    # A posting of another job that carries the number of one of ours.
    await boards.add_job("4000009", indeed={"requisition_id": "2026-3000000", "job_posting_id": "4000009"})
