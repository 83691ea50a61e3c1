"""The overlay: what the agency wants set on a job at Indeed, what is still to be sent, and what is left of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from activities.indeed.fields import digest, minor_digits, shown_digests, verdict
from clients.indeed.reading import EmployerJob, Pay
from config.customers import CustomerIndeed
from config.values import fill
from models.overlay import THROUGH, Overlay, OverlaySalary, Verdict, WrittenField, violations
from models.problems import Category, Problem
from models.texts import folded

NOTHING = Overlay()
MARKS = frozenset({"url", "tracking_url", "campaign_categories"})
"""Fields whose value is the agency's own: the ATS's feed never brings it."""


def wanted_overlay(
    settings: CustomerIndeed, *, customer_id: str, job_id: str, pushed: Overlay = NOTHING, by_hand: Overlay = NOTHING
) -> Overlay:
    """Compose what is wanted: what people set by hand goes before the ATS's fields, and these before the templates."""
    url, tracking_url, company_name = (
        template and fill(template, customer_id=customer_id, job_id=job_id)
        for template in (settings.url, settings.tracking_url, settings.company_name)
    )
    templates = Overlay(
        url=url,
        tracking_url=tracking_url,
        campaign_categories=settings.campaign_categories or None,
        company_name=company_name,
    )
    return by_hand.over(pushed.over(templates))


def broken_limits(overlay: Overlay) -> Problem | None:
    """Check Indeed's limits before anything is sent."""
    broken = violations(overlay)
    if not broken:
        return None
    return Problem(
        category=Category.INVALID_POSTING,
        reason=f"What is to be set on Indeed breaks its limits: {'; '.join(broken)}. Nothing was sent.",
        remedy="Correct the job in iCIMS or the customer's templates and send `retry`; or set the field by the signal "
        "`update`.",
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a read of the job means for an update."""

    fields: dict[str, Verdict]
    send: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Return whether all is through, as far as Indeed lets that be seen."""
        return THROUGH.issuperset(self.fields.values())


def plan(
    job: EmployerJob,
    wanted: Overlay,
    written: Mapping[str, WrittenField],
    now: datetime,
    *,
    distrust: bool = False,
) -> Plan:
    """Compare field by field.

    A field that was sent is left alone until its time has come: Indeed shows what it accepted with a delay,
    and a lost answer may belong to a field that has landed. With `distrust` nothing shown counts that was not
    sent since.
    """
    fields: dict[str, Verdict] = {}
    send = []
    for name in wanted.names:
        mark, before = digest(name, wanted), written.get(name)
        known = before is not None and before.digest == mark
        found = Verdict.PENDING if distrust and not known else verdict(name, wanted, job)
        if found is Verdict.NOT_COMPARABLE and not (known and before is not None and before.accepted):
            # Only what Indeed has accepted can be taken for granted where it cannot be seen.
            found = Verdict.PENDING
        fields[name] = Verdict.PENDING if found is Verdict.CONTRADICTED else found
        if fields[name] not in THROUGH and not (before is not None and before.holds(mark, now)):
            send.append(name)
    return Plan(fields, tuple(send))


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
    overlay: Overlay,
    *,
    ats_title: str | None,
    ats: Overlay = NOTHING,
    written: Mapping[str, str] | None = None,
) -> list[str]:
    """Name the overlay fields that the job still shows; an empty list means that it is clear.

    A clear reverts a job "to the latest ATS data" (seed), so a title other than the ATS's is left over;
    with no title from the ATS it is not compared. `written` holds the digests of what was sent. A value that
    the ATS has too (`ats`) is not left over; nor is one that nobody is known to have sent, as the ATS may have it.
    """
    written = written or {}
    names = tuple(dict.fromkeys((*overlay.names, *written)))
    unread = [name for name in names if name in written and _verdict(name, job, overlay) is Verdict.UNREADABLE]
    # A clear takes all off at once, so what can be read speaks for what cannot; alone that proves nothing.
    left = unread if len(unread) == len(names) else []
    for name in names:
        if name == "title" and ats_title is not None:
            continue
        if not _shows_ours(name, job, overlay, written) or name not in MARKS | set(written) | set(ats.names):
            continue
        if getattr(ats, name) is None or verdict(name, ats, job) is not Verdict.CONFIRMED:
            left.append(name)
    if ats_title is not None and job.title is not None and folded(job.title) != folded(ats_title):
        left.append("title")
    return left


def ours(left: Collection[str], job: EmployerJob, overlay: Overlay, written: Mapping[str, str]) -> list[str]:
    """Of what is left, name what this agency has set; another title may be the employer's, or the feed's."""
    return [name for name in left if name != "title" or _shows_ours(name, job, overlay, written)]


def _shows_ours(name: str, job: EmployerJob, overlay: Overlay, written: Mapping[str, str]) -> bool:
    if name == "campaign_categories":
        return bool(set(overlay.campaign_categories or ()) & set(job.campaign_categories))
    confirmed = _verdict(name, job, overlay) is Verdict.CONFIRMED
    return confirmed or written.get(name) in shown_digests(name, job)


def _verdict(name: str, job: EmployerJob, overlay: Overlay) -> Verdict | None:
    return None if getattr(overlay, name) is None else verdict(name, overlay, job)
