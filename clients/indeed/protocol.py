"""Indeed's partner GraphQL API as pure functions (seed indeed-job-update-api, contracts/indeed.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from clients.errors import ProviderError, unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, graphql_error, http_error
from models.lifecycle import Live

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


@dataclass(frozen=True, slots=True)
class EmployerJob:
    """A job as Indeed shows it: the ATS's data with the overlay on it."""

    employer_job_id: str
    title: str | None
    campaign_categories: tuple[str, ...]
    tracking_urls: tuple[str, ...]
    live: Live


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an agency sets on a job over the ATS's own data; null means not set."""

    tracking_url: str | None = None
    campaign_categories: tuple[str, ...] | None = None

    def metadata(self) -> dict[str, Any]:
        """Give the fields as `metadata` of an update."""
        fields: dict[str, Any] = {"trackingUrl": self.tracking_url}
        fields["campaignCategories"] = None if self.campaign_categories is None else list(self.campaign_categories)
        return {name: value for name, value in fields.items() if value is not None}


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
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        raise unreadable(PROVIDER, "node", "a node that is no employer job")
    data = node.get("jobData")
    metadata = data.get("externalPostingMetadata") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        raise unreadable(PROVIDER, "node", "an employer job without its data")
    return EmployerJob(
        employer_job_id=node["id"],
        title=data.get("title") if isinstance(data.get("title"), str) else None,
        campaign_categories=_strings(metadata, "campaignCategories"),
        tracking_urls=_strings(metadata, "trackingUrls"),
        live=_live(node),
    )


def clear_request(url: str, client_id: str, employer_job_ids: Sequence[str]) -> Request:
    """Clear the updates of jobs; `sourcedPostingId` takes the IRI too."""
    updates = [{"sourcedPostingId": each} for each in employer_job_ids]
    return _request("clear", url, client_id, "clear_updates", {"input": {"updates": updates}})


def read_clear(response: Response, count: int) -> None:
    """Check that every clear was accepted; see _check_accepted."""
    _check_accepted(response, "clear", "clearSourcedJobPostingUpdates", count)


def update_request(url: str, client_id: str, updates: Mapping[str, Overlay]) -> Request:
    """Set fields of jobs, by IRI; a field that is null is left out, which means unchanged."""
    items = [{"sourcedPostingId": each, "metadata": overlay.metadata()} for each, overlay in updates.items()]
    return _request("update", url, client_id, "update_postings", {"input": {"updates": items}})


def read_update(response: Response, count: int) -> None:
    """Check that every update was accepted; see _check_accepted."""
    _check_accepted(response, "update", "updateSourcedJobPostings", count)


def _check_accepted(response: Response, operation: str, mutation: str, count: int) -> None:
    """Check that every job was accepted.

    Raises ProviderError. An error beside accepted results raises too: part of the write may have failed.
    """
    ingest = _data(response, operation).get("jobsIngest")
    payload = ingest.get(mutation) if isinstance(ingest, dict) else None
    results = payload.get("results") if isinstance(payload, dict) else None
    if not isinstance(results, list) or len(results) != count:
        raise unreadable(PROVIDER, operation, f"not {count} result(s) as asked")
    if any(not isinstance(each, dict) or each.get("jobPosting") is None for each in results):
        raise unreadable(PROVIDER, operation, "a refusal without an error")


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
    try:
        body = response.json()
    except ValueError as failure:
        if response.status != 200:
            raise http_error(operation, response) from None
        raise unreadable(PROVIDER, operation, "a body that is not JSON") from failure
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(errors, list) and errors:
        raise _worst(errors, operation, response)
    if response.status != 200:
        raise http_error(operation, response)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise unreadable(PROVIDER, operation, "no data")
    return data


def _worst(errors: list[Any], operation: str, response: Response) -> ProviderError:
    """Choose among several errors the one that stops retries, so that none runs in vain."""
    if response.status == 429:
        return http_error(operation, response)
    found = [graphql_error(operation, each if isinstance(each, dict) else {}, response) for each in errors]
    return next((each for each in found if not each.problem.retried), found[0])


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


def _strings(metadata: dict[str, Any], name: str) -> tuple[str, ...]:
    values = metadata.get(name)
    if not isinstance(values, list):
        # Non-null in the schema: without it nothing can be said of the overlay.
        raise unreadable(PROVIDER, "node", f"no {name}")
    return tuple(str(each) for each in values)


def _live(node: dict[str, Any]) -> Live:
    """Read `lifecycleStatus`: an object in the schema, an array in the guide's sample."""
    try:
        status = node["seatsConnection"]["seats"][0]["jobPost"]["status"]["globalStatus"]
        first = status[0] if isinstance(status, list) else status
        lifecycle = first["lifecycleStatus"]
    except (KeyError, IndexError, TypeError):
        return Live.UNKNOWN
    if lifecycle == "ACTIVE":
        return Live.LIVE
    return Live.NOT_LIVE if lifecycle in ("INACTIVE", "PENDING") else Live.UNKNOWN
