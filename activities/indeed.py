"""Indeed: find a job, clear the agency's overlay, and read back that nothing of it is left."""

from datetime import UTC, datetime

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.overlay import left_of_overlay
from activities.problems import not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.indeed.protocol import EmployerJob, Live
from config.values import fill
from models.calls import Confirmed, IndeedClear, IndeedCleared, IndeedConfirm, IndeedFind, IndeedFound
from models.lifecycle import Evidence, Outcome
from models.problems import Category, Problem

LIVE_IN_WORDS = {
    Live.LIVE: "The posting itself is still live on Indeed: only the ATS's feed can end it.",
    Live.NOT_LIVE: "The posting itself is no longer live on Indeed.",
    Live.UNKNOWN: "Indeed does not say whether the posting itself is live.",
}


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
            ids = {"job_posting_id": posting_id}
            if found is None:
                answered = "not in the advertiser's complete listing"
            else:
                answered, ids["employer_job_id"] = "found", found
            evidence = Evidence(at=_now(), asked=f"Find job {posting_id}", answered=answered, ids=ids)
            return IndeedFound(employer_job_id=found, evidence=(evidence,))

    @activity.defn(name="indeed_clear")
    async def clear(self, call: IndeedClear) -> IndeedCleared:
        """Clear the overlay, unless Indeed already shows nothing of it.

        Indeed is read first, so that a repeat, or a try after a lost answer, writes nothing twice.
        """
        with reported():
            client, settings = self._providers.indeed(call.customer_id)
            before = await client.job(call.employer_job_id)
            title = await self._ats_title(call.customer_id, call.job_id)
            left = left_of_overlay(before, settings, call.customer_id, call.job_id, ats_title=title)
            if not left:
                return IndeedCleared(ats_title=title, evidence=(_read_evidence(before, left),))
            await client.clear(call.employer_job_id)
            asked, ids = f"Clear the updates ({', '.join(left)})", {"employer_job_id": call.employer_job_id}
            evidence = Evidence(at=_now(), asked=asked, answered="accepted", ids=ids)
            return IndeedCleared(ats_title=title, evidence=(evidence,))

    @activity.defn(name="indeed_confirm_cleared")
    async def confirm_cleared(self, call: IndeedConfirm) -> Confirmed:
        """Read the job; succeed once nothing of the overlay is left."""
        with reported():
            client, settings = self._providers.indeed(call.customer_id)
            job = await client.job(call.employer_job_id)
            left = left_of_overlay(job, settings, call.customer_id, call.job_id, ats_title=call.ats_title)
            if left == ["title"]:
                # The job may have been renamed in the ATS since it was cleared.
                title = await self._ats_title(call.customer_id, call.job_id, fresh=True)
                left = left_of_overlay(job, settings, call.customer_id, call.job_id, ats_title=title)
            if left:
                raise not_yet(_still_there(left), call.backoff)
            return Confirmed(
                outcome=Outcome.CLEARED,
                posting=LIVE_IN_WORDS[job.live],
                evidence=(_read_evidence(job, left),),
            )

    async def _ats_title(self, customer_id: str, job_id: str, *, fresh: bool = False) -> str | None:
        try:
            return (await self._providers.icims(customer_id).job(job_id, fresh=fresh)).title
        except ProviderError as error:
            # A job that iCIMS hides or has deleted leaves the title uncompared; the clear goes on.
            if error.problem.category in {Category.NOT_FOUND, Category.PERMISSION}:
                return None
            raise


def _still_there(left: list[str]) -> Problem:
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"Indeed still shows what the agency set on the job: {', '.join(left)}.",
        remedy="Open the job in Indeed and remove what is named; then send `retry`, which clears it once more.",
    )


def _read_evidence(job: EmployerJob, left: list[str]) -> Evidence:
    answered = "nothing of the overlay is left" if not left else f"left: {', '.join(left)}"
    ids = {"employer_job_id": job.employer_job_id}
    return Evidence(at=_now(), asked="Read the job", answered=f"{answered}; posting {job.live.value}", ids=ids)


def _now() -> datetime:
    return datetime.now(UTC)
