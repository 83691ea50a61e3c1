"""What providers and engineers call things, as a recruiter would say it; the term itself stays in brackets."""

import re
from collections.abc import Mapping

from models.temporal import CLEAR, CLOSE, CONFIRM, LINKEDIN_RESYNC, RETRY, UPDATE

EVENTS: Mapping[str, str] = {
    "JobUnpostToWebEvent": "iCIMS took the job off its career site",
    "JobPostToWebEvent": "iCIMS posted the job",
    "ViewJobWebPostEvent": "somebody opened the posting from iCIMS",
    "WorkFlowStatusChangeEvent": "a candidate's status changed in iCIMS",
}
SIGNALS: Mapping[str, str] = {
    f"signal {CLOSE}": "a request to close the job",
    f"signal {UPDATE}": "a request to change the job at Indeed",
    f"signal {CLEAR}": "a request to take our changes off Indeed",
    f"signal {RETRY}": "a request to try again",
    f"signal {CONFIRM}": "a request to read the boards again",
    f"signal {LINKEDIN_RESYNC}": "LinkedIn's wish to be sent the job again",
}
CODES: Mapping[str, str] = {
    "NOT_LISTED": "not listed",
    "LISTED": "listed",
    "IN_PROGRESS": "still under way",
    "SUCCEEDED": "taken",
    "PROCESSED": "carried out",
    "FAILED": "refused",
    "INACTIVE": "no longer live",
    "ACTIVE": "live",
}
FIELDS: Mapping[str, str] = {
    "campaign_categories": "campaign",
    "tracking_url": "tracking link",
    "company_name": "company name",
    "nothing of the overlay is left": "none of our changes are left",
    "shows the whole overlay": "shows all of our changes",
    "the overlay": "our changes",
}

_TERMS = {**EVENTS, **SIGNALS, **CODES}
_TERM = re.compile(r"(?<![\w(])(?:" + "|".join(map(re.escape, sorted(_TERMS, key=len, reverse=True))) + r")(?![\w])")
_FIELD = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(FIELDS, key=len, reverse=True))) + r")\b")


def plainly(text: str) -> str:
    """Return a text in plain words: each term that is known is said, and follows in brackets."""
    said = _TERM.sub(lambda found: f"{_TERMS[found[0]]} ({found[0]})", text)
    return _FIELD.sub(lambda found: FIELDS[found[0]], said)
