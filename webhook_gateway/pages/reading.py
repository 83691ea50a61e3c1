"""Read what is known of one job, for its page: from Temporal, its lifecycle's worker, and the job index."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Lifecycle, Receipt
from models.states import BoardName, BoardState, Phase
from models.temporal import BOARD_STATE, JOB_TITLE, LIFECYCLE, PHASE
from runtime.decoding import decode_all
from store.errors import StoreUnavailable, within
from store.jobs import IndexedJob, Jobs
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.pages.outside import Link, board_link
from webhook_gateway.pages.view import Attempt, Frame, Moment, Page, full_page, partial_page

logger = logging.getLogger(__name__)

RPC_TIMEOUT = timedelta(seconds=3)
STEP_TIMEOUT = 4.0
"""Seconds for one question to Temporal with its retries; a visitor waits for two at most."""
STORE_TIMEOUT = 1.0

STOPPED = {
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
}
# A lazy client that cannot connect raises RuntimeError; what cannot be read as the model raises ValueError.
NO_ANSWER = (RPCError, TemporalError, TimeoutError, RuntimeError, KeyError, ValueError)

Word = TypeVar("Word", bound=StrEnum)


class JobReader:
    """Reads jobs."""

    def __init__(self, client: Client, settings: Settings, jobs: Jobs | None = None) -> None:
        """Use a client that may not be connected yet, and the job index where there is one."""
        self._client, self._settings, self._jobs = client, settings, jobs
        self._ui_link = Dispatcher(client, settings).ui_link

    async def read(self, customer_id: str, job_id: str) -> Page | None:
        """Read what is known; None where it is nothing. Raises one of NO_ANSWER where Temporal gives none."""
        id_ = workflow_id(customer_id, job_id)
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                found = await self._client.get_workflow_handle(id_).describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        await decode_all(self._client, found.raw_description.pending_activities)
        frame = self._frame(customer_id, job_id, found, await self._indexed(customer_id, job_id))
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                if found.status is WorkflowExecutionStatus.COMPLETED:
                    return await self._closed_page(found, frame)
                return full_page(await self._query(id_), frame)
        except NO_ANSWER as error:
            logger.warning("page of %s without details: %s", id_, type(error).__name__)
            return _outline(found, frame)

    async def _query(self, id_: str) -> Lifecycle:
        handle = self._client.get_workflow_handle(id_)
        lifecycle: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle, rpc_timeout=RPC_TIMEOUT)
        return lifecycle

    async def _closed_page(self, found: WorkflowExecutionDescription, frame: Frame) -> Page:
        # The receipt is in Temporal itself: it needs no worker, and no replay of the history.
        handle = self._client.get_workflow_handle(found.id, run_id=found.run_id, result_type=Receipt)
        receipt = await handle.result(follow_runs=False, rpc_timeout=RPC_TIMEOUT)
        lifecycle = Lifecycle(
            customer_id=receipt.customer_id,
            job_id=receipt.job_id,
            intent=receipt.intent,
            phase=receipt.phase,
            boards=receipt.boards,
            received=receipt.received,
        )
        return full_page(lifecycle, frame)

    async def _indexed(self, customer_id: str, job_id: str) -> IndexedJob | None:
        """Return what the job index says; None where it says nothing soon, as the page can do without."""
        if self._jobs is None:
            return None
        try:
            async with within(STORE_TIMEOUT):
                return await self._jobs.job(customer_id, job_id)
        except StoreUnavailable:
            return None

    def _frame(
        self, customer_id: str, job_id: str, found: WorkflowExecutionDescription, indexed: IndexedJob | None
    ) -> Frame:
        return Frame(
            job_id=job_id,
            customer=customer_name(self._settings, customer_id),
            read_at=datetime.now(UTC),
            ui_link=self._ui_link(found.id),
            closed_at=found.close_time if found.status is WorkflowExecutionStatus.COMPLETED else None,
            stopped=found.status in STOPPED,
            title=found.typed_search_attributes.get(JOB_TITLE) or (indexed.title if indexed is not None else None),
            number=indexed.number if indexed is not None else None,
            attempts=_attempts(found.raw_description.pending_activities),
            links=_links(indexed),
        )


def customer_name(settings: Settings, customer_id: str) -> str:
    """Return how a customer is called; its id where it is not configured."""
    customer = settings.customer(customer_id)
    return customer.name if customer else f"Customer {customer_id}"


def _outline(found: WorkflowExecutionDescription, frame: Frame) -> Page:
    """Show what the search attributes say."""
    phase = _word(found, PHASE, Phase)
    states = {board: _word(found, key, BoardState) for board, key in BOARD_STATE.items()}
    return partial_page(phase, {board: state for board, state in states.items() if state is not None}, frame)


def _word(found: WorkflowExecutionDescription, key: SearchAttributeKey[str], kind: type[Word]) -> Word | None:
    value = found.typed_search_attributes.get(key)
    try:
        return kind(value) if value is not None else None
    except ValueError:
        return None  # written by a newer version


def _attempts(pending: Iterable[PendingActivityInfo]) -> Mapping[BoardName, Sequence[Attempt]]:
    """Return the calls to each board that have not succeeded at once; a step is named after its board."""
    found: dict[BoardName, list[Attempt]] = {}
    for each in pending:
        board = next((name for name in BoardName if each.activity_type.name.startswith(f"{name}_")), None)
        if board is not None and (each.attempt > 1 or each.last_failure.message):
            found.setdefault(board, []).append(_attempt(each))
    return found


def _attempt(pending: PendingActivityInfo) -> Attempt:
    waits = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    planned = pending.next_attempt_schedule_time if pending.HasField("next_attempt_schedule_time") else None
    return Attempt(
        number=pending.attempt,
        next_at=Moment.of(planned.ToDatetime(UTC)) if waits and planned is not None else None,
        last_answer=pending.last_failure.message or None,
    )


def _links(indexed: IndexedJob | None) -> Mapping[BoardName, Sequence[Link]]:
    found: dict[BoardName, list[Link]] = {}
    for each in indexed.postings if indexed is not None else ():
        board = next((name for name in BoardName if name == each.board), None)
        if board is not None and each.url and (link := board_link(board, each.url)) is not None:
            found.setdefault(board, []).append(link)
    return found
