"""What a person sends to a lifecycle, written out to be copied."""

import re

from models.base import workflow_id
from models.temporal import CLEAR, CLOSE, CONFIRM, RETRY, UPDATE

EXAMPLE_INPUT = '{"by": "your name", "reason": "what you did"}'
_NAMED = re.compile(f"`({CLOSE}|{UPDATE}|{CLEAR}|{RETRY}|{CONFIRM})`")


def signals_named(remedy: str) -> tuple[str, ...]:
    """Give the signals that a remedy asks for, in its order."""
    return tuple(dict.fromkeys(_NAMED.findall(remedy)))


def signal_command(customer_id: str, job_id: str, signal: str, *, namespace: str = "default") -> str:
    """Write the command that sends a signal to a job's lifecycle."""
    where = "" if namespace == "default" else f" --namespace {namespace}"
    target = workflow_id(customer_id, job_id)
    return f"temporal workflow signal{where} --workflow-id {target} --name {signal} --input '{EXAMPLE_INPUT}'"
