"""Indeed: take the agency's overlay off a job's postings, and read back that nothing of it is left."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.heartbeats import to_its_end, with_heartbeats
from activities.indeed import evidence as words
from activities.indeed.ats_fields import PUSHED, ats_overlay
from activities.indeed.fields import verdict
from activities.indeed.finding import Finding
from activities.indeed.memory import EverSet
from activities.indeed.overlay import (
    NOTHING,
    left_of_overlay,
    sets_without_marks,
    shows_any_of,
    wanted_overlay,
)
from activities.indeed.readings import Reading, live_first, posting_of
from activities.problems import failure, not_yet, reported
from clients.errors import ProviderError
from clients.indeed.reading import EmployerJob
from clients.indeed.results import ItemResult
from models.calls.common import Backoff
from models.calls.indeed import (
    IndeedClear,
    IndeedClearedBack,
    IndeedShown,
    IndeedWritten,
)
from models.overlay import Overlay, Verdict
from models.problems import Category, Problem
from models.states import Outcome
from models.temporal import TITLE_LIMIT
from models.texts import title_of

NOT_OURS = frozenset({Category.CLAIMED, Category.NOT_FOUND})
"""Refusals of a clear that mean nothing where nothing is shown that could be ours: others hold the job, or nobody."""
OF_THE_ATS = frozenset(PUSHED.values())
AT_ONCE = 5.0
"""Seconds for a read-back within the step that has cleared: for longer, people are to see that the clear was sent."""
AT_MOST_ONCE = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=1))


class Clearing(Finding):
    """Clear every posting of a job."""

    @activity.defn(name="indeed_clear")
    async def clear(self, call: IndeedClear) -> IndeedWritten:
        """Clear the overlay of every posting that does not read as clear already, where wanted of all that are found.

        Indeed is read first, so that a repeat, or a try after a lost answer, writes nothing twice. What this lifecycle
        has sent, or what could not be told from the ATS's own data, is cleared whatever is shown.
        """
        with reported():
            if call.find:
                written = await self._find_and_clear(call)
            else:
                written = await self._clear(call)
                if written.failed is not None and not written.sent:
                    raise failure(written.failed)
            return await self._with_what_is_shown(call, written)

    @activity.defn(name="indeed_confirm_cleared")
    async def confirm_cleared(self, call: IndeedClearedBack) -> IndeedShown:
        """Read the postings; succeed once nothing of the overlay is left on any of them, or they are gone.

        A listing begun after that must have no others: Indeed gives a job new ones at times, and an earlier listing
        may have passed one over.
        """
        with reported():
            return await self._read_back(call)

    async def _read_back(self, call: IndeedClearedBack) -> IndeedShown:
        """Read how a cleared job stands.

        Raises ProviderError, and ApplicationError to read again.
        """
        reading = await self._read(call, call.overrides or NOTHING)
        left = await self._left((*reading.current, *reading.renamed), call)
        foreign = {each.employer_job_id: left.pop(each.employer_job_id, []) for each in reading.renamed}
        if any(each not in call.cleared for each in left):
            # It was not shown, or showed nothing, when the others were cleared.
            return IndeedShown(again=True, postings=reading.known, evidence=())
        if left:
            raise not_yet(words.still_there(left), call.backoff)
        if any(foreign.values()):
            raise failure(words.under_another_name(foreign))
        if new := await self._others(reading, call):
            return IndeedShown(lost=True, postings=live_first((*reading.known, *new)), evidence=words.others(new))
        # The posting itself may be live under its new name, so it is not gone.
        outcome = Outcome.CLEARED if reading.current or reading.renamed else Outcome.GONE
        evidence = words.read_evidence((*reading.jobs, *reading.renamed), words.CLEAR)
        evidence += words.gone_evidence(reading.missing)
        return IndeedShown(outcome=outcome, postings=reading.postings, evidence=evidence)

    async def _with_what_is_shown(self, call: IndeedClear, written: IndeedWritten) -> IndeedWritten:
        """Read back at once what was cleared, where that takes a moment only; what does not settle it, is left out.

        That saves a step of the lifecycle, and no proof: the read and the listing are begun after the clear.
        """
        client = await self._places.of(call)
        ids = call.employer_job_ids if written.found is None else tuple(each.id for each in written.found)
        if written.failed is not None or not ids or not client.directory.is_quick:
            return written
        asked = {**dict(call), "employer_job_ids": ids, "cleared": (*call.cleared, *written.sent)}
        with suppress(ApplicationError, ProviderError, TimeoutError, asyncio.CancelledError):
            # What was sent must be told, whatever becomes of this; a lifecycle that calls it off is told so, too.
            async with asyncio.timeout(AT_ONCE):
                shown = await self._read_back(IndeedClearedBack(**asked, backoff=AT_MOST_ONCE))
            return written if shown.outcome is None else written.model_copy(update={"shown": shown})
        return written

    async def _find_and_clear(self, call: IndeedClear) -> IndeedWritten:
        """Clear the postings that are at hand, else find them first; what is found stays found where the clear fails.

        It need not be all of them: the read-back wants a listing, begun after the clear, that has no others.
        """
        name = self._posting_id(call.customer_id, call.job_id)
        ids = await self._known(call, call.employer_job_ids)
        known = await with_heartbeats(self._at_hand(call, ids, call.overrides or NOTHING))
        at_hand = known if known.current and not known.missing else None
        if at_hand is not None:
            renamed = [each.employer_job_id for each in at_hand.renamed]
            found = (*at_hand.own, *await self._stay(call, renamed, call.employer_job_ids))
            said = words.known_evidence
        else:
            # What Indeed shows nothing of by its id may be in the listing all the same: that must then be whole.
            whole = bool(known.missing)
            found = await self._find(
                call, ids, mine=call.employer_job_ids, fresh=True, expected=False, wait_for_all=whole
            )
            said = words.find_evidence
        ids = tuple(each.id for each in found)
        evidence = (said(name, ids),)
        if not found:
            return IndeedWritten(found=found, evidence=evidence)
        try:
            clearing = self._clear(call.model_copy(update={"employer_job_ids": ids}), at_hand)
            written = await with_heartbeats(to_its_end(clearing))
        except ProviderError as error:
            return IndeedWritten(found=found, failed=error.problem, evidence=evidence)
        return written.model_copy(update={"found": found, "evidence": (*evidence, *written.evidence)})

    async def _clear(self, call: IndeedClear, reading: Reading | None = None) -> IndeedWritten:
        client = await self._places.of(call)
        if reading is None:
            reading = await self._read(call, call.overrides or NOTHING)
        jobs = {job.employer_job_id: job for job in reading.jobs}
        title, ever = await self._title(call), await self._memory.ever_set(call.customer_id, call.job_id)
        wanted = {each: self._to_clear(job, call, title, ever) for each, job in jobs.items()}
        due = {each: found for each, found in wanted.items() if found is not None}
        results = await client.clear_all(list(due)) if due else {}
        failed = {each: result.error for each, result in results.items() if _refused(jobs[each], result, call, ever)}
        return IndeedWritten(
            sent=tuple(each for each in results if each not in failed),
            failed=_worst(failed.values()),
            postings=reading.postings,
            title=title_of(title.title or reading.title, TITLE_LIMIT),
            evidence=words.clear_evidence(reading.jobs, due, results, failed),
        )

    def _to_clear(self, job: EmployerJob, call: IndeedClear, title: Overlay, ever: EverSet | None) -> list[str] | None:
        """Return what a clear is to take off a posting, as far as it shows it; None where none is needed.

        Another title than the ATS's may be the feed's own: it is a reason to clear, and proves nothing afterwards.
        """
        if job.employer_job_id in call.cleared:
            return None
        settings = self._providers.indeed_settings(call.customer_id)
        number = self._providers.icims(call.customer_id).said_before(call.job_id).number
        templates = wanted_overlay(settings, customer_id=call.customer_id, job_id=call.job_id, job_number=number)
        left = left_of_overlay(job, call.overrides or NOTHING, call.written, ever=ever or {})
        left += shows_any_of(job, templates)
        if title.title is not None and verdict("title", title, job) is Verdict.CONTRADICTED:
            left.append("title")
        # Where the store does not say what earlier lifecycles set, it is cleared whatever is shown.
        needed = bool(left) or call.unseen or ever is None or sets_without_marks(settings)
        return list(dict.fromkeys(left)) if needed else None

    async def _left(self, jobs: Sequence[EmployerJob], call: IndeedClear) -> dict[str, list[str]]:
        """Name what postings, by IRI, still show of what was set; the ATS is asked only where that decides."""

        def left(ats: Overlay) -> dict[str, list[str]]:
            found = {
                job.employer_job_id: left_of_overlay(job, by_hand, call.written, ats=ats, ever=ever) for job in jobs
            }
            return {each: names for each, names in found.items() if names}

        by_hand, ever = call.overrides or NOTHING, await self._memory.ever_set(call.customer_id, call.job_id) or {}
        there = left(NOTHING)
        names = {name for found in there.values() for name in found}
        return left(await self._ats(call, names)) if names and names <= OF_THE_ATS else there

    async def _ats(self, call: IndeedClear, names: set[str]) -> Overlay:
        """Read from the ATS what it says now of fields that were set over it; nothing where it does not answer."""
        client = self._providers.icims(call.customer_id)
        try:
            return await ats_overlay(client, await client.job(call.job_id, fresh=True), names)
        except ProviderError as error:
            activity.logger.info("what Indeed shows is not compared with iCIMS: %s", error)
            return NOTHING

    async def _title(self, call: IndeedClear) -> Overlay:
        """Return the ATS's title, if it comes soon: a clear can do without."""
        return Overlay(title=(await self._providers.icims(call.customer_id).for_close(call.job_id)).title)


def _refused(job: EmployerJob, result: ItemResult, call: IndeedClear, ever: EverSet | None) -> bool:
    """Return whether a clear is still to be sent; a refusal means nothing where nothing of ours can be shown."""
    if result.error is None:
        return False
    ours = left_of_overlay(job, call.overrides or NOTHING, call.written, ever=ever or {})
    return result.error.problem.category not in NOT_OURS or bool(ours and not posting_of(job).ended)


def _worst(errors: Iterable[ProviderError | None]) -> Problem | None:
    problems = [each.problem for each in errors if each is not None]
    return next((each for each in problems if not each.retried), problems[0] if problems else None)
