"""Which item of a mutation was accepted: errors are matched by path, else by elimination, else by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clients.errors import ProviderError, unreadable
from clients.http import Response
from clients.indeed.errors import PROVIDER, worst
from models.indeed_ids import job_key


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item."""

    accepted: bool
    """Indeed gave back the posting. Beside an error, part of the fields may be missing all the same."""
    error: ProviderError | None = None
    attributed: bool = True
    """The error is known to be this item's; else it may be that of another one."""


def item_results(
    response: Response, data: Any, errors: Sequence[Any], operation: str, count: int, asked: Sequence[str] = ()
) -> list[ItemResult]:
    """Match the errors of a mutation with its items; `data` is the mutation's payload, whose order is the request's.

    An error without a path belongs to the one item that is null; with several nulls it may be anyone's; with
    none, every item may have been written in part.
    Raises ProviderError where there is not a result for each item, or where they name the items in another order.
    """
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, list) or len(results) != count:
        if errors:
            raise worst(operation, errors, response)
        raise unreadable(PROVIDER, operation, f"not {count} result(s) as asked")
    accepted = [isinstance(each, dict) and each.get("jobPosting") is not None for each in results]
    if any(_shown_key(each) in _others(asked, at) for at, each in enumerate(results)):
        raise unreadable(PROVIDER, operation, "results in another order than asked")
    owned: dict[int | None, list[Any]] = {}
    for error in errors:
        owned.setdefault(_index(error, count), []).append(error)
    loose = owned.pop(None, [])
    unexplained = [index for index in range(count) if not accepted[index] and index not in owned]
    if loose and len(unexplained) == 1:
        owned[unexplained.pop()], loose = loose, []

    def result(index: int) -> ItemResult:
        if index in owned:
            return ItemResult(accepted[index], worst(operation, owned[index], response))
        # Errors of nobody explain the nulls; with no null to explain, they may be about any item.
        if loose and (index in unexplained or not unexplained):
            return ItemResult(accepted[index], worst(operation, loose, response), attributed=False)
        silent = None if accepted[index] else unreadable(PROVIDER, operation, "a refusal without an error")
        return ItemResult(accepted[index], silent)

    return [result(index) for index in range(count)]


def _shown_key(result: Any) -> str | None:
    posting = result.get("jobPosting") if isinstance(result, dict) else None
    shown = posting.get("employerJobId") if isinstance(posting, dict) else None
    return job_key(shown) if isinstance(shown, str) else None


def _others(asked: Sequence[str], at: int) -> set[str]:
    keys = [job_key(each) for each in asked]
    return {key for key in keys if at < len(keys) and key != keys[at]}


def _index(error: Any, count: int) -> int | None:
    """Find the item's place in `path`; `None` where it does not say."""
    path = error.get("path") if isinstance(error, dict) else None
    numbers = [each for each in path if type(each) is int] if isinstance(path, list) else []
    return numbers[0] if numbers and 0 <= numbers[0] < count else None
