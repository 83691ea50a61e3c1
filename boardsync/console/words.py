"""The console's own words and colours for what the code calls by its names."""

from collections.abc import Mapping

from models.plain_words import plainly
from models.problems import Category
from models.states import BoardState, JobStatus, Phase

PHASES: Mapping[Phase, str] = {
    Phase.OPEN: "Posted",
    Phase.UPDATING: "Being updated",
    Phase.CLOSING: "Being taken down",
    Phase.ATTENTION: "Needs a person",
    Phase.CLOSED: "Closed",
    Phase.NOT_FOUND: "Not found on a board",
    Phase.CANCELLED: "Stopped: cancelled",
}
BOARD_STATES: Mapping[BoardState, str] = {
    BoardState.IDLE: "Nothing to do",
    BoardState.WORKING: "At work",
    BoardState.CONFIRMING: "Waiting for proof",
    BoardState.SETTLED: "Done",
    BoardState.ATTENTION: "Needs a person",
}
CATEGORIES: Mapping[Category, str] = {
    Category.TEMPORARY: "A system does not answer",
    Category.RATE_LIMITED: "A system asks us to slow down",
    Category.CREDENTIALS: "Credentials are refused",
    Category.PERMISSION: "A permission is missing",
    Category.CLAIMED: "Another party has claimed the posting",
    Category.INVALID_POSTING: "The posting is not acceptable",
    Category.NOT_FOUND: "The job is not found on a board",
    Category.OUT_OF_SLOTS: "No job slots are left",
    Category.FED_FROM_ELSEWHERE: "The job is posted from elsewhere",
    Category.REFUSED: "A board refuses the request",
    Category.STILL_SHOWN: "A board still shows the job",
    Category.NOT_TAKEN: "A change does not show",
    Category.NOT_VISIBLE: "Posted, but found by nobody",
    Category.CLOSED_BY_BOARD: "A board has closed the job itself",
    Category.RELISTED: "The job is listed again and again",
    Category.HIRE_TAKEN_BACK: "A hire was taken back",
    Category.WEBHOOK_BLOCKED: "LinkedIn has blocked our webhook",
    Category.CONFIGURATION: "The configuration is wrong",
    Category.UNEXPECTED: "Something unexpected was answered",
}
SYSTEMS: Mapping[str, str] = {"icims": "iCIMS", "linkedin": "LinkedIn", "indeed": "Indeed", "boardsync": "Boardsync"}
CAUSES: Mapping[str, str] = {
    "slots": CATEGORIES[Category.OUT_OF_SLOTS],
    "listing": "The list of the customer's jobs cannot be read",
    "permissions": CATEGORIES[Category.PERMISSION],
    "scope": CATEGORIES[Category.PERMISSION],
    "budget": "The budget is spent",
    "day_limit": "The limit of a day is reached",
    "restricted": "The account is restricted",
    "contract": "The contract is not accepted",
    "organization": "The organization is not accepted",
    "listing_type": "The type of listing is not accepted",
    "address": "The address that is called is wrong",
    "apply_url": "The address where candidates apply is not accepted",
    "migration": "Another feed still posts the jobs",
    "token_url": "The address for tokens is wrong",
    "version": "The version of the API is not accepted",
    "workplace_type": "Nothing says where people work",
}
"""What a cause says beside the categories."""
EVENTS: Mapping[str, str] = {
    "unpost": "The job was taken off the career site",
    "post": "The job was posted",
    "look": "Somebody opened the posting from iCIMS",
    "status": "A candidate's status changed",
    "challenge": "A check that this is LinkedIn's webhook",
    "JOB_POSTING_STATUS": "The status of a posting changed",
    "RESYNC_JOBS": "LinkedIn asks for jobs to be sent again",
    "lifecycle_event": "A posting changed",
    "unknown": "Nothing that is known",
}
RESULTS: Mapping[str, str] = {
    "accepted": "",
    "kept": "Kept until Temporal takes it",
    "reopened": "The job's lifecycle was begun again",
    "ignored": "It changes nothing",
    "duplicate": "It came before",
    "unknown_job": "No lifecycle is known of it",
    "unknown_type": "Not of a kind that is of use",
    "unknown_application": "Of an application that is not configured",
    "answered": "",
}
"""What became of an event that was taken."""
HIDDEN_AS: Mapping[JobStatus, str] = {
    JobStatus.NOWHERE: "Rejected from Indeed's search",
    JobStatus.SPONSORED_WITHOUT_SPEND: "Needs sponsorship at Indeed, and has none",
    JobStatus.NOT_LIVE: "No longer live at Indeed",
}
STATUSES: Mapping[str, str] = {
    "canceled": "Stopped: cancelled",
    "terminated": "Stopped: terminated",
    "failed": "Stopped: failed",
    "timed_out": "Stopped: out of time",
}


def category_words(category: str) -> str:
    """Say what a category means; one of a newer version is named."""
    return CATEGORIES[Category(category)] if category in set(Category) else category


def cause_words(cause: str) -> str:
    """Say what many jobs wait for alike: the system, and what is wrong there."""
    system, _, what = cause.partition(".")
    name = SYSTEMS.get(system, system)
    return f"{name}: {CAUSES.get(what) or category_words(what)}"


def event_words(kind: str) -> str:
    """Say what a sender sent; what is not known is named."""
    return EVENTS.get(kind) or plainly(kind)


def seconds_words(seconds: float | None) -> str:
    """Write how long something took, in the largest unit that says it."""
    if seconds is None:
        return ""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
