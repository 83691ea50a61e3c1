"""What can go wrong with a board, in few categories, each with words for a person."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from models.base import Model
from models.configured import Configured
from models.overlay import Verdict
from models.scrubbing import Said


class Category(StrEnum):
    """The kind of a problem; its value is also the Temporal error type."""

    TEMPORARY = "temporary"
    RATE_LIMITED = "rate_limited"
    CREDENTIALS = "credentials"
    PERMISSION = "permission"
    CLAIMED = "claimed"
    INVALID_POSTING = "invalid_posting"
    NOT_FOUND = "not_found"
    OUT_OF_SLOTS = "out_of_slots"
    FED_FROM_ELSEWHERE = "fed_from_elsewhere"
    REFUSED = "refused"
    STILL_SHOWN = "still_shown"
    NOT_TAKEN = "not_taken"
    NOT_VISIBLE = "not_visible"
    CLOSED_BY_BOARD = "closed_by_board"
    RELISTED = "relisted"
    HIRE_TAKEN_BACK = "hire_taken_back"
    WEBHOOK_BLOCKED = "webhook_blocked"
    CONFIGURATION = "configuration"
    UNEXPECTED = "unexpected"


RETRIED = frozenset(
    {
        Category.TEMPORARY,
        Category.RATE_LIMITED,
        Category.STILL_SHOWN,
        Category.NOT_TAKEN,
        Category.CLOSED_BY_BOARD,
        Category.WEBHOOK_BLOCKED,
        Category.UNEXPECTED,
    }
)
"""Problems that time may mend: they are retried, and ask for a person only when they last."""


PASSING = frozenset({Category.TEMPORARY, Category.RATE_LIMITED})
"""Problems that say only that nothing could be learned for now."""


IN_DOUBT = frozenset({Category.TEMPORARY, Category.UNEXPECTED})
"""Problems of a write that may have taken effect all the same, wholly or in part."""


class Problem(Model):
    """Why a step did not succeed: the detail of every activity failure that reaches a lifecycle."""

    category: Category
    reason: Said
    """What happened and what it means, for a recruiter."""
    remedy: str
    """What to do about it."""
    provider_text: Said = ""
    """The provider's own words, capped; never a token or personal data."""
    retry_after: timedelta | None = None
    """How long the provider asked to wait, if it did."""
    passing: bool = False
    """It may pass by itself, though its kind does not: it is tried again, and people are told once it lasts."""
    shown: bool = False
    """The board, read just now, has the job."""
    paused: bool = False
    """It is the customer that is missing in the configuration: all waits, and goes on by itself once it is back."""
    configured: Configured | None = None
    """What the configuration says by now, where that is the reason."""
    fields: dict[str, Verdict] = Field(default_factory=dict)
    """How each field of an overlay was read, where that is the problem."""
    cause: str | None = None
    """What holds up the customer's other jobs, too, such as `linkedin.credentials`; None for what is this job's own."""

    @property
    def words(self) -> str:
        """Return what happened, with the provider's own words."""
        return f"{self.reason} ({self.provider_text})" if self.provider_text else self.reason

    @property
    def retried(self) -> bool:
        """Return whether the step is tried again without a person."""
        return self.passing or self.category in RETRIED
