"""The one exception of all clients, and the tables that map a provider's errors to it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from models.problems import Category, Problem
from models.scrubbing import scrub

TEXT_KEPT = 500
"""Characters of a provider's own words that are kept: enough to recognise an error, no whole page."""


TEXT_READ = 8 * TEXT_KEPT


class ProviderError(Exception):
    """A provider refused, failed or answered what cannot be read."""

    def __init__(
        self,
        problem: Problem,
        *,
        provider: str,
        operation: str,
        status: int | None = None,
        code: str = "",
        sent: bool = True,
    ) -> None:
        """Keep what a caller decides by; `sent` is false where the request surely did not reach the provider."""
        super().__init__(f"{provider} {operation}: {problem.reason}")
        self.problem = problem
        self.provider = provider
        self.operation = operation
        self.status = status
        self.code = code
        self.sent = sent

    def again(self) -> "ProviderError":
        """Return the same error for another caller: raised twice, one exception would gather their traces."""
        return self._with(self.problem)

    def passing(self) -> "ProviderError":
        """Return the same error as one that may pass."""
        return self._with(self.problem.model_copy(update={"passing": True}))

    def _with(self, problem: Problem) -> "ProviderError":
        return ProviderError(
            problem,
            provider=self.provider,
            operation=self.operation,
            status=self.status,
            code=self.code,
            sent=self.sent,
        )


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
    cause: str | None = None
    """Names what holds up all jobs of the customer alike; None where it concerns one job."""

    def matches(self, *, status: int | None, code: str, text: str) -> bool:
        """Return whether an error is of this row."""
        statuses = range(self.status, self.status + 1) if isinstance(self.status, int) else self.status
        if statuses is not None and (status is None or status not in statuses):
            return False
        if self.code is not None and self.code != code:
            return False
        return self.text is None or re.search(self.text, text, re.IGNORECASE) is not None


_LASTS = "Boardsync tries again by itself. If it lasts, "
FOREIGN = (
    ErrorRow(
        status=range(300, 400),
        category=Category.TEMPORARY,
        reason="The address answers with a redirect, which Boardsync does not follow.",
        remedy=f"{_LASTS}correct the provider's address in the configuration.",
    ),
    ErrorRow(
        status=401,
        category=Category.TEMPORARY,
        reason="The credentials were not taken, but not in the provider's own words: a proxy or gateway in front of "
        "it may have answered.",
        remedy=f"{_LASTS}check the credentials and the provider's address in the configuration.",
    ),
    ErrorRow(
        status=403,
        category=Category.TEMPORARY,
        reason="A firewall or proxy in front of the provider turned the call away. It says nothing of the job or of "
        "permissions.",
        remedy=f"{_LASTS}ask the provider, or whoever runs the network, to let the worker's address through.",
    ),
    ErrorRow(
        status=407,
        category=Category.TEMPORARY,
        reason="A proxy on the way asks for credentials of its own.",
        remedy=f"{_LASTS}let the worker reach the provider without that proxy.",
    ),
    ErrorRow(
        status=404,
        category=Category.TEMPORARY,
        reason="Something answers at the address, but it is not the provider's API.",
        remedy=f"{_LASTS}check the provider's address in the configuration, and any proxy on the way.",
    ),
    ErrorRow(
        category=Category.TEMPORARY,
        reason="The call was turned away, but not in the provider's own words: something in front of it, or a part "
        "of it that is failing, may have answered.",
        remedy=f"{_LASTS}check the provider's status page, its address in the configuration and any proxy on the way.",
    ),
)
"""For answers that are not in a provider's own form, and so no refusal of its: nothing here is final."""


def classify(
    rows: Sequence[ErrorRow],
    *,
    provider: str,
    operation: str,
    status: int | None,
    code: str = "",
    text: str = "",
    retry_after: timedelta | None = None,
    own_form: bool = True,
) -> ProviderError:
    """Make the error of the first row that matches; the table's last row must match everything.

    An answer that is not in the provider's `own_form` is a refusal only of what stands in front of it.
    """
    if not own_form and not _passing(status):
        rows = FOREIGN
    row = next(row for row in rows if row.matches(status=status, code=code, text=text))
    problem = Problem(
        category=row.category,
        reason=row.reason,
        remedy=row.remedy,
        provider_text=clip(text),
        retry_after=retry_after,
        cause=None if row.cause is None else f"{provider.lower()}.{row.cause}",
    )
    return ProviderError(problem, provider=provider, operation=operation, status=status, code=code)


def _passing(status: int | None) -> bool:
    # Whoever answers so says that it will pass, in whatever form.
    return status is not None and (status == 429 or 500 <= status < 999)


def unreadable(provider: str, operation: str, what: str, *, status: int | None = None) -> ProviderError:
    """Make the error for an answer that is not what the provider documents."""
    problem = Problem(
        category=Category.UNEXPECTED,
        reason=f"{provider} answered something that Boardsync cannot read: {what}.",
        remedy="Boardsync tries again. If it lasts, the provider has changed its API: report it.",
    )
    return ProviderError(problem, provider=provider, operation=operation, status=status)


def clip(text: str) -> str:
    """Shorten a provider's own words, in one line, without secrets and addresses of people."""
    line = " ".join(text[:TEXT_READ].split())
    if len(text) > TEXT_READ:
        line = line.rpartition(" ")[0]  # what is cut in two could not be known for what it is
    line = scrub(line)
    return line if len(line) <= TEXT_KEPT else line[: TEXT_KEPT - 1] + "…"
