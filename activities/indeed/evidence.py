"""What is said of a job at Indeed: evidence, and why a read-back does not agree yet."""

from collections.abc import Mapping
from datetime import UTC, datetime

from clients.indeed.reading import EmployerJob
from models.lifecycle import Evidence
from models.overlay import Verdict
from models.problems import Category, Problem

CLEAR = "nothing of the overlay is left"

BOUND_NOT_KNOWN = Problem(
    category=Category.INVALID_POSTING,
    reason="Only one bound of the salary is wanted. Indeed would clear the other one, and shows it without a currency, "
    "so that Boardsync cannot send it along. Nothing was sent.",
    remedy="Give minimum_minor and maximum_minor, or the currency, by the signal `update`.",
)


def shows(fields: Mapping[str, Verdict]) -> str:
    """Return which fields are through, and what of the others."""
    if set(fields.values()) <= {Verdict.CONFIRMED}:
        return "shows the whole overlay"
    parts = [f"{_said(verdict)}: {', '.join(_with(fields, verdict))}" for verdict in Verdict if _with(fields, verdict)]
    return "; ".join(parts)


def not_listed_yet(posting_id: str) -> Problem:
    """Return the problem that a job that should be there is not listed."""
    return Problem(
        category=Category.NOT_TAKEN,
        reason=f"Indeed does not list a job {posting_id} yet.",
        remedy="Check that the ATS's feed sends the job to Indeed, and job_posting_id in [customers.indeed]; "
        "Boardsync goes on looking.",
    )


def not_taken(fields: dict[str, Verdict]) -> Problem:
    """Return which fields do not show."""
    missing, unread = _with(fields, Verdict.PENDING), _with(fields, Verdict.UNREADABLE)
    told = [f"Indeed does not show what the agency set: {', '.join(missing)}."] if missing else []
    told += [f"Indeed does not say what it has for: {', '.join(unread)}."] if unread else []
    return Problem(
        category=Category.NOT_TAKEN,
        reason=" ".join(told),
        remedy="Open the job in Indeed. Send `retry` to set it once more; if it never takes, ask Indeed's support.",
        fields=fields,
    )


def still_there(left: list[str]) -> Problem:
    """Return which fields are left."""
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"Indeed still shows what the agency set on the job: {', '.join(left)}.",
        remedy="Open the job in Indeed and remove what is named; then send `retry`, which clears it once more.",
    )


def write_evidence(asked: str, answered: str, employer_job_id: str) -> Evidence:
    """Keep what was sent and what Indeed answered."""
    return Evidence(at=now(), asked=asked, answered=answered, ids={"employer_job_id": employer_job_id})


def read_evidence(job: EmployerJob, found: str) -> Evidence:
    """Keep what was read."""
    ids = {"employer_job_id": job.employer_job_id}
    return Evidence(at=now(), asked="Read the job", answered=f"{found}; posting {job.live.value}", ids=ids)


def now() -> datetime:
    """Return the time of an answer."""
    return datetime.now(UTC)


def _with(fields: Mapping[str, Verdict], verdict: Verdict) -> list[str]:
    return [name for name, found in fields.items() if found is verdict]


def _said(verdict: Verdict) -> str:
    return {
        Verdict.CONFIRMED: "shows",
        Verdict.PENDING: "does not show yet",
        Verdict.CONTRADICTED: "does not show",
        Verdict.UNREADABLE: "does not say",
        Verdict.NOT_COMPARABLE: "accepted, but shown in another form",
    }[verdict]
