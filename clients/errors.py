"""The one exception of all clients, and the tables that map a provider's errors to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from models.problems import Category, Problem

TEXT_KEPT = 500
"""Characters of a provider's own words that are kept: enough to recognise an error, no whole page."""


class ProviderError(Exception):
    """A provider refused, failed or answered what cannot be read."""

    def __init__(
        self, problem: Problem, *, provider: str, operation: str, status: int | None = None, code: str = ""
    ) -> None:
        """Keep what a caller decides by."""
        super().__init__(f"{provider} {operation}: {problem.reason}")
        self.problem = problem
        self.provider = provider
        self.operation = operation
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One row of a provider's error table; an unset criterion matches everything."""

    status: range | int | None = None
    code: str | None = None
    text: str | None = None
    """A regular expression, searched without regard to case: providers reword their errors."""
    category: Category
    reason: str
    remedy: str

    def matches(self, *, status: int | None, code: str, text: str) -> bool:
        """Tell whether an error is of this row."""
        statuses = range(self.status, self.status + 1) if isinstance(self.status, int) else self.status
        if statuses is not None and (status is None or status not in statuses):
            return False
        if self.code is not None and self.code != code:
            return False
        return self.text is None or re.search(self.text, text, re.IGNORECASE) is not None


def classify(
    rows: Sequence[ErrorRow],
    *,
    provider: str,
    operation: str,
    status: int | None,
    code: str = "",
    text: str = "",
    retry_after: timedelta | None = None,
) -> ProviderError:
    """Make the error of the first row that matches; the table's last row must match everything."""
    row = next(row for row in rows if row.matches(status=status, code=code, text=text))
    problem = Problem(
        category=row.category,
        reason=row.reason,
        remedy=row.remedy,
        provider_text=clip(text),
        retry_after=retry_after,
    )
    return ProviderError(problem, provider=provider, operation=operation, status=status, code=code)


def unreadable(provider: str, operation: str, what: str, *, status: int | None = None) -> ProviderError:
    """Make the error for an answer that is not what the provider documents."""
    problem = Problem(
        category=Category.UNEXPECTED,
        reason=f"{provider} answered something that Boardsync cannot read: {what}.",
        remedy="Boardsync tries again. If it lasts, the provider has changed its API: report it.",
    )
    return ProviderError(problem, provider=provider, operation=operation, status=status)


def clip(text: str) -> str:
    """Shorten a provider's own words, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_KEPT else line[: TEXT_KEPT - 1] + "…"
