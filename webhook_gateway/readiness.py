"""Whether an event that came now would be taken, by Temporal or by the inbox: what `/readyz` says."""

import asyncio
import logging
import time
from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.temporal import STARTED_WITH
from runtime.provisioning import attribute_types, how_to_create, unusable
from store.errors import StoreUnavailable
from store.inbox import Inbox

GOOD_FOR = 5.0
"""Seconds that a good answer is kept: whoever asks often does not ask Temporal."""
ANSWER_WITHIN = 3.0
UNREACHABLE = "temporal is not reachable"
SILENT = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})
PROBE = "boardsync-readiness"
"""No workflow has this id: a signal to it needs the right to write, Temporal's history and its database."""

logger = logging.getLogger(__name__)


class Readiness:
    """Ask Temporal, one question at a time."""

    def __init__(self, client: Client, inbox: Inbox | None = None) -> None:
        """Use a client that may not be connected yet, and the inbox that keeps events while it is not."""
        self._client, self._inbox = client, inbox
        self._was_ready = False
        self._good_until = 0.0
        self._asking = asyncio.Lock()
        self._said: str | None = None

    async def state(self) -> tuple[bool, str]:
        """Return whether an event would be taken, and how things stand.

        An installation that never was ready is not: its fault is found before it is relied on. One that was keeps
        events while Temporal is away, and must be sent them.
        """
        problem = await self.problem()
        if problem is None:
            self._was_ready = True
            return True, "ok"
        if (self._was_ready or problem == UNREACHABLE) and await self._keeps():
            return True, f"{problem}; events are kept until it takes them"
        return False, problem

    async def _keeps(self) -> bool:
        if self._inbox is None:
            return False
        try:
            await self._inbox.probe()
        except StoreUnavailable as error:
            logger.warning("the inbox does not keep events: %s", error)
            return False
        return True

    async def problem(self) -> str | None:
        """Return why Temporal would not take an event now; None where it would."""
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
            return UNREACHABLE if error.status in SILENT else f"temporal refuses: {error.message}"
        except (TimeoutError, RuntimeError):  # RuntimeError: a lazy client that cannot connect
            return UNREACHABLE

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
