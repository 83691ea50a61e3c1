"""Indeed's partner GraphQL API as pure functions (seed indeed-job-update-api, contracts/indeed.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic.alias_generators import to_camel

from clients.errors import unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, graphql_error, http_error, worst
from clients.indeed.reading import EmployerJob, Pay, employer_job, pay
from clients.indeed.results import ItemResult, item_results
from models.overlay import Overlay, OverlayLocation, OverlaySalary

SCOPES = "employer_access employer.hosted_job"
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job in a listing."""

    employer_job_id: str
    job_posting_id: str | None
    job_requisition_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    jobs: tuple[FoundJob, ...]
    next_cursor: str | None
    complete: bool = True
    """Every entry could be read; the schema allows null entries and null data, which may hide any job."""


@cache
def document(name: str) -> str:
    """Read a query document of this package."""
    return files("clients.indeed").joinpath("queries", f"{name}.graphql").read_text(encoding="utf-8")


def find_request(url: str, client_id: str, cursor: str | None, *, size: int = PAGE_SIZE) -> Request:
    """Ask for the next page of the advertiser's jobs, newest first."""
    variables = {
        "input": {"sort": [{"sortDirection": "DESC", "sortField": "datePostedOnIndeed"}]},
        "first": size,
        "after": cursor,
    }
    return _request("find", url, client_id, "find_jobs", variables)


def read_find(response: Response) -> Page:
    """Read a page.

    Raises ProviderError, also for a page with errors beside its data: a partial listing proves no absence.
    """
    connection = _data(response, "find").get("findEmployerJobsPartner")
    if not isinstance(connection, dict) or not isinstance(connection.get("employerJobs"), list):
        raise unreadable(PROVIDER, "find", "no listing")
    page = connection.get("pageInfo")
    if not isinstance(page, dict):
        raise unreadable(PROVIDER, "find", "no pageInfo")
    entries = connection["employerJobs"]
    jobs = tuple(_found(each) for each in entries if isinstance(each, dict))
    cursor = page.get("endCursor") if page.get("hasNextPage") else None
    if page.get("hasNextPage") and not isinstance(cursor, str):
        raise unreadable(PROVIDER, "find", "a next page without a cursor")
    complete = all(isinstance(each, dict) and isinstance(each.get("jobData"), dict) for each in entries)
    return Page(jobs, cursor, complete=complete)


def job_request(url: str, client_id: str, employer_job_id: str) -> Request:
    """Ask for one job by its IRI."""
    return _request("node", url, client_id, "job", {"id": employer_job_id})


def read_job(response: Response) -> EmployerJob:
    """Read one job.

    Raises ProviderError; a null node is "not found", never proof that something is gone.
    """
    node = _data(response, "node").get("node")
    if node is None:
        missing = {"extensions": {"code": "NOT_FOUND", "message": "node is null"}}
        raise graphql_error("node", missing, response)
    return employer_job(node)


def pay_request(url: str, client_id: str, employer_job_id: str, *, plain: bool) -> Request:
    """Ask for a job's salary: by names that tell unit and currency, or by the guide's plain ones."""
    return _request("node", url, client_id, "pay_plain" if plain else "pay", {"id": employer_job_id})


def read_pay(response: Response) -> Pay | None:
    """Read a job's salary; null where Indeed shows none.

    Raises ProviderError.
    """
    return pay(_data(response, "node").get("node"))


def clear_request(url: str, client_id: str, employer_job_ids: Sequence[str]) -> Request:
    """Clear the updates of jobs; `sourcedPostingId` takes the IRI too."""
    updates = [{"sourcedPostingId": each} for each in employer_job_ids]
    return _request("clear", url, client_id, "clear_updates", {"input": {"updates": updates}})


def read_clear(response: Response, count: int) -> list[ItemResult]:
    """Tell of each job whether its clear was accepted.

    Raises ProviderError where that cannot be told of any.
    """
    return _items(response, "clear", "clearSourcedJobPostingUpdates", count)


def update_request(url: str, client_id: str, updates: Mapping[str, Overlay]) -> Request:
    """Set fields of jobs, by IRI; a field that is null is left out, which means unchanged."""
    items = [{"sourcedPostingId": each, **_fields(overlay)} for each, overlay in updates.items()]
    return _request("update", url, client_id, "update_postings", {"input": {"updates": items}})


def read_update(response: Response, count: int) -> list[ItemResult]:
    """Tell of each job whether its update was accepted.

    Raises ProviderError where that cannot be told of any.
    """
    return _items(response, "update", "updateSourcedJobPostings", count)


def _fields(overlay: Overlay) -> dict[str, Any]:
    place, salary = overlay.location, overlay.salary
    metadata = {
        "url": overlay.url,
        "campaignCategories": None if overlay.campaign_categories is None else list(overlay.campaign_categories),
        "trackingUrl": overlay.tracking_url,
    }
    body = {
        "title": overlay.title,
        "description": overlay.description,
        "descriptionFormatting": overlay.description_formatting,
        "jobLocation": place and {"general": _given(_camel(place))},
        "salary": salary and _given(_camel(salary)),
        "companyName": overlay.company_name,
    }
    return _given({"metadata": _given(metadata) or None, "body": _given(body) or None})


def _camel(model: OverlayLocation | OverlaySalary) -> dict[str, Any]:
    return {to_camel(name): value for name, value in model}


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _items(response: Response, operation: str, mutation: str, count: int) -> list[ItemResult]:
    data, errors = _body(response, operation)
    ingest = data.get("jobsIngest") if data is not None else None
    payload = ingest.get(mutation) if isinstance(ingest, dict) else None
    return item_results(response, payload, errors, operation, count)


def _request(operation: str, url: str, client_id: str, name: str, variables: dict[str, Any]) -> Request:
    return Request(
        operation=operation,
        method="POST",
        url=url,
        # "GraphQL at Indeed" asks for the client id, for its rate limits.
        headers={"Accept": "application/json", "indeed-client-id": client_id},
        body={"query": document(name), "variables": variables},
    )


def _data(response: Response, operation: str) -> dict[str, Any]:
    data, errors = _body(response, operation)
    if errors:
        raise worst(operation, errors, response)
    if data is None:
        raise unreadable(PROVIDER, operation, "no data")
    return data


def _body(response: Response, operation: str) -> tuple[dict[str, Any] | None, list[Any]]:
    """Take an answer apart; one that is no HTTP 200 and no GraphQL raises."""
    try:
        body = response.json()
    except ValueError as failure:
        if response.status != 200:
            raise http_error(operation, response) from None
        raise unreadable(PROVIDER, operation, "a body that is not JSON") from failure
    body = body if isinstance(body, dict) else {}
    data, errors = body.get("data"), body.get("errors")
    errors = errors if isinstance(errors, list) else []
    if response.status != 200 and not errors:
        raise http_error(operation, response)
    return data if isinstance(data, dict) else None, errors


def _found(job: dict[str, Any]) -> FoundJob:
    data = job.get("jobData")
    metadata = data.get("externalPostingMetadata") if isinstance(data, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    return FoundJob(
        employer_job_id=str(job.get("id", "")),
        job_posting_id=_id(metadata.get("jobPostingId")),
        job_requisition_id=_id(metadata.get("jobRequisitionId")),
    )


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None
