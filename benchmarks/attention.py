"""Who needs a person, and why: watched for as long as a drill lasts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from benchmarks.patience import patiently
from models.lifecycle import Lifecycle
from models.temporal import JOB_POSTING, LIFECYCLE, PHASE, RETRY
from runtime.beside import beside

_ASKING = f"WorkflowType = '{JOB_POSTING}' AND {PHASE.name} = 'attention' AND ExecutionStatus = 'Running'"
GONE_BEFORE = "over before it could be asked why"


@asynccontextmanager
async def operator(client: Client, every: float = 5.0) -> AsyncIterator[None]:
    """Do for the length of a block what the runbooks say first: have what asks for a person tried again."""

    async def work() -> None:
        while True:
            await asyncio.sleep(every)
            async for run in client.list_workflows(_ASKING):
                with suppress(RPCError):
                    await client.get_workflow_handle(run.id).signal(RETRY)

    async with beside(work()):
        yield


class Attentions:
    """Keep each lifecycle that was seen to ask for a person, with what it asked for."""

    def __init__(self, client: Client) -> None:
        """Have seen none."""
        self._client = client
        self.seen: dict[str, str] = {}

    @asynccontextmanager
    async def watched(self, every: float) -> AsyncIterator[None]:
        """Look again and again for the length of a block."""
        async with beside(self._watch(every)):
            yield

    @property
    def reasons(self) -> Counter[str]:
        """Count what was asked for."""
        return Counter(self.seen.values())

    async def look(self) -> int:
        """Return how many ask for a person now."""
        asking = 0
        async for run in self._client.list_workflows(_ASKING):
            asking += 1
            if self.seen.get(run.id, GONE_BEFORE) == GONE_BEFORE:
                self.seen[run.id] = await self._why(run.id)
        return asking

    async def _watch(self, every: float) -> None:
        while True:
            await patiently(self.look)
            await asyncio.sleep(every)

    async def _why(self, workflow_id: str) -> str:
        try:
            state: Lifecycle = await self._client.get_workflow_handle(workflow_id).query(
                LIFECYCLE, result_type=Lifecycle
            )
        except (RPCError, WorkflowQueryFailedError):
            return GONE_BEFORE
        asked = {"the job": state.attention, **{board.label: it.attention for board, it in state.boards.used}}
        words = [f"{who}: {it.category}: {it.reason}" for who, it in asked.items() if it is not None]
        return "; ".join(words) or GONE_BEFORE
