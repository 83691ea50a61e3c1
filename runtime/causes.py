"""What is tried again as soon as the configuration may be right: causes that jobs wait for."""

import logging

from temporalio.client import Client
from temporalio.service import RPCError

from models.temporal import COMMON_CAUSE, RETRY

logger = logging.getLogger(__name__)

OPEN = f"WorkflowType = '{COMMON_CAUSE}' AND ExecutionStatus = 'Running'"


async def try_causes_again(client: Client) -> int:
    """Have one job of each cause try now, as a new process may know the right secret; return how many causes."""
    told = 0
    try:
        async for found in client.list_workflows(OPEN):
            await client.get_workflow_handle(found.id).signal(RETRY)
            told += 1
    except (RPCError, RuntimeError) as error:  # RuntimeError: the connection itself
        logger.warning("causes are tried at their own time: %s", error)
    return told
