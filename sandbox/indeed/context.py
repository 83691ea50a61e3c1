"""What the resolvers of one request share."""

from dataclasses import dataclass, field

from graphql import GraphQLResolveInfo

from sandbox.calls import Call
from sandbox.faults.book import JobRef
from sandbox.indeed.errors import IndeedError, not_found
from sandbox.indeed.jobs import EmployerJob
from sandbox.settings import IndeedSettings


@dataclass(slots=True)
class Context:
    """The call, and errors that stand beside complete data."""

    call: Call
    extra_errors: list[IndeedError] = field(default_factory=list)

    @property
    def settings(self) -> IndeedSettings:
        """The knobs of Indeed."""
        return self.call.world.settings.indeed

    @property
    def advertiser_id(self) -> str:
        """The advertiser that the token stands for."""
        return (self.call.grant.advertiser_id if self.call.grant else None) or ""

    def is_visible(self, job: EmployerJob | None) -> bool:
        """Return whether the job exists for this application: what another one brought does not."""
        customer, grant = self.call.customer, self.call.grant
        if job is None or customer is None or grant is None or job.customer_id != customer.customer_id:
            return False
        return customer.at_indeed(job.client_id).client_id == grant.client_id

    def writable(self, sourced_posting_id: str) -> tuple[EmployerJob, JobRef]:
        """Return the job to change, or raise what stands against it, faults included."""
        job = self.call.world.indeed.by_posting(sourced_posting_id)
        ref = JobRef.of(job.job_id, *job.names) if job else JobRef.of(sourced_posting_id)
        self.raise_fault(ref)
        if job is None or not self.is_visible(job) or job.node != "whole":
            raise not_found()
        if job.lifecycle == "INACTIVE" and self.settings.write_to_inactive == "NOT_FOUND":
            raise not_found()
        if job.claimed_by not in {None, self.advertiser_id}:
            raise IndeedError(
                "FORBIDDEN",
                f"Advertiser is requesting an update to EJ (id={job.employer_uuid}), "
                "but the job is claimed by a different advertiser.",
            )
        return job, ref

    def raise_fault(self, ref: JobRef | None) -> None:
        """Raise the GraphQL error that a fault wants for this item."""
        if fault := self.call.faults.on_item("graphql_error", ref):
            self.call.throttled = fault.code == "429"
            raise IndeedError(fault.code, fault.message, fault.extensions)

    def wrote(self, job: EmployerJob) -> None:
        """Note that the call changes the posting."""
        self.call.applied = True
        self.call.written.append(job.posting_uuid)


ResolveInfo = GraphQLResolveInfo[Context]
