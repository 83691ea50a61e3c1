"""LinkedIn's job posting API as pure functions (docs/providers/linkedin.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote_plus

from clients.errors import ProviderError, clip, unreadable
from clients.http import Request, Response, object_of
from clients.linkedin.errors import PROVIDER, error, refusal
from clients.parsing import plausible
from models.events import StatusDetail
from models.texts import linkedin_page

ELEMENTS_LIMIT = 100
SUBMITTED_AT_ONCE = 10
"""Elements that go together, each a whole posting: an answer that is lost leaves few in doubt."""
IDS_LIMIT = 50
"""Ids in one read (docs/providers/linkedin.md)."""
QUERY_LIMIT = 4_000
"""Characters of a query string, of which LinkedIn takes 4 KB (docs/providers/linkedin.md)."""


class TaskState(StrEnum):
    """What became of a submission (check-job-taskstatus)."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    PROCESSED = "PROCESSED"
    UNKNOWN = "UNKNOWN"


class Listing(StrEnum):
    """Whether members see the job."""

    LISTED = "LISTED"
    NOT_LISTED = "NOT_LISTED"
    IN_PROGRESS = "IN_PROGRESS"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An element that LinkedIn took; its task says what became of it."""

    task_id: str


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A task, read."""

    state: TaskState
    error: str | None = None
    job_posting: str | None = None


@dataclass(frozen=True, slots=True)
class PostingStatus:
    """A job's listing, read."""

    listing: Listing
    detail: StatusDetail | None = None
    """Why, such as `INVALID_LOCATION: …`; `None` in the plain case."""
    url: str | None = None
    location: str | None = None
    """As it was submitted, where LinkedIn shows that."""
    listed_at: datetime | None = None
    expires_at: datetime | None = None
    apply: StatusDetail | None = None
    promotion: StatusDetail | None = None

    @property
    def is_certain(self) -> bool:
        """Return whether LinkedIn has said one or the other: listed, or not."""
        return self.listing in {Listing.LISTED, Listing.NOT_LISTED}


UNSAID = "unsaid"
Status = TypeVar("Status", TaskStatus, PostingStatus)


def submit_request(api_url: str, version: str | None, elements: Sequence[dict[str, Any]]) -> Request:
    """Build one submission of up to 100 elements with distinct ids."""
    if not 1 <= len(elements) <= ELEMENTS_LIMIT:
        raise ValueError(f"expected 1 to {ELEMENTS_LIMIT} elements, got {len(elements)}")
    return Request(
        operation="submit",
        method="POST",
        url=f"{_base(api_url, version)}/simpleJobPostings",
        headers={"X-Restli-Method": "batch_create", **_version_header(version)},
        body={"elements": list(elements)},
    )


def read_submit(response: Response, count: int, ids: Sequence[str] = ()) -> tuple[Accepted | ProviderError, ...]:
    """Read what became of each element, by position: HTTP 200 says nothing about them.

    Raises ProviderError where the whole request was refused, or the elements name the jobs in another order.
    """
    body = _object(response, "submit")
    elements = body.get("elements")
    if not isinstance(elements, list) or len(elements) != count:
        raise unreadable(PROVIDER, "submit", f"not {count} element(s) as submitted", status=response.status)
    if any(_named(element) in {*ids} - {id_} for element, id_ in zip(elements, ids, strict=False)):
        raise unreadable(PROVIDER, "submit", "elements in another order than submitted", status=response.status)
    return tuple(_read_element(element, response) for element in elements)


def _named(element: object) -> str | None:
    entity = element.get("entity") if isinstance(element, dict) else None
    named = entity.get("externalJobPostingId") if isinstance(entity, dict) else None
    return str(named) if isinstance(named, str | int) else None


def _read_element(element: object, response: Response) -> Accepted | ProviderError:
    if not isinstance(element, dict):
        return unreadable(PROVIDER, "submit", "an element that is not an object")
    failure, status = element.get("error"), element.get("status")
    # An error in whatever form is none of an accepted element.
    if failure is not None or not _is_success(status):
        details = failure if isinstance(failure, dict) else {"message": failure or ""}
        code = details.get("status", status)
        text = str(details.get("message", ""))
        return error("submit", status=code if type(code) is int else None, text=text, response=response)
    task_id = element.get("id")
    if not isinstance(task_id, str) or not task_id:
        return unreadable(PROVIDER, "submit", "an accepted element without a task id")
    return Accepted(task_id)


def _is_success(status: object) -> bool:
    return type(status) is int and 200 <= status < 300


def tasks_request(api_url: str, version: str | None, ids: Sequence[str]) -> Request:
    """Ask for tasks: `ids` repeated, no Rest.li list syntax (docs/providers/linkedin.md)."""
    return _ids_request("tasks", f"{_base(api_url, version)}/simpleJobPostingTasks", ids, version)


def read_tasks(response: Response, ids: Sequence[str]) -> list[TaskStatus | ProviderError | None]:
    """Read what LinkedIn says of each task, in the order of `ids`: `None` of one that is expired or foreign.

    Raises ProviderError where it says nothing of any of them.
    """
    return [_each(_task, result) for result in _results(response, "tasks", ids)]


def _task(result: dict[str, Any]) -> TaskStatus:
    return TaskStatus(
        state=_enum(TaskState, result.get("status")),
        error=_message(result.get("errorMessage")),
        job_posting=_message(result.get("jobPosting")),
    )


def status_request(api_url: str, ids: Sequence[str]) -> Request:
    """Ask for the listing of jobs by external id; this read stayed on `/v2`."""
    return _ids_request("status", f"{api_url}/v2/jobPostingStatus", ids, None)


def read_statuses(response: Response, ids: Sequence[str]) -> list[PostingStatus | ProviderError | None]:
    """Read what LinkedIn says of each job, in the order of the external `ids`: `None` of one that it does not know.

    Raises ProviderError where it says nothing of any of them.
    """
    return [_each(_job_status, result) for result in _results(response, "status", ids)]


def _job_status(result: dict[str, Any]) -> PostingStatus:
    info = result.get("jobPostingInfo")
    info = info if isinstance(info, dict) else {}
    status = _any_spelling(result, "listingStatus", "listedStatus")
    return PostingStatus(
        listing=_enum(Listing, status),
        detail=_detail(status, _any_spelling(result, "listingStatusDetail", "listingStatusDetails")),
        url=linkedin_page(result.get("jobPostingUrl")),
        location=_message(result.get("rawLocation")),
        listed_at=_moment(info.get("listedAt")),
        expires_at=_moment(info.get("expireAt")),
        apply=_status(result, "linkedInApplyStatus"),
        promotion=_status(result, "promotionStatus"),
    )


def _base(api_url: str, version: str | None) -> str:
    return f"{api_url}/rest" if version else f"{api_url}/v2"


def _version_header(version: str | None) -> dict[str, str]:
    return {"LinkedIn-Version": version} if version else {}


def _ids_request(operation: str, url: str, ids: Sequence[str], version: str | None) -> Request:
    if not 1 <= len(ids) <= IDS_LIMIT:
        raise ValueError(f"expected 1 to {IDS_LIMIT} ids, got {len(ids)}")
    return Request(
        operation=operation,
        method="GET",
        url=url,
        headers=_version_header(version),
        params=tuple(("ids", each) for each in ids),
    )


def query_length(id_: str) -> int:
    """Return how much of the query string an id takes."""
    return len(f"&ids={quote_plus(id_)}")


def _object(response: Response, operation: str) -> dict[str, Any]:
    if response.status != 200:
        raise refusal(operation, response)
    return object_of(response, PROVIDER, operation)


def _each(
    read: Callable[[dict[str, Any]], Status], result: dict[str, Any] | ProviderError | None
) -> Status | ProviderError | None:
    return read(result) if isinstance(result, dict) else result


def _results(response: Response, operation: str, ids: Sequence[str]) -> list[dict[str, Any] | ProviderError | None]:
    body = _object(response, operation)
    results = body.get("results")
    if not isinstance(results, dict):
        raise unreadable(PROVIDER, operation, "no results")
    found = [_result(body, results, each, operation, response) for each in ids]
    # Beside others' results silence says nothing: it may be the same job under an id in another form.
    alone = len(ids) == 1 and not results
    return [None if alone and is_unsaid(each) else each for each in found]


def _result(
    body: dict[str, Any], results: dict[str, Any], id_: str, operation: str, response: Response
) -> dict[str, Any] | ProviderError | None:
    """Let only 404 count as unknown, or silence where no other id was asked for: else "absent" would be a guess."""
    if id_ in results:
        return _own(results[id_], id_, operation)
    errors, statuses = body.get("errors") or {}, body.get("statuses") or {}
    if not isinstance(errors, dict) or not isinstance(statuses, dict):
        return unreadable(PROVIDER, operation, "errors or statuses that are not objects")
    failure = errors.get(id_)
    entry = failure if isinstance(failure, dict) else {}
    status = entry.get("status", statuses.get(id_))
    if status == 404:
        return None
    if status is None and failure is None:
        return _unsaid(operation)
    if isinstance(status, int) and status >= 400:
        return error(operation, status=status, text=str(entry.get("message", "")), response=response)
    return unreadable(PROVIDER, operation, "an id with neither a result nor an error that says why")


def _own(result: object, id_: str, operation: str) -> dict[str, Any] | ProviderError:
    """Return the result of an id, unless it says itself that it is another job's; no task is named so."""
    if not isinstance(result, dict):
        return unreadable(PROVIDER, operation, "a result that is not an object")
    named = result.get("externalJobPostingId")
    given = operation == "status" and isinstance(named, str | int) and not isinstance(named, bool) and named != ""
    if given and str(named).casefold() != id_.casefold():
        return unreadable(PROVIDER, operation, "the result of another job")
    return result


def _unsaid(operation: str) -> ProviderError:
    words = unreadable(PROVIDER, operation, "nothing of one of several ids")
    return ProviderError(words.problem, provider=PROVIDER, operation=operation, code=UNSAID)


def is_unsaid(answer: object) -> bool:
    """Return whether LinkedIn said nothing of an id among several: asked for alone, it counts as unknown."""
    return isinstance(answer, ProviderError) and answer.code == UNSAID


def _any_spelling(result: dict[str, Any], *names: str) -> object:
    # Singular in the polling API, plural or otherwise cased in the notification's page: take them all.
    lowered = {key.lower(): value for key, value in result.items()}
    return next((lowered[name.lower()] for name in names if name.lower() in lowered), None)


def _status(result: dict[str, Any], name: str) -> StatusDetail | None:
    status = _any_spelling(result, name)
    if not isinstance(status, str):
        return None
    detail = _detail(status, _any_spelling(result, f"{name}Detail", f"{name}Details"))
    return detail or StatusDetail(status=status)


def _detail(status: object, detail: object) -> StatusDetail | None:
    if not isinstance(detail, dict):
        return None
    code, kind = detail.get("errorCode"), detail.get("errorType")
    message = _message(detail.get("statusMessage"))
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    if message is None and code is None:
        return None
    name, colon, _ = (message or "").partition(":")
    return StatusDetail(
        status=status if isinstance(status, str) else "UNKNOWN",
        code=code,
        type=kind if isinstance(kind, str) else None,
        name=name.strip() if colon and name.strip().isupper() else None,
        message=message,
    )


def _moment(value: object) -> datetime | None:
    """Read epoch milliseconds; `None` where it is no such number, or none that a job can have."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return plausible(datetime.fromtimestamp(value / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _message(value: object) -> str | None:
    return clip(value) if isinstance(value, str) and value.strip() else None


def _enum(kind: Any, value: object) -> Any:
    # An unknown value must not stop a lifecycle: LinkedIn may add some.
    return kind(value) if value in list(kind) else kind.UNKNOWN
