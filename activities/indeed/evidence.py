"""What is said of a job at Indeed: evidence, and why a read-back does not agree yet."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime

from clients.indeed.reading import EmployerJob
from clients.indeed.results import ItemResult
from models.boards import Evidence, IndeedPosting
from models.overlay import Verdict
from models.problems import Category, Problem
from models.states import JobStatus
from models.words import JOB_STATUSES

CLEAR = "nothing of the overlay is left"
APART = 5
"""Postings up to which each has an entry of its own."""
IDS_KEPT = 50

LISTS_NOTHING = Problem(
    category=Category.CONFIGURATION,
    reason="Indeed lists no job at all for this advertiser, so that it cannot be told whether this one is there.",
    remedy="Check advertiser_id, feed_types and legacy_source_id in [customers.indeed]: `boardsync doctor` shows what "
    "Indeed lists. Then send `retry`.",
    cause="indeed.listing",
)


def no_longer_configured(accounts: Sequence[str]) -> Problem:
    """Return the problem that postings were seen where the customer's configuration no longer has access."""
    return Problem(
        category=Category.CONFIGURATION,
        reason="A posting of the job was seen at Indeed under an account that [customers.indeed] no longer has "
        f"(client_id/advertiser_id: {', '.join(accounts)}), so it cannot be told whether it is gone.",
        remedy="Put the rule, or its client_id and advertiser_id, back until the job is closed; then send `retry`. If "
        "the account is closed for good, take the posting off the job by `boardsync link --remove`.",
    )


STORE_SILENT = Problem(
    category=Category.TEMPORARY,
    reason="Indeed shows no posting of the job, and the store, which may know one that is not listed, does not answer.",
    remedy="Bring the store back (`boardsync doctor` says what is wrong with it); Boardsync goes on by itself.",
)
NOT_SHOWN = Problem(
    category=Category.TEMPORARY,
    reason="Indeed lists a posting of the job, and shows nothing by its id, so that it cannot be told what is on it.",
    remedy="Boardsync goes on reading. If it lasts, open the job in Indeed, or ask Indeed's support.",
)
SHOWN_AGAIN = Problem(
    category=Category.TEMPORARY,
    reason="Indeed shows a posting of the job by its id that it did not show a moment before.",
    remedy="Boardsync reads it again by itself.",
)
LISTED_OTHERWISE = Problem(
    category=Category.TEMPORARY,
    reason="Indeed lists a posting that was this job's by another job's name, and shows nothing by its id, so that it "
    "cannot be told what is on it.",
    remedy="Boardsync goes on reading. If the posting is another job's now, take it off this one by `boardsync link "
    "--remove`. If it lasts, open the posting in Indeed, or ask Indeed's support.",
)
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


SEEN_AGAIN = {
    JobStatus.NOWHERE: "Open the job in Indeed, which says why it was rejected. Correct that in iCIMS, or sponsor the "
    "job.",
    JobStatus.SPONSORED_WITHOUT_SPEND: "Sponsor the job at Indeed: put its campaign_categories into a campaign that "
    "has a budget.",
    JobStatus.NOT_LIVE: "Check that the ATS's feed sends the job to Indeed.",
}
"""What to do about a posted job that nobody finds."""


def not_visible(status: JobStatus) -> Problem:
    """Return that nobody finds a posted job."""
    return Problem(
        category=Category.NOT_VISIBLE,
        reason=f"The job is posted and on Indeed, where nobody finds it: {JOB_STATUSES[status]}.",
        remedy=f"{SEEN_AGAIN[status]} Then send `confirm`.",
    )


def still_there(left: Mapping[str, Sequence[str]]) -> Problem:
    """Return which fields are left, on whichever posting."""
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"Indeed still shows what the agency set on the job: {', '.join(_names(left))}.",
        remedy="Open the job in Indeed and remove what is named; then send `retry`, which clears it once more.",
        shown=True,
    )


def under_another_name(left: Mapping[str, Sequence[str]]) -> Problem:
    """Return that postings which were the job's, and may show what was set on it, now bear another job's name."""
    return Problem(
        category=Category.CONFIGURATION,
        reason=f"A posting at Indeed that was this job's shows {', '.join(_names(left))}, which an agency sets, and "
        "its jobPostingId names another job by now: Boardsync does not write to it, so it is not known to be clear.",
        remedy="If the ATS has changed how it names its jobs, correct job_posting_id in [customers.indeed]. If the "
        "posting is another job's now, take it off this one by `boardsync link --remove`. Then send `retry`.",
    )


def write_evidence(asked: str, answered: str, employer_job_ids: Sequence[str]) -> Evidence:
    """Keep what was sent and what Indeed answered."""
    return Evidence(at=now(), asked=asked, answered=answered, ids=_ids(employer_job_ids))


def find_evidence(posting_id: str, employer_job_ids: Sequence[str]) -> Evidence:
    """Keep which postings of a job were found."""
    count = len(employer_job_ids)
    answered = "found" if count == 1 else f"found {count} postings"
    if not count:
        answered = "not in the advertiser's listing, twice read whole"
    ids = {"job_posting_id": posting_id, **_ids(employer_job_ids)}
    return Evidence(at=now(), asked=f"Find job {posting_id}", answered=answered, ids=ids)


def known_evidence(posting_id: str, employer_job_ids: Sequence[str]) -> Evidence:
    """Keep which postings of a job were known before."""
    count = len(employer_job_ids)
    answered = "known from before" if count == 1 else f"{count} postings are known from before"
    ids = {"job_posting_id": posting_id, **_ids(employer_job_ids)}
    return Evidence(at=now(), asked=f"Find job {posting_id}", answered=answered, ids=ids)


def read_evidence(jobs: Sequence[EmployerJob], found: str) -> tuple[Evidence, ...]:
    """Keep what was read, of every posting."""
    if len(jobs) > APART:
        ids = _ids([job.employer_job_id for job in jobs])
        count = ", ".join(f"{number} {live}" for live, number in Counter(job.live.value for job in jobs).items())
        return (Evidence(at=now(), asked="Read all postings", answered=f"{found}; postings: {count}", ids=ids),)
    return tuple(
        Evidence(
            at=now(),
            asked="Read the job",
            answered=f"{found}; posting {job.live.value}",
            ids={"employer_job_id": job.employer_job_id},
        )
        for job in jobs
    )


def lost(jobs: Sequence[EmployerJob]) -> tuple[Evidence, ...]:
    """Keep that postings are no longer as they were known."""
    answered = "a posting is no longer there" if jobs else "none of the known postings is there"
    return (Evidence(at=now(), asked="Read the job", answered=f"{answered}: they are looked for again"),)


def others(postings: Sequence[IndeedPosting]) -> tuple[Evidence, ...]:
    """Keep that the listing has further postings."""
    answered = f"the listing has {len(postings)} further posting(s): they are cleared too"
    return (Evidence(at=now(), asked="Read the listing", answered=answered, ids=_ids([each.id for each in postings])),)


def gone_evidence(employer_job_ids: Sequence[str]) -> tuple[Evidence, ...]:
    """Keep that postings are neither shown nor listed any more."""
    if not employer_job_ids:
        return ()
    answered = "neither shown nor listed any more"
    return (Evidence(at=now(), asked="Read the job", answered=answered, ids=_ids(employer_job_ids)),)


def clear_evidence(
    jobs: Sequence[EmployerJob],
    due: Mapping[str, Sequence[str]],
    results: Mapping[str, ItemResult],
    failed: Container[str],
) -> tuple[Evidence, ...]:
    """Keep what was cleared, and what needed no clear."""
    kept = read_evidence([job for job in jobs if job.employer_job_id not in due], CLEAR)
    for answer, ids in _by_answer(results, failed).items():
        left = ", ".join(dict.fromkeys(name for each in ids for name in due[each])) or "none of them shown yet"
        kept = (*kept, write_evidence(f"Clear the updates ({left})", answer, ids))
    return kept


def _by_answer(results: Mapping[str, ItemResult], failed: Container[str]) -> dict[str, list[str]]:
    answers: dict[str, list[str]] = {}
    for each, result in results.items():
        answer = "accepted"
        if result.error is not None:
            what = "not cleared" if each in failed else "nothing of ours to clear"
            answer = f"{what}: {result.error.problem.provider_text or result.error.problem.reason}"
        answers.setdefault(answer, []).append(each)
    return answers


def _ids(employer_job_ids: Sequence[str]) -> dict[str, str]:
    """Name the postings, as far as a receipt has room for them."""
    numbers = range(1, IDS_KEPT + 1)
    return {
        "employer_job_id" if number == 1 else f"employer_job_id_{number}": each
        for number, each in zip(numbers, employer_job_ids, strict=False)
    }


def now() -> datetime:
    """Return the time of an answer."""
    return datetime.now(UTC)


def _names(left: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted({name for names in left.values() for name in names})


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
