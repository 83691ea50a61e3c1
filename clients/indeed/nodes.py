"""Many jobs by their ids in one request: `nodes`. Neither its order nor its nulls are documented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clients.errors import ProviderError, unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, not_about_status, worst
from clients.indeed.found import FoundJob, found_job
from clients.indeed.protocol import graphql_body, graphql_request
from models.indeed_ids import job_key

AT_ONCE = 50
"""Ids in one request; how many Indeed takes is not documented."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What came of the ids that were asked for; what is in neither is unknown, which never means gone."""

    jobs: Mapping[str, FoundJob]
    errors: Mapping[str, ProviderError] = field(default_factory=dict)
    unattributed: ProviderError | None = None
    """An error of which Indeed does not say whose it is: it may be that of any id that is missing."""

    def marks(self, employer_job_id: str) -> tuple[str, ...] | None:
        """Return what of an agency's a job shows; `None` where that is not known."""
        job = self.jobs.get(employer_job_id)
        return None if job is None else job.marks


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
    jobs: dict[str, FoundJob] = {}
    for node in found:
        wanted = known.get(job_key(str(node.get("id")))) if isinstance(node, dict) else None
        if wanted is not None:
            jobs[wanted] = found_job(node)
    owned, loose = _owned(errors, found, asked) if _in_order(found, asked) else ({}, list(errors))
    missing = [each for each in asked if each not in jobs]
    if loose and len(missing) == 1 and missing[0] not in owned:
        owned, loose = {**owned, missing[0]: loose}, []
    return Nodes(
        jobs=jobs,
        errors={each: worst("nodes", theirs, response) for each, theirs in owned.items()},
        unattributed=worst("nodes", loose, response) if loose else None,
    )


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
        path = error.get("path") if isinstance(error, dict) else None
        place = path[1] if isinstance(path, list) and len(path) > 1 else None
        if type(place) is int and 0 <= place < len(asked) and found[place] is None:
            owned.setdefault(asked[place], []).append(error)
        else:
            loose.append(error)
    return owned, loose
