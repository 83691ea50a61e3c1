"""Indeed's partner GraphQL API as pure functions (docs/providers/indeed.md)."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic.alias_generators import to_camel

from clients.errors import unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, graphql_error, has_path, http_error, not_about_status, worst
from clients.indeed.reading import EmployerJob, Managed, Pay, employer_job, managed, pay, whole_but_for_status
from clients.indeed.results import ItemResult, item_results
from models.indeed_ids import names_another
from models.overlay import Overlay, OverlayLocation, OverlaySalary

SCOPES = "employer_access employer.hosted_job"


@cache
def document(name: str) -> str:
    """Read a query document of this package."""
    return files("clients.indeed").joinpath("queries", f"{name}.graphql").read_text(encoding="utf-8")


def job_request(url: str, client_id: str, employer_job_id: str) -> Request:
    """Ask for one job by its IRI."""
    return graphql_request("node", url, client_id, "job", {"id": employer_job_id})


def read_job(response: Response, asked: str | None = None) -> EmployerJob:
    """Read one job; where its status in search alone could not be had, that is unknown.

    Raises ProviderError; a node of `None` is "not found", never proof that something is gone.
    """
    data, errors = graphql_body(response, "node")
    node = data.get("node") if data is not None else None
    if errors := _serious(errors, node):
        raise worst("node", errors, response)
    if data is None:
        raise unreadable(PROVIDER, "node", "no data")
    if node is None:
        missing = {"extensions": {"code": "NOT_FOUND", "message": "node is null"}}
        raise graphql_error("node", missing, response)
    job = employer_job(node)
    # One that Indeed has given a new id is known by the ATS's.
    if asked is not None and job.job_posting_id is None and names_another(job.employer_job_id, asked):
        raise unreadable(PROVIDER, "node", "another job than the one asked for")
    return job


def _serious(errors: Sequence[Any], node: object) -> list[Any]:
    """Leave out the errors that cost a job nothing but its status; those without a path, where all else is there."""
    if not isinstance(node, dict):
        return list(errors)
    serious = not_about_status(errors)
    if whole_but_for_status(node) and not any(has_path(each) for each in serious):
        return []
    return serious


def managed_request(url: str, client_id: str, employer_job_id: str) -> Request:
    """Ask for what Indeed tells people of a job: its page for the employer, and what it asks them to do."""
    return graphql_request("node", url, client_id, "managed", {"id": employer_job_id})


def read_managed(response: Response) -> Managed:
    """Read it, whatever of it is there.

    Raises ProviderError where nothing came.
    """
    data, errors = graphql_body(response, "node")
    if data is None and errors:
        raise worst("node", errors, response)
    return managed((data or {}).get("node"))


def pay_request(url: str, client_id: str, employer_job_id: str, *, plain: bool) -> Request:
    """Ask for a job's salary: by names that say unit and currency, or by the guide's plain ones."""
    return graphql_request("node", url, client_id, "pay_plain" if plain else "pay", {"id": employer_job_id})


def read_pay(response: Response) -> Pay | None:
    """Read a job's salary; `None` where Indeed shows none.

    Raises ProviderError.
    """
    return pay(graphql_data(response, "node").get("node"))


def clear_request(url: str, client_id: str, employer_job_ids: Sequence[str]) -> Request:
    """Clear the updates of jobs; `sourcedPostingId` takes the IRI too."""
    updates = [{"sourcedPostingId": each} for each in employer_job_ids]
    return graphql_request("clear", url, client_id, "clear_updates", {"input": {"updates": updates}})


def read_clear(response: Response, count: int, asked: Sequence[str] = ()) -> list[ItemResult]:
    """Return for each job whether its clear was accepted.

    Raises ProviderError where that is known of none of them.
    """
    return _items(response, "clear", "clearSourcedJobPostingUpdates", count, asked)


def update_request(url: str, client_id: str, updates: Mapping[str, Overlay]) -> Request:
    """Set fields of jobs, by IRI; a field that is `None` is left out, which means unchanged."""
    items = [{"sourcedPostingId": each, **_fields(overlay)} for each, overlay in updates.items()]
    return graphql_request("update", url, client_id, "update_postings", {"input": {"updates": items}})


def read_update(response: Response, count: int, asked: Sequence[str] = ()) -> list[ItemResult]:
    """Return for each job whether its update was accepted.

    Raises ProviderError where that is known of none of them.
    """
    return _items(response, "update", "updateSourcedJobPostings", count, asked)


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


def _items(response: Response, operation: str, mutation: str, count: int, asked: Sequence[str]) -> list[ItemResult]:
    data, errors = graphql_body(response, operation)
    ingest = data.get("jobsIngest") if data is not None else None
    payload = ingest.get(mutation) if isinstance(ingest, dict) else None
    return item_results(response, payload, errors, operation, count, asked)


def graphql_request(operation: str, url: str, client_id: str, name: str, variables: dict[str, Any]) -> Request:
    return Request(
        operation=operation,
        method="POST",
        url=url,
        # "GraphQL at Indeed" asks for the client id, for its rate limits.
        headers={"Accept": "application/json", "indeed-client-id": client_id},
        body={"query": document(name), "variables": variables},
    )


def graphql_data(response: Response, operation: str) -> dict[str, Any]:
    data, errors = graphql_body(response, operation)
    if errors:
        raise worst(operation, errors, response)
    if data is None:
        raise unreadable(PROVIDER, operation, "no data")
    return data


def graphql_body(response: Response, operation: str) -> tuple[dict[str, Any] | None, list[Any]]:
    """Take an answer apart; one that is no HTTP 200 and no GraphQL raises."""
    try:
        body = response.json()
    except ValueError as failure:
        if response.status != 200:
            raise http_error(operation, response) from None
        raise unreadable(PROVIDER, operation, "a body that is not JSON") from failure
    body = body if isinstance(body, dict) else {}
    data, errors = body.get("data"), _errors(body.get("errors"))
    if response.status != 200 and not errors:
        raise http_error(operation, response)
    return data if isinstance(data, dict) else None, errors


def _errors(value: object) -> list[Any]:
    """Return the errors as a list, in whatever form they came: none of them may pass for success."""
    if value is None or isinstance(value, list):
        return value or []
    return [value if isinstance(value, dict) else {"message": str(value)}]
