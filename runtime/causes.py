"""What is tried again as soon as the configuration may be right: causes that jobs wait for."""

import asyncio
import logging

from temporalio.client import Client
from temporalio.service import RPCError

from config.settings import Settings
from models.temporal import COMMON_CAUSE, RETRY

logger = logging.getLogger(__name__)

OPEN = f"WorkflowType = '{COMMON_CAUSE}' AND ExecutionStatus = 'Running'"


class CausesTried:
    """Have one job of each cause try now, as the process may know the right secret by now."""

    def __init__(self, client: Client) -> None:
        """Ask nothing yet."""
        self._client = client
        self._asking: set[asyncio.Task[None]] = set()

    def take_up(self, _: Settings) -> None:
        """Ask beside what else is done, as the configuration has changed."""
        asking = asyncio.create_task(self.ask())
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def ask(self) -> None:
        """Ask the workflows of all causes; where that fails, they try at their own time."""
        try:
            async for found in self._client.list_workflows(OPEN):
                await self._client.get_workflow_handle(found.id).signal(RETRY)
        except (RPCError, RuntimeError) as error:  # RuntimeError: the connection itself
            logger.warning("jobs that wait for a cause are tried at their own time: %s", error)
