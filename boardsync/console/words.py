"""The console's own words and colours for what the code calls by its names."""

from collections.abc import Mapping

from models.problems import Category
from models.states import BoardState, Phase

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
    Category.CLOSED_BY_BOARD: "A board has closed the job itself",
    Category.RELISTED: "The job is listed again and again",
    Category.HIRE_TAKEN_BACK: "A hire was taken back",
    Category.WEBHOOK_BLOCKED: "LinkedIn has blocked our webhook",
    Category.CONFIGURATION: "The configuration is wrong",
    Category.UNEXPECTED: "Something unexpected was answered",
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


def seconds_words(seconds: float | None) -> str:
    """Write how long something took, in the largest unit that says it."""
    if seconds is None:
        return ""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
