"""Indeed: find a job, set or clear the agency's overlay, and read back that it took."""

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import activity

from activities.heartbeats import with_heartbeats
from activities.indeed import evidence as words
from activities.indeed.ats_fields import PUSHED, ats_overlay, pushed_overlay
from activities.indeed.fields import digest
from activities.indeed.overlay import (
    MARKS,
    NOTHING,
    Plan,
    broken_limits,
    left_of_overlay,
    ours,
    plan,
    wanted_overlay,
    with_both_bounds,
)
from activities.problems import failure, jittered, not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.reading import EmployerJob
from config.values import fill
from models.calls.indeed import (
    IndeedClear,
    IndeedClearedBack,
    IndeedFind,
    IndeedFound,
    IndeedOverlaid,
    IndeedReadBack,
    IndeedShown,
    IndeedUpdate,
    IndeedUpdated,
    IndeedWritten,
)
from models.lifecycle import Evidence, Outcome
from models.overlay import THROUGH, Overlay
from models.problems import IN_DOUBT, Category

NOT_OURS = frozenset({Category.CLAIMED, Category.NOT_FOUND})
"""Refusals of a clear that mean nothing where nothing of ours is shown: others hold the job, or nobody does."""
OF_THE_ATS = frozenset(PUSHED.values())


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
            postings = (await with_heartbeats(client.directory.find(posting_id, fresh=call.fresh))).postings
            found = postings[0].employer_job_id if postings else None
            if found is None and call.expected:
                raise not_yet(words.not_listed_yet(posting_id), call.backoff)
            ids = {"job_posting_id": posting_id}
            if found is None:
                answered = "not in the advertiser's complete listing"
            else:
                answered, ids["employer_job_id"] = "found", found
            evidence = Evidence(at=words.now(), asked=f"Find job {posting_id}", answered=answered, ids=ids)
            return IndeedFound(employer_job_id=found, evidence=(evidence,))

    @activity.defn(name="indeed_update")
    async def update(self, call: IndeedUpdate) -> IndeedUpdated:
        """Set what the job does not show yet of the overlay.

        Indeed is read first and only the difference is sent: an update is not atomic, so a try after a partial
        one sends what is missing and nothing twice. Where the answer is lost or an error, the fields are in
        doubt: that is told, not tried again, as Indeed may show them later.
        """
        with reported():
            client, wanted = await self._wanted(call, fresh=True)
            job = await _read(client, call.employer_job_id, wanted)
            if stale := tuple(name for name in call.written if name not in wanted.names):
                found = f"shows fields that are no longer wanted: {', '.join(stale)}"
                return IndeedUpdated(**_seen(job, None, found).model_dump(), stale=stale)
            step = plan(job, wanted, call.written, _started(), distrust=call.distrust)
            if not step.send:
                return IndeedUpdated(**_shown(job, step, wanted).model_dump())
            sending = _complete(wanted.only(step.send), job)
            doubt = None
            try:
                await client.update(call.employer_job_id, sending)
            except ProviderError as error:
                if error.problem.category not in IN_DOUBT:
                    raise
                doubt = error.problem
            answered = "accepted" if doubt is None else f"in doubt: {doubt.provider_text or doubt.reason}"
            evidence = words.write_evidence(f"Set {', '.join(step.send)}", answered, call.employer_job_id)
            sent = {name: digest(name, wanted) for name in step.send}
            shown = _shown(job, step, wanted).model_copy(update={"evidence": (evidence,)})
            return IndeedUpdated(**shown.model_dump(), sent=sent, doubt=doubt)

    @activity.defn(name="indeed_confirm_updated")
    async def confirm_updated(self, call: IndeedReadBack) -> IndeedShown:
        """Read the job; succeed once it shows the whole overlay, or where there is news to be told."""
        with reported():
            client, wanted = await self._wanted(call)
            job = await _read(client, call.employer_job_id, wanted)
            step = plan(job, wanted, call.written, _started())
            if step.send and call.may_write:
                # Before anything is sent again: the ATS may have been edited, and another worker told.
                _, wanted = await self._wanted(call, fresh=True)
                step = plan(job, wanted, call.written, _started())
            shown = _shown(job, step, wanted, again=call.may_write and bool(step.send))
            news = {name for name, found in step.fields.items() if found in THROUGH} - set(call.shown)
            if step.done or shown.again or news:
                return shown
            raise failure(words.not_taken(step.fields), wait=_wait(call))

    @activity.defn(name="indeed_clear")
    async def clear(self, call: IndeedClear) -> IndeedWritten:
        """Clear the overlay, unless Indeed already shows nothing of it.

        Indeed is read first, so that a repeat, or a try after a lost answer, writes nothing twice. What this
        lifecycle has sent, or what could not be told from the ATS's own data, is cleared whatever is shown.
        """
        with reported():
            client, settings = self._providers.indeed(call.customer_id)
            overlay = self._set_without_the_ats(call)
            job = await _read(client, call.employer_job_id, overlay)
            title = await self._ats_title(call)
            left = left_of_overlay(job, overlay, ats_title=title, ats=await self._ats(call), written=call.written)
            unmarked = (overlay.names or settings.push_fields) and not MARKS & set(overlay.names)
            if not (left or call.unseen or unmarked):
                return IndeedWritten(ats_title=title, evidence=(words.read_evidence(job, words.CLEAR),))
            try:
                await client.clear(call.employer_job_id)
            except ProviderError as error:
                if error.problem.category not in NOT_OURS or ours(left, job, overlay, call.written):
                    raise
                # Another title than the ATS's is then not ours to take off.
                told = f"nothing of ours to clear: {error.problem.provider_text}"
                evidence = words.write_evidence("Clear the updates", told, call.employer_job_id)
                return IndeedWritten(ats_title=None if "title" in left else title, evidence=(evidence,))
            asked = f"Clear the updates ({', '.join(left) or 'none of them shown yet'})"
            evidence = words.write_evidence(asked, "accepted", call.employer_job_id)
            return IndeedWritten(sent=True, ats_title=title, evidence=(evidence,))

    @activity.defn(name="indeed_confirm_cleared")
    async def confirm_cleared(self, call: IndeedClearedBack) -> IndeedShown:
        """Read the job; succeed once nothing of the overlay is left."""
        with reported():
            client, _ = self._providers.indeed(call.customer_id)
            overlay = self._set_without_the_ats(call)
            job = await _read(client, call.employer_job_id, overlay)
            title, ats = call.ats_title, await self._ats(call)
            left = left_of_overlay(job, overlay, ats_title=title, ats=ats, written=call.written)
            if left and set(left) <= OF_THE_ATS:
                # The job may have been edited in the ATS since it was cleared.
                title = title and await self._ats_title(call, fresh=True)
                ats = await self._ats(call)
                left = left_of_overlay(job, overlay, ats_title=title, ats=ats, written=call.written)
            if left:
                raise not_yet(words.still_there(left), call.backoff)
            return _seen(job, Outcome.CLEARED, words.CLEAR)

    async def _wanted(self, call: IndeedOverlaid, *, fresh: bool = False) -> tuple[IndeedClient, Overlay]:
        """Compose the overlay and check its limits; `fresh` reads the ATS's fields anew, as after an edit."""
        client, settings = self._providers.indeed(call.customer_id)
        icims = self._providers.icims(call.customer_id)
        wanted = wanted_overlay(
            settings,
            customer_id=call.customer_id,
            job_id=call.job_id,
            pushed=await pushed_overlay(icims, call.job_id, settings.push_fields, fresh=fresh),
            by_hand=call.overrides or NOTHING,
        )
        if problem := broken_limits(wanted):
            raise failure(problem)
        return client, wanted

    def _set_without_the_ats(self, call: IndeedClear) -> Overlay:
        _, settings = self._providers.indeed(call.customer_id)
        return wanted_overlay(
            settings, customer_id=call.customer_id, job_id=call.job_id, by_hand=call.overrides or NOTHING
        )

    async def _ats(self, call: IndeedClear) -> Overlay:
        """Read from the ATS what a field must be compared with that was set over it; mostly there is none."""
        set_over_it = {*(call.overrides or NOTHING).names, *call.written}
        names = (OF_THE_ATS - {"title"}) & set_over_it
        if not names:
            return NOTHING
        client = self._providers.icims(call.customer_id)
        try:
            return await ats_overlay(client, await client.job(call.job_id), names)
        except ProviderError as error:
            return _unless_hidden(error)

    async def _ats_title(self, call: IndeedClear, *, fresh: bool = False) -> str | None:
        try:
            return (await self._providers.icims(call.customer_id).job(call.job_id, fresh=fresh)).title
        except ProviderError as error:
            return _unless_hidden(error).title


def _unless_hidden(error: ProviderError) -> Overlay:
    # A job that iCIMS hides or has deleted leaves its fields uncompared; the clear goes on.
    if error.problem.category in {Category.NOT_FOUND, Category.PERMISSION}:
        return NOTHING
    raise error


async def _read(client: IndeedClient, employer_job_id: str, overlay: Overlay) -> EmployerJob:
    job = await client.job(employer_job_id)
    return job if overlay.salary is None else replace(job, pay=await client.pay(employer_job_id))


def _complete(sending: Overlay, job: EmployerJob) -> Overlay:
    if sending.salary is None:
        return sending
    salary = with_both_bounds(sending.salary, job.pay)
    if salary is None:
        raise failure(words.BOUND_NOT_KNOWN)
    return sending.model_copy(update={"salary": salary})


def _shown(job: EmployerJob, step: Plan, wanted: Overlay, *, again: bool = False) -> IndeedShown:
    done = None
    if step.done:
        done = Outcome.UPDATED if wanted.names else Outcome.LIVE
    return _seen(job, done, words.shows(step.fields)).model_copy(update={"fields": step.fields, "again": again})


def _seen(job: EmployerJob, outcome: Outcome | None, found: str) -> IndeedShown:
    return IndeedShown(
        outcome=outcome,
        posting=job.live,
        status=job.status,
        posted_at=job.posted_at,
        evidence=(words.read_evidence(job, found),),
    )


def _wait(call: IndeedReadBack) -> timedelta:
    """Return the wait until the next read: no longer than until a field in doubt may be sent again."""
    wait = jittered(call.backoff.delay(activity.info().attempt))
    due = [each.again_at - _started() for each in call.written.values() if each.waiting and each.again_at is not None]
    return min([wait, *(max(each, timedelta(milliseconds=1)) for each in due)])


def _started() -> datetime:
    """Return the time by Temporal's clock, by which the lifecycle counts too."""
    return activity.info().started_time
