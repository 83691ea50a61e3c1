"""Where a person can look: what the configuration says, and what the boards named."""

import re
from collections.abc import Mapping
from typing import Any

from models.boards import Boards
from models.lifecycle import RUNBOOKS, Lifecycle
from models.problems import Category

RUNBOOK = "Runbook"
_ADDRESS = re.compile(r"https?://[^\s<>]{1,2000}", re.ASCII)
LINKS = "links"
"""The memo's field: set at the start, and again when a person is needed."""


def links_of(configured: Mapping[str, str], boards: Boards) -> dict[str, str]:
    """Return links by name; a board's is the newest that it named."""
    found = dict(configured)
    for board, record in boards.used:
        named = (each.ids["url"] for each in reversed(record.evidence) if "url" in each.ids)
        url = next((each for each in named if _ADDRESS.fullmatch(each)), None)
        if url is not None:
            found[board.label] = url
    return found


def memo_updates(lifecycle: Lifecycle, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be written into the memo: only where a person is needed, as each write is an event."""
    asked = [lifecycle.attention, *(record.attention for _, record in lifecycle.boards.used)]
    categories = [each.category for each in asked if each is not None]
    if not categories:
        return {}
    wanted = with_runbook(lifecycle.links, categories[0])
    return {LINKS: wanted} if wanted and shown.get(LINKS) != wanted else {}


def with_runbook(links: Mapping[str, str], category: Category) -> dict[str, str]:
    """Return the links with the runbook of a category in the place of all runbooks."""
    found = dict(links)
    if (base := found.pop(RUNBOOKS, None)) is not None:
        found[RUNBOOK] = f"{base}#{category}"
    return found
