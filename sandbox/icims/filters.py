"""The filters of a job search: groups of conditions, joined by ``&`` or ``|``, that may hold further groups.

docs/providers/icims.md, "Job search" and "Job Portal API".
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sandbox.icims import replies
from sandbox.icims.jobs import IcimsJob, folder

Matcher = Callable[[IcimsJob], bool]

_GROUP_KEYS = frozenset({"filters", "operator", "children"})
_FILTER_KEYS = frozenset({"name", "value", "secondaryValue", "operator"})
_DATE_FORMS = ("%Y-%m-%d %I:%M %p", "%Y-%m-%d")

_TEXTS: dict[str, Callable[[IcimsJob], Iterable[str]]] = {
    "job.jobtitle": lambda job: (job.content.title,),
    "job.jobnumber": lambda job: (job.number,),
    "job.externalid": lambda job: (f"{job.customer_id}-{job.job_id}",),
}
_CHOICES: dict[str, Callable[[IcimsJob], Iterable[str]]] = {
    "job.folder": lambda job: (folder(job)["id"].lower(), job.folder.lower()),
    "job.jobpost.isposted": lambda job: ("true", "yes") if job.portals else ("false", "no"),
    "job.postedto": lambda job: tuple(name.lower() for name in job.portals),
}


def matcher(group: Any, *, needs_filter: bool) -> Matcher:
    """Return what a group lets through; raises iCIMS's 400 for what it does not know."""
    if not isinstance(group, dict):
        raise _bad("An unknown parsing error occurred")
    for key in sorted(group.keys() - _GROUP_KEYS):
        raise _bad(f"The following group attribute is unrecognized: {key}")
    parts = [_condition(each) for each in group.get("filters") or ()]
    parts += [matcher(each, needs_filter=True) for each in group.get("children") or ()]
    if not parts and needs_filter:
        raise _bad("At least one filter must be specified")
    joined = {"&": all, "|": any}.get(group.get("operator", "&"))
    if joined is None:
        raise _bad(f"The following group operator is not valid in the given context: {group['operator']}")
    return lambda job: joined(part(job) for part in parts) if parts else True


def _condition(given: Any) -> Matcher:
    if not isinstance(given, dict):
        raise _bad("An unknown parsing error occurred")
    for key in sorted(given.keys() - _FILTER_KEYS):
        raise _bad(f"The following filter attribute is unrecognized: {key}")
    name, operator = str(given.get("name")), str(given.get("operator", "="))
    values = [str(each) for each in given.get("value") or ()]
    if name == "job.id":
        return _number(operator, values)
    if name == "job.idCSV":
        wanted = {part.strip() for value in values for part in value.split(",")}
        return lambda job: job.job_id in wanted
    if name == "job.updateddate":
        return _date(operator, values, [str(each) for each in given.get("secondaryValue") or ()])
    if name in _TEXTS:
        return _text(_TEXTS[name], operator, values)
    if name in _CHOICES:
        return _choice(_CHOICES[name], operator, {value.lower() for value in values})
    raise _bad(f"The following filter is either not valid or hidden: {name}")


def _number(operator: str, values: list[str]) -> Matcher:
    compare = _ordering(operator)
    numbers = [int(value) for value in values if value.isdecimal()]
    return lambda job: any(compare(int(job.job_id), number) for number in numbers)


def _date(operator: str, values: list[str], until: list[str]) -> Matcher:
    """Return a matcher of times; a date that cannot be read lets everything through, as iCIMS does."""
    compare = _ordering(operator)
    first, last = _time(values), _time(until)
    if operator == "=":
        return lambda job: (first is None or first <= job.updated_at) and (last is None or job.updated_at <= last)
    return lambda job: first is None or compare(job.updated_at, first)


def _text(of: Callable[[IcimsJob], Iterable[str]], operator: str, values: list[str]) -> Matcher:
    match operator:
        case "==" | "!==":
            return lambda job: any(text in values for text in of(job)) is (operator == "==")
        case "=" | "!=":
            parts = [value.lower() for value in values]
            return lambda job: any(part in text.lower() for part in parts for text in of(job)) is (operator == "=")
    raise _bad_operator(operator)


def _choice(of: Callable[[IcimsJob], Iterable[str]], operator: str, wanted: set[str]) -> Matcher:
    if operator not in {"=", "!="}:
        raise _bad_operator(operator)
    return lambda job: (not wanted.isdisjoint(of(job))) is (operator == "=")


def _ordering(operator: str) -> Callable[[float, float], bool]:
    known: dict[str, Callable[[float, float], bool]] = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        ">": lambda a, b: a > b,
        "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b,
    }
    if operator not in known:
        raise _bad_operator(operator)
    return known[operator]


def _time(values: list[str]) -> float | None:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(values[0] if values else "", form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def _bad_operator(operator: str) -> Exception:
    return _bad(f"The following filter operator is not valid in the given context: {operator}")


def _bad(message: str) -> Exception:
    return replies.refusal(400, 1, message)
