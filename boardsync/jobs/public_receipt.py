"""A receipt as it is exported: what was asked, answered and proven, and nothing of how the work was done inside."""

from typing import Any

from pydantic import JsonValue

from models.lifecycle import Receipt

SHOWN = (
    "state",
    "outcome",
    "attention",
    "evidence",
    "since",
    "reached_asked_at",
    "reopened",
    "seen",
    "set_aside",
    "task_id",
    "operation",
    "listed_at",
    "apply",
    "promotion",
    "postings",
    "overrides",
)
"""Of what a lifecycle records of a board: the rest is memory for its own next steps."""


def public(receipt: Receipt) -> dict[str, JsonValue]:
    """Return what people and programs are given of a receipt."""
    whole: dict[str, Any] = receipt.model_dump(mode="json")
    for name, record in whole["boards"].items():
        if record is not None:
            whole["boards"][name] = {key: value for key, value in record.items() if key in SHOWN}
    return whole
