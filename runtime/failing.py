"""Workflows of which every step fails, as after a change that their histories do not bear: they stand still."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.temporal import FAILING


async def count_failing(client: Client) -> int | None:
    """Return at how many open workflows every step fails; None where the server is too old to say.

    Raises RPCError.
    """
    try:
        return (await client.count_workflows(FAILING)).count
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return None
        raise
