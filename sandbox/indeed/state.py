"""Everything Indeed knows: the postings of every job of the ATS."""

import uuid
from collections import defaultdict
from dataclasses import replace

from sandbox.content import JobContent
from sandbox.indeed import iris
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.overlay import NO_OVERLAY
from sandbox.timeline import Timeline

_NAMESPACE = uuid.UUID("5f0c1f3e-0d55-4c3a-9a53-6f2b8a6a4d10")


class IndeedState:
    """Find postings by the ids of the ATS, by sourcedPostingId and by IRI."""

    def __init__(self) -> None:
        self._by_job: defaultdict[tuple[str, str], list[EmployerJob]] = defaultdict(list)
        self._by_posting: dict[str, EmployerJob] = {}
        self._by_employer: dict[str, EmployerJob] = {}
        self._made: defaultdict[tuple[str, str], int] = defaultdict(int)

    def put(
        self, customer_id: str, job_id: str, content: JobContent, *, requisition_id: str, now: float
    ) -> EmployerJob:
        """Add a posting of a job; its ids depend on customer, job and how many the job had before."""
        posting_uuid, employer_uuid = self._new_ids(customer_id, job_id)
        job = EmployerJob(
            customer_id=customer_id,
            job_id=job_id,
            job_posting_id=job_id,
            requisition_id=requisition_id,
            posting_uuid=posting_uuid,
            employer_uuid=employer_uuid,
            posted_at=now,
            ats=content,
            overlay=Timeline(NO_OVERLAY),
        )
        return self._keep(job)

    def put_again(self, job: EmployerJob, now: float) -> EmployerJob:
        """Add what a new ingestion of the same posting makes: new ids, no overlay, claimed by nobody."""
        posting_uuid, employer_uuid = self._new_ids(job.customer_id, job.job_id)
        again = replace(
            job,
            posting_uuid=posting_uuid,
            employer_uuid=employer_uuid,
            posted_at=now,
            overlay=Timeline(NO_OVERLAY),
            feed=dict(job.feed),
            claimed_by=None,
        )
        return self._keep(again)

    def remove(self, customer_id: str, job_id: str) -> None:
        """Forget all postings of a job, as if they had never been there."""
        for job in self.of_job(customer_id, job_id):
            self.drop(job)
        self._made.pop((customer_id, job_id), None)

    def drop(self, job: EmployerJob) -> None:
        """Forget one posting."""
        self._by_job[job.customer_id, job.job_id].remove(job)
        del self._by_posting[job.posting_uuid]
        del self._by_employer[job.employer_uuid]

    def of_job(self, customer_id: str, job_id: str) -> list[EmployerJob]:
        """Return all postings of a job, in the order in which they were made."""
        return list(self._by_job.get((customer_id, job_id), ()))

    def get(self, customer_id: str, job_id: str) -> EmployerJob | None:
        """Return the posting of a job that was made first."""
        return next(iter(self.of_job(customer_id, job_id)), None)

    def by_iri(self, iri: str) -> EmployerJob | None:
        """Return the posting by EmployerJob.id."""
        return self._by_employer.get(iris.decode("EmployerJob", iri) or "")

    def by_seat(self, iri: str) -> EmployerJob | None:
        """Return the posting by the id of its JobPost."""
        return self._by_employer.get(iris.decode("JobPost", iri) or "")

    def by_posting(self, sourced_posting_id: str) -> EmployerJob | None:
        """Return the posting by sourcedPostingId, which may be the UUID or the IRI."""
        return self._by_posting.get(sourced_posting_id) or self.by_iri(sourced_posting_id)

    def of_customer(self, customer_id: str) -> list[EmployerJob]:
        """Return the customer's postings in the order in which they were made."""
        return [job for job in self._by_posting.values() if job.customer_id == customer_id]

    def _new_ids(self, customer_id: str, job_id: str) -> tuple[str, str]:
        number = self._made[customer_id, job_id]
        self._made[customer_id, job_id] += 1
        key = f"{customer_id}/{job_id}" + (f"/{number}" if number else "")
        return str(uuid.uuid5(_NAMESPACE, f"posting/{key}")), str(uuid.uuid5(_NAMESPACE, f"employer/{key}"))

    def _keep(self, job: EmployerJob) -> EmployerJob:
        self._by_job[job.customer_id, job.job_id].append(job)
        self._by_posting[job.posting_uuid] = job
        self._by_employer[job.employer_uuid] = job
        return job
