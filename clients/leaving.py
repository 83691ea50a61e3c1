"""The moment at which a request leaves: until then whoever asked for it may take it back, after it nobody can.

Before it may lie minutes: a turn within the provider's limit, a token, a place. A write that nobody wants any more must
not be sent after them: by then the job may be wanted otherwise, and proven so.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar

LEAVING: ContextVar[Callable[[], None] | None] = ContextVar("leaving", default=None)
"""Called as the request leaves; raises Withdrawn where it may not."""
WRITE_BEGUN: ContextVar[asyncio.Event | None] = ContextVar("write_begun", default=None)
"""Set by a caller that wants to know from when on its write may have been carried out."""


class Withdrawn(Exception):  # noqa: N818 -- no fault: to be answered by sending what is still wanted
    """Something of the request is not wanted any more; nothing was sent."""


def leave() -> None:
    """Let the request of this context leave.

    Raises Withdrawn.
    """
    if (leaving := LEAVING.get()) is not None:
        leaving()
