"""The overlay: what the agency wants set on a job at Indeed, what is still to be sent, and what is left of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from activities.indeed.fields import digest, minor_digits, shown_digests, verdict
from activities.indeed.memory import EverSet, shows_what_was_set
from clients.indeed.reading import EmployerJob, Pay
from config.customers import CustomerIndeed
from config.values import JOB_NUMBER, fill
from models.overlay import THROUGH, Overlay, OverlaySalary, Verdict, WrittenField, violations
from models.problems import Category, Problem

NOTHING = Overlay()
MARKS = frozenset({"tracking_url", "campaign_categories"})
"""Fields that only an agency sets, whatever their value: the ATS's feed never brings them."""


def wanted_overlay(
    settings: CustomerIndeed,
    *,
    customer_id: str,
    job_id: str,
    job_number: str | None = None,
    pushed: Overlay = NOTHING,
    by_hand: Overlay = NOTHING,
) -> Overlay:
    """Compose what is wanted: what people set by hand goes before the ATS's fields, and these before the templates.

    A template that needs the job's number is left out where that is not known.
    """
    url, tracking_url, company_name = (
        fill(template, customer_id=customer_id, job_id=job_id, job_number=job_number)
        if template and (job_number is not None or JOB_NUMBER not in template)
        else None
        for template in (settings.url, settings.tracking_url, settings.company_name)
    )
    templates = Overlay(
        url=url,
        tracking_url=tracking_url,
        campaign_categories=settings.campaign_categories or None,
        company_name=company_name,
    )
    return by_hand.over(pushed.over(templates))


def needs_number(settings: CustomerIndeed) -> bool:
    """Return whether a template needs the job's number, which only the ATS knows."""
    return any(JOB_NUMBER in each for each in (settings.url, settings.tracking_url, settings.company_name) if each)


def sets_without_marks(settings: CustomerIndeed) -> bool:
    """Return whether all that is set on a job looks like the ATS's own, so that no read tells that it is there."""
    marked = settings.tracking_url or settings.campaign_categories
    return not marked and bool(settings.url or settings.company_name or settings.push_fields)


def broken_limits(overlay: Overlay) -> Problem | None:
    """Check Indeed's limits before anything is sent."""
    broken = violations(overlay)
    if not broken:
        return None
    return Problem(
        category=Category.INVALID_POSTING,
        reason=f"What is to be set on Indeed breaks its limits: {'; '.join(broken)}. That was not sent; all else was.",
        remedy="Correct the job in iCIMS or the customer's templates and send `retry`; or set the field by the signal "
        "`update`.",
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a read of a job's postings means for an update."""

    fields: dict[str, Verdict]
    """How each field stands on the posting where it stands worst."""
    send: dict[str, tuple[str, ...]]
    """The fields to be sent, by posting."""

    @property
    def done(self) -> bool:
        """Return whether all is through, as far as Indeed lets that be seen."""
        return not self.send and THROUGH.issuperset(self.fields.values())


def plan(
    jobs: Sequence[EmployerJob],
    wanted: Overlay,
    written: Mapping[str, WrittenField],
    now: datetime,
    again_after: timedelta,
    *,
    distrust: bool = False,
) -> Plan:
    """Compare the postings field by field.

    A field that Indeed has accepted is left alone for `again_after`, as Indeed shows it with a delay. With `distrust`
    nothing shown counts that was not sent since.
    """
    fields: dict[str, Verdict] = {}
    send: dict[str, tuple[str, ...]] = {}
    for job in jobs:
        missing = []
        for name in wanted.names:
            mark, before = digest(name, wanted), written.get(name)
            known = before is not None and before.digest == mark
            found = _found(name, wanted, job, known=known, distrust=distrust)
            fields[name] = max(fields.get(name, found), found, key=_BADNESS.index)
            if found not in THROUGH and not (before is not None and before.holds(mark, now, again_after)):
                missing.append(name)
        if missing:
            send[job.employer_job_id] = tuple(missing)
    return Plan(fields, send)


_BADNESS = (Verdict.CONFIRMED, Verdict.NOT_COMPARABLE, Verdict.UNREADABLE, Verdict.PENDING, Verdict.CONTRADICTED)


def _found(name: str, wanted: Overlay, job: EmployerJob, *, known: bool, distrust: bool) -> Verdict:
    found = Verdict.PENDING if distrust and not known else verdict(name, wanted, job)
    # Only what Indeed has accepted can be taken for granted where it cannot be seen.
    unseen = found is Verdict.CONTRADICTED or (found is Verdict.NOT_COMPARABLE and not known)
    return Verdict.PENDING if unseen else found


def with_both_bounds(salary: OverlaySalary, pay: Pay | None) -> OverlaySalary | None:
    """Complete a salary with what Indeed shows, as it clears a bound that is left out.

    None where what it shows cannot be turned into minor units.
    """
    if pay is None:
        return salary
    digits = minor_digits(salary.currency or pay.currency)
    bounds = {}
    for name, wanted, minor, plain in (
        ("minimum_minor", salary.minimum_minor, pay.minimum_minor, pay.minimum),
        ("maximum_minor", salary.maximum_minor, pay.maximum_minor, pay.maximum),
    ):
        known = wanted if wanted is not None else minor
        if known is None and plain is not None:
            if digits is None:
                return None
            known = int(plain.scaleb(digits))
        bounds[name] = known
    return salary.model_copy(update=bounds)


def left_of_overlay(
    job: EmployerJob,
    by_hand: Overlay,
    written: Mapping[str, str],
    *,
    ats: Overlay = NOTHING,
    ever: EverSet = MappingProxyType({}),
) -> list[str]:
    """Name what a posting still shows of what was set on it; an empty list means that it is clear.

    Any tracking URL and any campaign category is an agency's. Another value is left over if it is one that people
    (`by_hand`), this lifecycle (`written`, by digest) or an earlier one (`ever`) set, unless the ATS has the same
    (`ats`): a clear reverts a job to the ATS's own data (docs/providers/indeed.md, Clear).
    """
    left = marks(job)
    values = [name for name in dict.fromkeys((*by_hand.names, *written)) if name not in MARKS]
    shown = [name for name in values if _shows(name, job, by_hand, written)]
    shown += [name for name in ever if name not in {*MARKS, *shown} and shows_what_was_set(name, job, ever)]
    left += [name for name in shown if not _same(name, ats, job)]
    # A clear takes all off at once, so what can be read speaks for what cannot; alone that proves nothing.
    if values and not MARKS & {*by_hand.names, *written} and all(_hidden(name, job, by_hand) for name in values):
        left += [name for name in values if name not in left and not _same(name, ats, job)]
    return left


def marks(job: EmployerJob) -> list[str]:
    """Name what a posting shows that only an agency sets."""
    shown = {"tracking_url": job.tracking_urls, "campaign_categories": job.campaign_categories}
    return [name for name, values in shown.items() if values]


def shows_any_of(job: EmployerJob, overlay: Overlay) -> list[str]:
    """Name the fields of an overlay that a posting shows."""
    return [name for name in overlay.names if verdict(name, overlay, job) is Verdict.CONFIRMED]


def _shows(name: str, job: EmployerJob, by_hand: Overlay, written: Mapping[str, str]) -> bool:
    same = getattr(by_hand, name) is not None and verdict(name, by_hand, job) is Verdict.CONFIRMED
    return same or written.get(name) in shown_digests(name, job)


def _same(name: str, ats: Overlay, job: EmployerJob) -> bool:
    return getattr(ats, name) is not None and verdict(name, ats, job) is Verdict.CONFIRMED


def _hidden(name: str, job: EmployerJob, by_hand: Overlay) -> bool:
    """Return whether it cannot be seen if a posting shows what was set; a digest is not compared with these two."""
    if name in {"location", "salary"} and getattr(by_hand, name) is None:
        return True
    if name == "location":
        return verdict(name, by_hand, job) is Verdict.UNREADABLE
    shown = {"title": job.title, "description": job.description, "company_name": job.company, "url": job.url}
    return name in shown and shown[name] is None
