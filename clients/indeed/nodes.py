"""Many jobs by their ids in one request: `nodes`. Neither its order nor its nulls are documented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clients.errors import ProviderError, unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, not_about_status, worst
from clients.indeed.found import FoundJob, found_job
from clients.indeed.protocol import graphql_body, graphql_request
from clients.indeed.reading import EmployerJob, employer_job
from models.indeed_ids import job_key

AT_ONCE = 50
"""Ids in one request; how many Indeed takes is not documented."""
WHOLE_AT_ONCE = 10
"""The same, with all that a job shows."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What came of the ids that were asked for; what is in neither is unknown, which never means gone."""

    jobs: Mapping[str, FoundJob]
    errors: Mapping[str, ProviderError] = field(default_factory=dict)
    unattributed: ProviderError | None = None
    """An error of which Indeed does not say whose it is: it may be that of any id that is missing."""

    def of(self, employer_job_id: str) -> FoundJob | ProviderError | None:
        """Return what came of one id; `None` where Indeed says nothing of it, which never means gone by itself."""
        if employer_job_id in self.jobs:
            return self.jobs[employer_job_id]
        return self.errors.get(employer_job_id, self.unattributed)


def nodes_request(url: str, client_id: str, employer_job_ids: Sequence[str]) -> Request:
    """Ask for jobs by their IRIs."""
    return graphql_request("nodes", url, client_id, "jobs", {"ids": list(employer_job_ids)})


def read_nodes(response: Response, asked: Sequence[str]) -> Nodes:
    """Match what came with what was asked for, by the ids that came.

    Raises ProviderError where nothing came at all.
    """
    data, errors = graphql_body(response, "nodes")
    found = data.get("nodes") if data is not None else None
    if not isinstance(found, list):
        raise worst("nodes", errors, response) if errors else unreadable(PROVIDER, "nodes", "no nodes")
    if all(isinstance(node, dict) for node in found):
        errors = not_about_status(errors)
    known = {job_key(each): each for each in asked}
    shown: dict[str, set[FoundJob]] = {}
    for node in found:
        wanted = known.get(job_key(str(node.get("id")))) if isinstance(node, dict) else None
        if wanted is not None:
            shown.setdefault(wanted, set()).add(found_job(node))
    # One that is shown in two ways is not known.
    jobs = {wanted: ways.pop() for wanted, ways in shown.items() if len(ways) == 1}
    owned, loose = _owned(errors, found, asked) if _in_order(found, asked) else ({}, list(errors))
    missing = [each for each in asked if each not in jobs]
    if loose and len(missing) == 1 and missing[0] not in owned:
        owned, loose = {**owned, missing[0]: loose}, []
    return Nodes(
        jobs=jobs,
        errors={each: worst("nodes", theirs, response) for each, theirs in owned.items()},
        unattributed=worst("nodes", loose, response) if loose else None,
    )


def whole_request(url: str, client_id: str, employer_job_ids: Sequence[str]) -> Request:
    """Ask for all that jobs show, by their IRIs."""
    return graphql_request("nodes", url, client_id, "jobs_whole", {"ids": list(employer_job_ids)})


def read_whole(response: Response, asked: Sequence[str]) -> list[EmployerJob | None]:
    """Read jobs, in the order of the IRIs that were asked for.

    `None` stands for one of which the answer leaves any doubt (null, missing, twice, beside an error): it says
    nothing of it, and the job is to be read alone.
    Raises ProviderError where nothing came at all.
    """
    data, errors = graphql_body(response, "nodes")
    found = data.get("nodes") if data is not None else None
    if not isinstance(found, list) or response.status != 200:
        raise worst("nodes", errors, response) if errors else unreadable(PROVIDER, "nodes", "no nodes")
    places = [_place(each, len(found)) for each in not_about_status(errors)]
    if None in places:
        return [None] * len(asked)
    jobs: dict[str, list[EmployerJob | None]] = {}
    for place, node in enumerate(found):
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            job = None if place in places else _employer_job(node)
            jobs.setdefault(job_key(node["id"]), []).append(job)
    return [one[0] if len(one := jobs.get(job_key(each), [])) == 1 else None for each in asked]


def _employer_job(node: dict[str, Any]) -> EmployerJob | None:
    try:
        return employer_job(node)
    except ProviderError:
        return None


def _place(error: Any, count: int) -> int | None:
    """Return the place in the answer of the node that an error is about; `None` where it does not say."""
    path = error.get("path") if isinstance(error, dict) else None
    place = path[1] if isinstance(path, list) and len(path) > 1 else None
    return place if type(place) is int and 0 <= place < count else None


def _in_order(found: Sequence[Any], asked: Sequence[str]) -> bool:
    """Return whether the nodes that came stand where they were asked for, so that a place means an id."""
    if len(found) != len(asked):
        return False
    pairs = [(node, wanted) for node, wanted in zip(found, asked, strict=True) if isinstance(node, dict)]
    return bool(pairs) and all(job_key(str(node.get("id"))) == job_key(wanted) for node, wanted in pairs)


def _owned(errors: Sequence[Any], found: Sequence[Any], asked: Sequence[str]) -> tuple[dict[str, list[Any]], list[Any]]:
    owned: dict[str, list[Any]] = {}
    loose = []
    for error in errors:
        place = _place(error, len(asked))
        if place is not None and found[place] is None:
            owned.setdefault(asked[place], []).append(error)
        else:
            loose.append(error)
    return owned, loose
