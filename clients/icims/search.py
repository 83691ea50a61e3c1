"""Which jobs a customer posts: iCIMS's Job Portal API and job search as pure functions (docs/providers/icims.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from clients.errors import unreadable
from clients.http import Request, Response
from clients.icims.errors import PROVIDER, read_object
from models.base import is_id

PAGE = 1000
"""Ids in one answer, at most."""
IDS_AT_ONCE = 100
"""Jobs that one search asks for by their ids; how many a filter takes is not documented."""
ID = "job.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition of a search; one of its values is enough."""

    name: str
    values: tuple[str, ...]
    operator: str = "="


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched: a career portal, or without one all jobs, by conditions that must all hold."""

    portal: str | None = None
    filters: tuple[Filter, ...] = ()

    def among(self, job_ids: Sequence[str]) -> "Search":
        """Return the same search among these jobs alone."""
        return Search(portal=self.portal, filters=(*self.filters, Filter(name=ID, values=tuple(job_ids))))

    @property
    def words(self) -> str:
        """Name what is searched."""
        if self.portal is not None:
            return f"portal {self.portal}"
        return "job search " + " and ".join(
            f"{each.name} {each.operator} {', '.join(each.values)}" for each in self.filters
        )


def search_request(api_url: str, customer_id: str, search: Search, *, after: str | None = None) -> Request:
    """Ask for the ids of the first jobs that match, or of those after an id; live ones, which no cache has kept."""
    filters = search.filters if after is None else (*search.filters, Filter(name=ID, values=(after,), operator=">"))
    what = "jobs" if search.portal is None else f"portals/{quote(search.portal, safe='')}"
    body: dict[str, Any] = {}
    if filters:
        shown = [{"name": each.name, "value": list(each.values), "operator": each.operator} for each in filters]
        body = {"filters": shown, "operator": "&"}
    return Request(
        operation="search" if search.portal is None else "portal",
        method="POST",
        url=f"{api_url}/customers/{customer_id}/search/{what}",
        params=(("staleness", "0"),),
        headers={"Accept": "application/json"},
        body=body,
    )


def read_search(response: Response, *, after: str | None = None) -> tuple[str, ...]:
    """Read ids in ascending order; none says that the end is reached.

    Raises ProviderError, also where the answer goes back behind `after`: reading on would never end.
    """
    found = read_object(response, "search").get("searchResults")
    if not isinstance(found, list):
        raise unreadable(PROVIDER, "search", "no searchResults", status=response.status)
    ids = sorted({_id(each) for each in found})
    if after is not None and ids and ids[0] <= int(after):
        raise unreadable(PROVIDER, "search", "jobs that were not asked for", status=response.status)
    return tuple(str(each) for each in ids)


def _id(entry: object) -> int:
    value = entry.get("id") if isinstance(entry, dict) else None
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not is_id(text):
        raise unreadable(PROVIDER, "search", "an entry without the id of a job")
    return int(text)
