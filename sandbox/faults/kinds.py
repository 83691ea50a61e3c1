"""The kinds of faults, and where each of them means something."""

from typing import Literal

from sandbox.customers import Provider

Kind = Literal[
    "http",
    "http_after",
    "lost_answer",
    "drop",
    "slow",
    "slow_answer",
    "expire_token",
    "garbage",
    "drip",
    "endless",
    "padded",
    "gzip_bomb",
    "rewrite",
    "surrogate",
    "lie",
    "delay_visibility",
    "element_error",
    "task_outcome",
    "slow_task",
    "withhold",
    "graphql_error",
    "null_field",
    "empty_page",
    "move",
    "partial",
]

Aspect = Literal["client_credentials", "refresh_token", "first_page", "next_page", "CREATE", "UPDATE", "RENEW", "CLOSE"]
"""What a call asks within its operation: the grant of a token, the page of a listing, LinkedIn's operation."""

OPERATIONS: dict[Provider, frozenset[str]] = {
    "icims": frozenset({"token", "job", "address", "jobboardposts", "search", "portal", "portal_job"}),
    "linkedin": frozenset({"token", "submit", "tasks", "status", "webhooks", "revalidate"}),
    "indeed": frozenset({"token", "update", "clear", "node", "nodes", "find"}),
}

ANY = "*"
"""Every operation of the provider."""

API = "api"
"""Every operation but the token's."""

_WRITES = frozenset({"linkedin.submit", "indeed.update", "indeed.clear"})
_READS = frozenset({"indeed.node", "indeed.nodes", "indeed.find"})
_SUBMIT = frozenset({"linkedin.submit"})
_FIND = frozenset({"indeed.find"})

ITEM_KINDS: dict[str, frozenset[str]] = {
    "lie": _WRITES | {"icims.jobboardposts"},
    "delay_visibility": _WRITES,
    "element_error": _SUBMIT,
    "task_outcome": _SUBMIT,
    "slow_task": _SUBMIT,
    "withhold": _SUBMIT,
    "graphql_error": _READS | {"indeed.update", "indeed.clear"},
    "null_field": _READS,
    "empty_page": _FIND,
    "move": _FIND,
    "partial": frozenset({"indeed.update"}),
}
"""Kinds that hit single items of a call, and the only operations where they mean something."""

BESIDE = frozenset({"slow", "slow_answer", "expire_token", "rewrite", "surrogate"})
"""Kinds that leave the reply to others, so that they go together with any of them."""


def covers(operation: str, asked: str) -> bool:
    """Return whether a fault on an operation hits a call of the operation asked."""
    return operation in {ANY, asked} or (operation == API and asked != "token")
