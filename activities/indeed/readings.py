"""Reading all postings of a job, and where they are found."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clients.errors import ProviderError
from clients.indeed.directory import Postings
from clients.indeed.reading import EmployerJob
from clients.indeed.several import Indeed
from models.boards import IndeedPosting
from models.indeed_ids import job_key, names_another
from models.overlay import Overlay
from models.problems import Category
from models.states import Live

_FIRST = (Live.LIVE, Live.UNKNOWN, Live.NOT_LIVE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What Indeed shows of the postings that were asked for."""

    jobs: tuple[EmployerJob, ...]
    """Those that are live first."""
    missing: tuple[str, ...] = ()
    """IRIs by which Indeed shows nothing: that alone does not prove that a posting is gone."""
    renamed: tuple[EmployerJob, ...] = ()
    """Postings, live or perhaps so, that `jobPostingId` names as another job's: they are never written."""

    @property
    def postings(self) -> tuple[IndeedPosting, ...]:
        """Return how the postings stand; of those that bear another job's name that is not known."""
        return (*self.own, *(IndeedPosting(id=job.employer_job_id) for job in self.renamed))

    @property
    def shown(self) -> bool:
        """Return whether any of them is shown by its id."""
        return bool(self.jobs or self.renamed)

    @property
    def known(self) -> tuple[IndeedPosting, ...]:
        """Return the same with those that are missing: they stay the job's until the listing has none of them."""
        return (*self.postings, *(IndeedPosting(id=each) for each in self.missing))

    @property
    def own(self) -> tuple[IndeedPosting, ...]:
        """Return how the postings stand that are the job's by name, or have none."""
        return tuple(posting_of(job) for job in self.jobs)

    @property
    def title(self) -> str | None:
        """Return the title that Indeed shows first."""
        return next((job.title for job in self.jobs if job.title), None)

    @property
    def current(self) -> tuple[EmployerJob, ...]:
        """Return the postings that are live, or may be."""
        return tuple(job for job in self.jobs if not posting_of(job).ended)


def posting_of(job: EmployerJob) -> IndeedPosting:
    """Return how a posting stands."""
    return IndeedPosting(id=job.employer_job_id, live=job.live, status=job.status, posted_at=job.posted_at)


async def read_all(client: Indeed, employer_job_ids: Sequence[str], overlay: Overlay, *, posting_id: str) -> Reading:
    """Read postings of the job `posting_id`; their salaries only where one is to be compared.

    One that has ended under another job's name counts as missing: whosever it is, it is off Indeed.
    Raises ProviderError where any of them could not be read.
    """
    read = await asyncio.gather(*(_read(client, each, overlay) for each in employer_job_ids))
    jobs, renamed, missing = [], [], []
    for asked, job in zip(employer_job_ids, read, strict=True):
        if job is not None and job.job_posting_id in {None, posting_id}:
            jobs.append(job)
        elif job is not None and not posting_of(job).ended and not names_another(job.employer_job_id, asked):
            renamed.append(job)
        else:
            missing.append(asked)
    return Reading(tuple(sorted(jobs, key=lambda job: _FIRST.index(job.live))), tuple(missing), tuple(renamed))


async def _read(client: Indeed, employer_job_id: str, overlay: Overlay) -> EmployerJob | None:
    try:
        job = await client.job(employer_job_id)
    except ProviderError as error:
        if error.problem.category is Category.NOT_FOUND:
            return None
        raise
    return job if overlay.salary is None else replace(job, pay=await client.pay(employer_job_id))


def listed(found: Postings, *, match_requisition: bool) -> tuple[IndeedPosting, ...]:
    """Return a job's postings in a listing; by requisition only where that is configured.

    A job that `jobPostingId` names otherwise is never one of them.
    """
    jobs = found.postings or (found.by_requisition if match_requisition else ())
    return tuple(IndeedPosting(id=job.employer_job_id, live=job.live, posted_at=job.first_seen) for job in jobs)


def live_first(postings: Iterable[IndeedPosting]) -> tuple[IndeedPosting, ...]:
    """Return postings, those that are live first."""
    return tuple(sorted(postings, key=lambda each: _FIRST.index(each.live)))


def others(ids: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the IRIs that are not known in any spelling."""
    keys = {job_key(each) for each in known}
    return tuple(each for each in ids if job_key(each) not in keys)
