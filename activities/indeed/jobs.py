"""Indeed: find a job's postings, set the agency's overlay on them, and read back that it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity

from activities.indeed import evidence as words
from activities.indeed.ats_fields import pushed_overlay
from activities.indeed.clearing import Clearing
from activities.indeed.fields import digest
from activities.indeed.overlay import (
    NOTHING,
    Plan,
    broken_limits,
    needs_number,
    plan,
    wanted_overlay,
    with_both_bounds,
)
from activities.indeed.readings import Reading
from activities.problems import failure, not_yet, reported
from clients.indeed.reading import EmployerJob
from clients.indeed.several import Indeed
from models.boards import hidden_as
from models.calls.indeed import (
    IndeedFind,
    IndeedFound,
    IndeedOverlaid,
    IndeedReadBack,
    IndeedShown,
    IndeedUpdate,
    IndeedUpdated,
)
from models.overlay import THROUGH, Overlay, Verdict, broken_fields
from models.problems import Category, Problem
from models.states import Outcome
from models.temporal import TITLE_LIMIT
from models.texts import title_of

NO_NUMBER = Problem(
    category=Category.INVALID_POSTING,
    reason="An address that is to be set on Indeed needs the job's number, but iCIMS shows none.",
    remedy="Let the integration user see the field jobid in iCIMS, or take {job_number} out of url and tracking_url in "
    "[customers.indeed]; then send `retry`.",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a posted job, without what Indeed's limits forbid."""

    client: Indeed
    overlay: Overlay
    broken: frozenset[str]
    """Fields that were left out."""
    problem: Problem | None
    """What is to be asked of a person for their sake."""

    @property
    def named(self) -> frozenset[str]:
        """Return the fields that are wanted, whether or not they can be sent: what they were before stays."""
        return self.broken.union(self.overlay.names)

    def compared(self, call: IndeedOverlaid, reading: Reading, *, distrust: bool = False) -> Plan:
        """Return what is still to be done."""
        return plan(reading.current, self.overlay, call.written, _started(), call.again_after, distrust=distrust)


class IndeedActivities(Clearing):
    """What a lifecycle does at Indeed."""

    @activity.defn(name="indeed_find")
    async def find(self, call: IndeedFind) -> IndeedFound:
        """Find all postings of the job; one reading of the listing answers all who ask meanwhile.

        Returns none only where their absence is proven: two listings that agree, and nothing by the known IRIs.
        """
        with reported():
            known = await self._known(call, call.known)
            postings = await self._find(call, known, mine=call.known, fresh=call.fresh, expected=call.expected)
            name = self._posting_id(call.customer_id, call.job_id)
            if call.expected and all(each.ended for each in postings):
                raise not_yet(words.not_listed_yet(name), call.backoff)
            return IndeedFound(postings=postings, evidence=(words.find_evidence(name, [each.id for each in postings]),))

    @activity.defn(name="indeed_update")
    async def update(self, call: IndeedUpdate) -> IndeedUpdated:
        """Set what the live postings do not show yet of the overlay.

        Indeed is read first and only the difference is sent: an update is not atomic, so a try after one that failed,
        or whose answer was lost, sends what is missing and no more.
        """
        with reported():
            wanted = await self._wanted(call, fresh=True)
            reading = await self._read(call, wanted.overlay)
            if not reading.current:
                return IndeedUpdated(lost=True, postings=reading.known, evidence=words.lost(reading.jobs))
            if stale := tuple(name for name in call.written if name not in wanted.named):
                found = f"shows fields that are no longer wanted: {', '.join(stale)}"
                return IndeedUpdated(
                    postings=reading.postings, stale=stale, evidence=words.read_evidence(reading.current, found)
                )
            step = wanted.compared(call, reading, distrust=call.distrust)
            shown = self._shown(call, reading, step, wanted)
            if not step.send:
                return IndeedUpdated(**shown.model_dump())
            await self._memory.sets(call.customer_id, call.job_id, step.send, wanted.overlay)
            accepted = await _send(wanted.client, reading.current, step.send, wanted.overlay)
            evidence = words.write_evidence(f"Set {', '.join(accepted)}", "accepted", list(step.send))
            sent = {name: digest(name, wanted.overlay) for name in accepted}
            return IndeedUpdated(**shown.model_copy(update={"evidence": (evidence,)}).model_dump(), sent=sent)

    @activity.defn(name="indeed_confirm_updated")
    async def confirm_updated(self, call: IndeedReadBack) -> IndeedShown:
        """Read the postings; succeed once they show the whole overlay, or where there is news."""
        with reported():
            wanted = await self._wanted(call)
            reading = await self._read(call, wanted.overlay)
            if reading.missing or not reading.current:
                return IndeedShown(lost=True, postings=reading.known, evidence=words.lost(reading.jobs))
            step = wanted.compared(call, reading)
            if step.send:
                # Before anything is sent again: the ATS may have been edited, and another worker told.
                wanted = await self._wanted(call, fresh=True)
                step = wanted.compared(call, reading)
            news = {name for name, found in step.fields.items() if found in THROUGH} - set(call.shown)
            if step.done or step.send or news:
                return self._shown(call, reading, step, wanted)
            raise not_yet(words.not_taken(step.fields), call.backoff)

    async def _wanted(self, call: IndeedOverlaid, *, fresh: bool = False) -> Wanted:
        """Compose the overlay; `fresh` reads the ATS's fields anew, as after an edit.

        A field that breaks Indeed's limits is left out, and holds up no other.
        """
        client, settings = await self._places.of(call, fresh=True), self._providers.indeed_settings(call.customer_id)
        icims = self._providers.icims(call.customer_id)
        number = (await icims.job(call.job_id)).number if needs_number(settings) else None
        if needs_number(settings) and number is None:
            raise failure(NO_NUMBER)
        wanted = wanted_overlay(
            settings,
            customer_id=call.customer_id,
            job_id=call.job_id,
            job_number=number,
            pushed=await pushed_overlay(icims, call.job_id, settings.push_fields, fresh=fresh),
            by_hand=call.overrides or NOTHING,
        )
        broken = broken_fields(wanted)
        kept = wanted.only([name for name in wanted.names if name not in broken])
        return Wanted(client, kept, broken, broken_limits(wanted))

    def _shown(self, call: IndeedOverlaid, reading: Reading, step: Plan, wanted: Wanted) -> IndeedShown:
        done = None
        if step.done:
            done = Outcome.UPDATED if wanted.overlay.names else Outcome.LIVE
        settings = self._providers.indeed_settings(call.customer_id)
        hidden = hidden_as(reading.postings, None) if done is not None and settings.ask_when_hidden else None
        return IndeedShown(
            outcome=done,
            postings=reading.postings,
            title=title_of(wanted.overlay.title or reading.title, TITLE_LIMIT),
            fields=step.fields | dict.fromkeys(wanted.broken, Verdict.CONTRADICTED),
            again=bool(step.send),
            evidence=words.read_evidence(reading.current, words.shows(step.fields)),
            asks=wanted.problem or (None if hidden is None else words.not_visible(hidden)),
        )


async def _send(
    client: Indeed, jobs: Sequence[EmployerJob], send: Mapping[str, Sequence[str]], wanted: Overlay
) -> list[str]:
    """Send what each posting lacks and name the fields.

    Raises ProviderError where any posting's part was not accepted: what was is not sent again once it shows.
    """
    by_id = {job.employer_job_id: job for job in jobs}
    updates = {each: _complete(wanted.only(names), by_id[each]) for each, names in send.items()}
    results = await client.update_all(updates)
    errors = [result.error for result in results.values() if result.error is not None]
    if errors:
        raise next((each for each in errors if not each.problem.retried), errors[0])
    return list(dict.fromkeys(name for names in send.values() for name in names))


def _complete(sending: Overlay, job: EmployerJob) -> Overlay:
    if sending.salary is None:
        return sending
    salary = with_both_bounds(sending.salary, job.pay)
    if salary is None:
        raise failure(words.BOUND_NOT_KNOWN)
    return sending.model_copy(update={"salary": salary})


def _started() -> datetime:
    """Return the time by Temporal's clock, by which the lifecycle counts too."""
    return activity.info().started_time
