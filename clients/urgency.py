"""What goes first where calls wait for each other."""

from contextvars import ContextVar

URGENCY: ContextVar[int] = ContextVar("urgency", default=3)
"""The lowest goes first: Temporal's own priority key of the step that calls."""
UNHURRIED = 5
"""Nobody waits for the answer."""
