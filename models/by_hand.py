"""What a person sends to a lifecycle, written out to be copied, and how the lifecycle remembers it."""

import re
from collections.abc import Sequence

from models.base import workflow_id
from models.lifecycle import Received
from models.temporal import CLEAR, CLOSE, CONFIRM, RETRY, UPDATE

EXAMPLE_INPUT = '{"by": "your name", "reason": "what you did"}'
_NAMED = re.compile(f"`({CLOSE}|{UPDATE}|{CLEAR}|{RETRY}|{CONFIRM})`")


def signals_named(remedy: str) -> tuple[str, ...]:
    """Return the signals that a remedy asks for, in its order."""
    return tuple(dict.fromkeys(_NAMED.findall(remedy)))


def signal_command(customer_id: str, job_id: str, signal: str, *, namespace: str = "default") -> str:
    """Write the command that sends a signal to a job's lifecycle."""
    where = "" if namespace == "default" else f" --namespace {namespace}"
    target = workflow_id(customer_id, job_id)
    return f"temporal workflow signal{where} --workflow-id {target} --name {signal} --input '{EXAMPLE_INPUT}'"


def taken(signal: str) -> str:
    """Write that a signal was read."""
    return f"signal {signal}"


def refused(signal: str, why: str) -> str:
    """Write that a signal was read and not followed."""
    return f"{_refused(signal)}{why}; nothing was changed"


def refusal(received: Sequence[Received], signal: str) -> str | None:
    """Return why the newest signal of a name was not followed; None where it was."""
    for each in reversed(received):
        if each.what == taken(signal):
            return None
        if each.what.startswith(_refused(signal)):
            return each.what.removeprefix(_refused(signal))
    return None


def _refused(signal: str) -> str:
    return f"{taken(signal)} refused: "
