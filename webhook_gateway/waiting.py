"""Say in the log that Temporal does not answer, and when it does: a lazy connection says neither."""

import asyncio
import logging
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

AGAIN_AFTER = 5.0
WITHIN = timedelta(seconds=3)

logger = logging.getLogger(__name__)


async def until_temporal_answers(client: Client) -> None:
    """Ask again and again; once it has answered, readiness and events tell how it stands."""
    host, said = client.service_client.config.target_host, False
    while not await _answers(client):
        if not said:
            logger.warning(
                "Temporal does not answer at %s: events are kept until it does; is TEMPORAL_ADDRESS right?",
                host,
            )
        said = True
        await asyncio.sleep(AGAIN_AFTER)
    logger.info("Temporal answers at %s", host)


async def _answers(client: Client) -> bool:
    try:
        return await client.service_client.check_health(timeout=WITHIN)
    except (RPCError, RuntimeError):  # RuntimeError: a lazy client that cannot connect
        return False
