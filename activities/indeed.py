"""Indeed: find a job, set or clear the agency's overlay, and read back that it took."""

from datetime import UTC, datetime

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.overlay import left_of_overlay, missing_of_overlay, wanted_overlay
from activities.problems import not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.protocol import EmployerJob, Overlay
from config.values import fill
from models.calls import Confirmed, IndeedFind, IndeedFound, IndeedJob, IndeedReadBack, IndeedWritten
from models.lifecycle import Evidence, Outcome
from models.problems import Category, Problem

CLEAR = "nothing of the overlay is left"
COMPLETE = "shows the whole overlay"


class IndeedActivities:
    """The activities of the queues `indeed-search`, `indeed-mutations` and `indeed-reads`."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="indeed_find")
    async def find(self, call: IndeedFind) -> IndeedFound:
        """Find the job's IRI in the advertiser's listing; one crawl answers all who ask meanwhile."""
        with reported():
            client, settings = self._providers.indeed(call.customer_id)
            posting_id = fill(settings.job_posting_id, customer_id=call.customer_id, job_id=call.job_id)
            found = await with_heartbeats(client.directory.find(posting_id, fresh=call.fresh))
            if found is None and call.expected:
                raise not_yet(_not_listed_yet(posting_id), call.backoff)
            ids = {"job_posting_id": posting_id}
            if found is None:
                answered = "not in the advertiser's complete listing"
            else:
                answered, ids["employer_job_id"] = "found", found
            evidence = Evidence(at=_now(), asked=f"Find job {posting_id}", answered=answered, ids=ids)
            return IndeedFound(employer_job_id=found, evidence=(evidence,))

    @activity.defn(name="indeed_update")
    async def update(self, call: IndeedJob) -> IndeedWritten:
        """Set what the job does not show yet of the overlay.

        Indeed is read first and only the difference is sent: an update is not atomic, so a try after a partial
        one, or after a lost answer, sends what is missing and nothing twice.
        """
        with reported():
            client, overlay = self._overlay(call)
            before = await client.job(call.employer_job_id)
            missing = missing_of_overlay(before, overlay)
            if not missing.metadata():
                return IndeedWritten(evidence=(_read_evidence(before, COMPLETE),))
            await client.update(call.employer_job_id, missing)
            return IndeedWritten(evidence=(_accepted(f"Set {', '.join(missing.metadata())}", call.employer_job_id),))

    @activity.defn(name="indeed_confirm_updated")
    async def confirm_updated(self, call: IndeedReadBack) -> Confirmed:
        """Read the job; succeed once it shows the whole overlay."""
        with reported():
            client, overlay = self._overlay(call)
            job = await client.job(call.employer_job_id)
            if missing := missing_of_overlay(job, overlay).metadata():
                raise not_yet(_not_taken(list(missing)), call.backoff)
            outcome = Outcome.UPDATED if overlay.metadata() else Outcome.LIVE
            evidence = _read_evidence(job, COMPLETE)
            return Confirmed(outcome=outcome, posting=job.live, evidence=(evidence,))

    @activity.defn(name="indeed_clear")
    async def clear(self, call: IndeedJob) -> IndeedWritten:
        """Clear the overlay, unless Indeed already shows nothing of it.

        Indeed is read first, so that a repeat, or a try after a lost answer, writes nothing twice.
        """
        with reported():
            client, overlay = self._overlay(call)
            before = await client.job(call.employer_job_id)
            title = await self._ats_title(call)
            left = left_of_overlay(before, overlay, ats_title=title)
            if not left:
                return IndeedWritten(ats_title=title, evidence=(_read_evidence(before, CLEAR),))
            await client.clear(call.employer_job_id)
            evidence = _accepted(f"Clear the updates ({', '.join(left)})", call.employer_job_id)
            return IndeedWritten(ats_title=title, evidence=(evidence,))

    @activity.defn(name="indeed_confirm_cleared")
    async def confirm_cleared(self, call: IndeedReadBack) -> Confirmed:
        """Read the job; succeed once nothing of the overlay is left."""
        with reported():
            client, overlay = self._overlay(call)
            job = await client.job(call.employer_job_id)
            left = left_of_overlay(job, overlay, ats_title=call.ats_title)
            if left == ["title"]:
                # The job may have been renamed in the ATS since it was cleared.
                left = left_of_overlay(job, overlay, ats_title=await self._ats_title(call, fresh=True))
            if left:
                raise not_yet(_still_there(left), call.backoff)
            evidence = _read_evidence(job, CLEAR)
            return Confirmed(outcome=Outcome.CLEARED, posting=job.live, evidence=(evidence,))

    def _overlay(self, call: IndeedJob) -> tuple[IndeedClient, Overlay]:
        client, settings = self._providers.indeed(call.customer_id)
        return client, wanted_overlay(settings, customer_id=call.customer_id, job_id=call.job_id)

    async def _ats_title(self, call: IndeedJob, *, fresh: bool = False) -> str | None:
        try:
            return (await self._providers.icims(call.customer_id).job(call.job_id, fresh=fresh)).title
        except ProviderError as error:
            # A job that iCIMS hides or has deleted leaves the title uncompared; the clear goes on.
            if error.problem.category in {Category.NOT_FOUND, Category.PERMISSION}:
                return None
            raise


def _not_listed_yet(posting_id: str) -> Problem:
    return Problem(
        category=Category.NOT_TAKEN,
        reason=f"Indeed does not list a job {posting_id} yet.",
        remedy="Check that the ATS's feed sends the job to Indeed, and job_posting_id in [customers.indeed]; "
        "Boardsync goes on looking.",
    )


def _not_taken(fields: list[str]) -> Problem:
    return Problem(
        category=Category.NOT_TAKEN,
        reason=f"Indeed does not show what the agency set: {', '.join(fields)}.",
        remedy="Open the job in Indeed. Send `retry` to set it once more; if it never takes, ask Indeed's support.",
    )


def _still_there(left: list[str]) -> Problem:
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"Indeed still shows what the agency set on the job: {', '.join(left)}.",
        remedy="Open the job in Indeed and remove what is named; then send `retry`, which clears it once more.",
    )


def _accepted(asked: str, employer_job_id: str) -> Evidence:
    return Evidence(at=_now(), asked=asked, answered="accepted", ids={"employer_job_id": employer_job_id})


def _read_evidence(job: EmployerJob, found: str) -> Evidence:
    ids = {"employer_job_id": job.employer_job_id}
    return Evidence(at=_now(), asked="Read the job", answered=f"{found}; posting {job.live.value}", ids=ids)


def _now() -> datetime:
    return datetime.now(UTC)
