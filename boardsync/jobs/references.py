"""Which job is meant: the ways in which people write one. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from boardsync.exits import misused
from models.base import ID, is_id, workflow_id

FORMS = "job-1234-1209, 1234/1209 or 1234 1209"

_ONE = re.compile(rf"(?:job-({ID})-({ID})|({ID})/({ID}))")


@dataclass(frozen=True, slots=True)
class JobRef:
    """One job of one customer."""

    customer_id: str
    job_id: str

    @property
    def workflow_id(self) -> str:
        """Name its lifecycle."""
        return workflow_id(self.customer_id, self.job_id)

    def __str__(self) -> str:
        """Write it as people read it."""
        return f"{self.customer_id}/{self.job_id}"


def read_one(words: Sequence[str]) -> JobRef:
    """Read the one job that the words of a command line name.

    Raises CommandFailed.
    """
    jobs = read_jobs(words)
    if len(jobs) != 1:
        raise misused(f"expected one job, written {FORMS}")
    return jobs[0]


def read_jobs(words: Iterable[str]) -> list[JobRef]:
    """Read jobs, each once; two numbers side by side are customer and job.

    Raises CommandFailed.
    """
    return list(dict.fromkeys(_jobs(iter(words))))


def read_list(text: str) -> list[JobRef]:
    """Read a list of jobs, one to a line; blank lines and what follows a # are passed over.

    Raises CommandFailed, which names the line.
    """
    found: dict[JobRef, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        jobs = list(_jobs(iter(words), where=f"line {number}: "))
        if len(jobs) != 1:
            raise misused(f"line {number}: expected one job, written {FORMS}")
        found[jobs[0]] = None
    return list(found)


def _jobs(words: Iterator[str], where: str = "") -> Iterator[JobRef]:
    for word in words:
        found = _ONE.fullmatch(word)
        if found is not None:
            yield JobRef(found[1] or found[3], found[2] or found[4])
            continue
        follower = next(words, "") if is_id(word) else ""
        if not is_id(follower):
            raise misused(f"{where}{word!r} is no job: write {FORMS}")
        yield JobRef(word, follower)
