"""Whether an event that came now would be taken: what `/readyz` says."""

import asyncio
import logging
import time
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.temporal import STARTED_WITH
from runtime.provisioning import attribute_types, how_to_create, unusable

GOOD_FOR = 5.0
"""Seconds that a good answer is kept: whoever asks often does not ask Temporal."""
ANSWER_WITHIN = 3.0
PROBE = "boardsync-readiness"
"""No workflow has this id: a signal to it needs the right to write, Temporal's history and its database."""

logger = logging.getLogger(__name__)


class Readiness:
    """Ask Temporal, one question at a time."""

    def __init__(self, client: Client) -> None:
        """Use a client that may not be connected yet."""
        self._client = client
        self._good_until = 0.0
        self._asking = asyncio.Lock()
        self._said: str | None = None

    async def problem(self) -> str | None:
        """Return why an event would not be taken now; None where it would."""
        async with self._asking:
            if time.monotonic() < self._good_until:
                return None
            problem = await self._ask()
            if problem is None:
                self._good_until = time.monotonic() + GOOD_FOR
            elif problem != self._said:
                logger.warning("not ready: %s", problem)
            self._said = problem
            return problem

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._namespace() or await self._attributes() or await self._write()
        except RPCError as error:
            return f"temporal refuses: {error.message}"
        except (TimeoutError, RuntimeError):  # RuntimeError: a lazy client that cannot connect
            return "temporal is not reachable"

    async def _namespace(self) -> str | None:
        name = self._client.namespace
        try:
            await self._client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=name), timeout=timedelta(seconds=ANSWER_WITHIN)
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return f"the namespace {name} does not exist: create it, or correct TEMPORAL_NAMESPACE"
            if error.status is not RPCStatusCode.PERMISSION_DENIED:  # a key for events alone need not have it
                raise
        return None

    async def _attributes(self) -> str | None:
        missing = unusable(STARTED_WITH, await attribute_types(self._client))
        if not missing:
            return None
        names = ", ".join(key.name for key in missing)
        how = how_to_create(self._client, missing)
        return f"search attributes are missing or of another type: {names}; start a worker, or run: {how}"

    async def _write(self) -> str | None:
        try:
            await self._client.get_workflow_handle(PROBE).signal("probe", rpc_timeout=timedelta(seconds=ANSWER_WITHIN))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return None
