"""LinkedIn: close a job, and read back that it is closed."""

import time
from datetime import UTC, datetime

from temporalio import activity

from activities.problems import failure, not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.linkedin.client import LinkedInClient
from clients.linkedin.posting import Posting, close_element
from clients.linkedin.protocol import Accepted, JobStatus, Listing, TaskState, TaskStatus
from config.customers import CustomerLinkedIn
from config.values import fill
from models.calls import Confirmed, LinkedInClose, LinkedInConfirm, LinkedInSubmitted, LinkedInWatch
from models.lifecycle import Evidence, Outcome
from models.problems import Category, Problem

CONFLICT = 409


class LinkedInActivities:
    """The activities of the queue `linkedin`."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="linkedin_close")
    async def close(self, call: LinkedInClose) -> LinkedInSubmitted:
        """Submit CLOSE with the whole posting, unless LinkedIn already shows the job closed.

        LinkedIn is read first, so that a repeat, or a try after a lost answer, writes nothing twice.
        """
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            before = await client.status(external_id)
            if before is not None and _plainly_closed(before):
                return LinkedInSubmitted(evidence=(_listing_evidence(external_id, before),))
            answer = await self._submit(client, settings, call, external_id)
            return answer.model_copy(update={"evidence": (_listing_evidence(external_id, before), *answer.evidence)})

    @activity.defn(name="linkedin_confirm_closed")
    async def confirm_closed(self, call: LinkedInConfirm) -> Confirmed:
        """Read task and listing; succeed once LinkedIn shows the job as not listed."""
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            evidence: tuple[Evidence, ...] = ()
            if call.task_id is not None:
                task = await client.task(call.task_id)
                problem = _task_problem(task)
                if problem is not None:
                    raise not_yet(problem, call.backoff) if problem.retried else failure(problem)
                evidence = (_task_evidence(call.task_id, task),)
            status = await client.status(external_id)
            if status is None:
                return Confirmed(outcome=Outcome.ABSENT, evidence=(*evidence, _listing_evidence(external_id, status)))
            if status.listing is not Listing.NOT_LISTED:
                raise not_yet(_still_listed(status, conflict=call.conflict), call.backoff)
            return Confirmed(outcome=Outcome.CLOSED, evidence=(*evidence, _listing_evidence(external_id, status)))

    @activity.defn(name="linkedin_watch")
    async def watch(self, call: LinkedInWatch) -> Confirmed:
        """Read once whether LinkedIn lists a job that Boardsync only watches."""
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            status = await client.status(external_id)
            listed = status is not None and status.listing is Listing.LISTED
            evidence = _listing_evidence(external_id, status)
            return Confirmed(outcome=Outcome.LIVE if listed else None, evidence=(evidence,))

    async def _submit(
        self, client: LinkedInClient, settings: CustomerLinkedIn, call: LinkedInClose, external_id: str
    ) -> LinkedInSubmitted:
        icims = self._providers.icims(call.customer_id)
        job = await icims.job(call.job_id)
        customer = self._providers.customer(call.customer_id)
        element = close_element(
            Posting(
                external_job_posting_id=external_id,
                title=job.title,
                description_parts=(job.overview, job.responsibilities, job.qualifications),
                location=await icims.location(job),
                apply_url=fill(customer.icims.apply_url, customer_id=call.customer_id, job_id=call.job_id),
                organization_urn=settings.organization_urn,
                contract_urn=settings.contract_urn if settings.listing_type == "PREMIUM" else None,
                listing_type=settings.listing_type,
                listed_at_ms=int(time.time() * 1000),
                title_field=customer.icims.fields.title,
                location_field=customer.icims.fields.location,
            )
        )
        try:
            answer = (await client.submit([element]))[0]
        except ProviderError as error:  # LinkedIn may refuse the element as a whole request
            answer = error
        asked = f"Close {external_id}"
        if isinstance(answer, Accepted):
            said = f"accepted as {answer.task_id}"
            evidence = Evidence(at=_now(), asked=asked, answered=said, ids={"task": answer.task_id})
            return LinkedInSubmitted(task_id=answer.task_id, evidence=(evidence,))
        if answer.status != CONFLICT:
            raise answer
        said = f"409: {answer.problem.provider_text}"
        return LinkedInSubmitted(conflict=True, evidence=(Evidence(at=_now(), asked=asked, answered=said),))


def _external_id(settings: CustomerLinkedIn, call: LinkedInClose | LinkedInConfirm | LinkedInWatch) -> str:
    return fill(settings.external_job_posting_id, customer_id=call.customer_id, job_id=call.job_id)


def _plainly_closed(status: JobStatus) -> bool:
    # With a detail (INVALID_LOCATION …) the job exists but waits: it may appear later, so CLOSE is needed.
    return status.listing is Listing.NOT_LISTED and status.detail is None


def _task_problem(task: TaskStatus | None) -> Problem | None:
    """Judge a task: null lets the read-back decide, which it does alone for an expired task id."""
    if task is None or task.state is TaskState.SUCCEEDED:
        return None
    if task.state in {TaskState.IN_PROGRESS, TaskState.UNKNOWN}:
        return Problem(
            category=Category.STILL_SHOWN,
            reason="LinkedIn has not finished the task yet.",
            remedy="Look at the job on LinkedIn. If it is still open, close it there by hand, then send `confirm`.",
        )
    if task.state is TaskState.PROCESSED:
        return Problem(
            category=Category.FED_FROM_ELSEWHERE,
            reason="LinkedIn took the request, but still feeds this customer's jobs from an XML feed or the "
            "career site: the public posting is not under Boardsync's control.",
            remedy="Remove the job from that feed or career site, or ask LinkedIn to finish the migration; "
            "then send `retry`.",
            provider_text=task.error or "",
        )
    if task.error is not None and "already closed or does not exist" in task.error:
        return None
    return Problem(
        category=Category.REFUSED,
        reason="LinkedIn could not carry out the close.",
        remedy="Read LinkedIn's own words, mend the cause, then send `retry`; or close the job on LinkedIn by "
        "hand and send `confirm`.",
        provider_text=task.error or "",
    )


def _still_listed(status: JobStatus, *, conflict: bool) -> Problem:
    but = ', although it refused the close as "already closed or does not exist"' if conflict else ""
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"LinkedIn still shows the job ({status.listing.value}){but}.",
        remedy="Open the job on LinkedIn. If it is open, close it there by hand and send `confirm`; if it is "
        "another job, check external_job_posting_id in [customers.linkedin].",
        provider_text=status.detail or "",
    )


def _task_evidence(task_id: str, task: TaskStatus | None) -> Evidence:
    answered = "no longer known" if task is None else task.state.value
    if task is not None and task.error:
        answered += f": {task.error}"
    ids = {"task": task_id}
    if task is not None and task.job_posting:
        ids["job_posting"] = task.job_posting
    return Evidence(at=_now(), asked="Task status", answered=answered, ids=ids)


def _listing_evidence(external_id: str, status: JobStatus | None) -> Evidence:
    answered = "no such job" if status is None else status.listing.value
    ids = {"external_job_posting_id": external_id}
    if status is not None and status.detail:
        answered += f" ({status.detail})"
    if status is not None and status.url:
        ids["url"] = status.url
    return Evidence(at=_now(), asked="Listing status", answered=answered, ids=ids)


def _now() -> datetime:
    return datetime.now(UTC)
