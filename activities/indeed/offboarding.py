"""Leaving a client: list an advertiser's jobs, clear what is set on them, read that it is gone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.indeed.overlay import sets_without_marks
from activities.problems import not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.indeed.found import FoundJob
from clients.indeed.nodes import AT_ONCE
from clients.indeed.search import Page
from clients.indeed.several import Indeed
from config.customers import CustomerIndeed
from config.values import fill
from models.base import job_of
from models.bulk import JobRefused, Terms
from models.indeed_ids import job_key
from models.offboarding import (
    ClearJobs,
    ConfirmJobs,
    Cursor,
    JobsCleared,
    JobsConfirmed,
    JobsListed,
    JobsNamed,
    ListJobs,
    NameJobs,
    OverlaidJob,
)
from models.problems import Category, Problem

OF_THE_RUN = frozenset({Category.CREDENTIALS, Category.CONFIGURATION})
"""Problems that are no single job's: nothing can be cleared until they are mended."""


class OffboardingActivities:
    """What the workflow `ClientOffboarding` does at Indeed."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients, and so their tokens and their rates."""
        self._providers = providers

    @activity.defn(name="offboarding_terms")
    async def terms(self, customer_id: str) -> Terms:
        """Return what is configured; fail where the customer has no Indeed."""
        self._providers.indeed_settings(customer_id)
        customer = self._providers.customer(customer_id)
        return Terms(customer_name=customer.name, timing=self._providers.settings.timing.frozen())

    @activity.defn(name="offboarding_names")
    async def names(self, call: NameJobs) -> JobsNamed:
        """Return how the jobs of lifecycles are called at Indeed."""
        settings = self._providers.indeed_settings(call.customer_id)
        pairs = [pair for each in call.workflow_ids if (pair := job_of(each)) is not None]
        named = (fill(settings.job_posting_id, customer_id=customer, job_id=job) for customer, job in pairs)
        return JobsNamed(names=tuple(named))

    @activity.defn(name="offboarding_list")
    async def list(self, call: ListJobs) -> JobsListed:
        """Read some pages of the listing, and each of their jobs directly: the listing may be older."""
        with reported():
            client, settings = self._providers.indeed(call.customer_id)
            return await with_heartbeats(_pages(client, settings, call.at, call.pages))

    @activity.defn(name="offboarding_clear")
    async def clear(self, call: ClearJobs) -> JobsCleared:
        """Clear the jobs that do not read as clear, in batches; one that Indeed refuses does not stop the others.

        Each job is read right before, so that a try after a lost answer or a crash clears none twice.
        """
        with reported():
            client, _ = self._providers.indeed(call.customer_id)
            return await with_heartbeats(_Clearing(client, call).run())

    @activity.defn(name="offboarding_confirm")
    async def confirm(self, call: ConfirmJobs) -> JobsConfirmed:
        """Read the jobs; succeed once one of them is clear, or when it is too late."""
        with reported():
            client, _ = self._providers.indeed(call.customer_id)
            shown = await with_heartbeats(_shown(client, [each.id for each in call.jobs]))
            clear = tuple(each.key for each in call.jobs if shown.get(each.id) == ())
            if not clear and datetime.now(UTC) < call.until:
                raise not_yet(_still_shown(len(call.jobs)), call.backoff)
            return JobsConfirmed(clear=clear)


async def _pages(client: Indeed, settings: CustomerIndeed, at: Cursor, count: int) -> JobsListed:
    leaves_no_mark = sets_without_marks(settings)
    marked: list[OverlaidJob] = []
    unmarked: list[str] = []
    unreadable = listed = 0
    following: Cursor | None = at
    total = None
    for _ in range(count):
        if following is None:
            break
        page = await client.page(client.searches[following.search], following.after)
        named = [each for each in page.jobs if each.employer_job_id]
        shown = await _shown(client, [each.employer_job_id for each in named])
        marks = [(each, shown.get(each.employer_job_id, each.marks)) for each in named]
        to_clear = [(each, found) for each, found in marks if found or (found == () and leaves_no_mark)]
        marked += [_overlaid(each, found, settings, unmarked=leaves_no_mark) for each, found in to_clear]
        unmarked += [each.name for each, found in marks if found == () and not leaves_no_mark]
        listed += len(page.jobs) + page.nulls
        unreadable += sum(found is None for _, found in marks) + len(page.jobs) - len(named) + page.nulls
        total = page.estimated_total
        following = _after(following, page, len(client.searches))
    return JobsListed(
        marked=tuple(marked),
        unmarked=tuple(unmarked),
        unreadable=unreadable,
        next=following,
        count=listed,
        estimated_total=total,
    )


def _after(at: Cursor, page: Page, searches: int) -> Cursor | None:
    if page.next_cursor is not None:
        return Cursor(search=at.search, after=page.next_cursor)
    return Cursor(search=at.search + 1) if at.search + 1 < searches else None


class _Clearing:
    """Clear some jobs and tell them apart."""

    def __init__(self, client: Indeed, call: ClearJobs) -> None:
        self._client, self._call = client, call
        self._clear_now: list[str] = []
        self._sent: list[str] = []
        self._refused: list[JobRefused] = []
        self._failed: dict[str, ProviderError] = {}

    async def run(self) -> JobsCleared:
        jobs = self._call.jobs
        for at in range(0, len(jobs), AT_ONCE):
            some = jobs[at : at + AT_ONCE]
            shown = await _shown(self._client, [each.id for each in some])
            needless = [each for each in some if shown.get(each.id) == () and not each.unmarked]
            self._clear_now += [each.key for each in needless]
            await self._clear([each for each in some if each not in needless])
        if len(self._failed) == len(jobs):
            raise next(iter(self._failed.values()))
        return JobsCleared(
            sent=tuple(self._sent),
            clear=tuple(self._clear_now),
            refused=tuple(self._refused),
            failed=tuple(self._failed),
        )

    async def _clear(self, jobs: Sequence[OverlaidJob]) -> None:
        for at in range(0, len(jobs), self._call.batch_size):
            some = jobs[at : at + self._call.batch_size]
            results = await self._client.clear_all([each.id for each in some])
            for job in some:
                result = results[job.id]
                self._note(job, None if result.accepted else result.error)

    def _note(self, job: OverlaidJob, error: ProviderError | None) -> None:
        if error is None:
            self._sent.append(job.key)
        elif error.problem.category in OF_THE_RUN:
            raise error
        elif error.problem.retried:
            self._failed[job.key] = error
        else:
            self._refused.append(JobRefused(key=job.key, problem=error.problem))


async def _shown(client: Indeed, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read what of an agency's each job shows; one that did not come, or cannot be read, is left out.

    Raises ProviderError where that is no single job's failure.
    """
    found: dict[str, tuple[str, ...]] = {}
    for at in range(0, len(ids), AT_ONCE):
        read = await client.found_together(ids[at : at + AT_ONCE])
        for id_, job in read.items():
            if isinstance(job, FoundJob) and job.marks is not None:
                found[id_] = job.marks
    return found


def _overlaid(job: FoundJob, marks: tuple[str, ...], settings: CustomerIndeed, *, unmarked: bool) -> OverlaidJob:
    by_requisition = job.job_requisition_id if settings.match_requisition else None
    return OverlaidJob(
        id=job.employer_job_id,
        key=job_key(job.employer_job_id),
        name=job.name,
        known_as=job.job_posting_id or by_requisition,
        marks=marks,
        unmarked=unmarked,
    )


def _still_shown(count: int) -> Problem:
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"Indeed still shows what the agency set on {count} job(s), or does not let them be read.",
        remedy="Wait: Indeed shows a clear with a delay. Boardsync goes on reading.",
    )
