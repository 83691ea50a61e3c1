"""Ask Temporal as patiently as the product does: under a drill on two cores it answers late."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from temporalio.service import RPCError, RPCStatusCode

from webhook_gateway.dispatch import TemporalUnavailable

T = TypeVar("T")
AGAIN_AFTER = 1.0
PASSING = frozenset(
    {
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,  # a transport error: the server was killed with the request under way
    }
)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer; the product's inbox and its senders do so as well.

    Raises RPCError where Temporal refuses.
    """
    while True:
        try:
            return await ask()
        except TemporalUnavailable:
            pass
        except RPCError as error:
            if error.status not in PASSING:
                raise
        await asyncio.sleep(AGAIN_AFTER)
