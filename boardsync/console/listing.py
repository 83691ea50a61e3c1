"""Jobs as the console lists them: found by visibility, called by their names from the job index."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from boardsync.console.context import Context
from boardsync.console.filters import Wanted, Which, visibility_query
from boardsync.console.words import BOARD_STATES, PHASES, STATUSES, category_words
from config.settings import Settings
from models.base import workflow_id
from models.states import BoardName, BoardState, Phase
from models.temporal import ATTENTION, BOARD_STATE, CUSTOMER_ID, JOB_ID, JOB_TITLE, PHASE, UNSETTLED_SINCE
from store.errors import StoreUnavailable, within
from store.names import Named
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import TONES, Moment

PAGE = 50
EXPORTED = 1000
"""Lifecycles of one page of an export."""
STORE_WITHIN = 2.0
NEXT_PAGE = "next page"


@dataclass(frozen=True, kw_only=True)
class State:
    """A state, in words and with its colour."""

    words: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One job."""

    customer_id: str
    job_id: str
    customer: str
    title: str | None
    number: str | None
    phase: State
    boards: Mapping[BoardName, State]
    attention: str | None = None
    unsettled: Moment | None = None
    began: Moment | None = None
    ended: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of jobs."""

    rows: Sequence[Row]
    count: int
    """Of all pages."""
    more: str | None
    """What the next page is asked for by."""
    remark: str | None = None


async def find(context: Context, wanted: Wanted, page: str | None) -> Found:
    """Read one page of jobs.

    Raises RPCError where Temporal does not answer.
    """
    named, remark = await _named(context, wanted)
    query = visibility_query(
        wanted, [workflow_id(each.customer_id, each.job_id) for each in named], now=datetime.now(UTC)
    )
    (runs, token), counted = await asyncio.gather(_page(context, query, page), context.client.count_workflows(query))
    runs = await _newest(context.client, runs)
    rows = await _rows(context, runs, {(each.customer_id, each.job_id): each for each in named})
    forgotten = () if page is not None or not wanted.q else await _forgotten(context, wanted, named)
    # Visibility counts runs: of a job that has had several, only the newest is a row.
    count = counted.count if page is not None or token is not None else len(rows)
    return Found(rows=[*rows, *forgotten], count=count + len(forgotten), more=token, remark=remark)


async def every(context: Context, wanted: Wanted) -> AsyncIterator[Sequence[Row]]:
    """Read all jobs that are found, page by page; a job is told once."""
    named, _ = await _named(context, wanted)
    query = visibility_query(
        wanted, [workflow_id(each.customer_id, each.job_id) for each in named], now=datetime.now(UTC)
    )
    pages = context.client.list_workflows(query, page_size=EXPORTED)
    seen: set[str] = set()
    while True:
        await pages.fetch_next_page()
        runs = [each for each in pages.current_page or () if each.id not in seen]
        seen |= {each.id for each in runs}
        yield await _rows(context, await _newest(context.client, runs), {})
        if pages.next_page_token is None:
            return


async def _named(context: Context, wanted: Wanted) -> tuple[Sequence[Named], str | None]:
    """Return the jobs that are called as the text says."""
    if not wanted.q or wanted.job is not None:
        return (), None
    try:
        async with within(STORE_WITHIN):
            return await context.names.search(wanted.q, customer_id=wanted.customer), None
    except StoreUnavailable as error:
        return (), f"Titles and numbers could not be searched. {error}"


async def _page(context: Context, query: str, page: str | None) -> tuple[list[WorkflowExecution], str | None]:
    found = context.client.list_workflows(query, page_size=PAGE, next_page_token=_token(context, page))
    await found.fetch_next_page()
    token = found.next_page_token
    if not token:
        return list(found.current_page or ()), None
    text = base64.urlsafe_b64encode(token).decode()
    return list(found.current_page or ()), f"{text}~{context.forms.token(text, NEXT_PAGE)}"


def _token(context: Context, page: str | None) -> bytes | None:
    """Return what Temporal gave for the next page; None for the first one, and for what it did not give."""
    # A token that is none makes Temporal fail, and its client try again for seconds.
    text, _, signature = (page or "").partition("~")
    return base64.urlsafe_b64decode(text) if page and context.forms.good(signature, text, NEXT_PAGE) else None


async def _newest(client: Client, runs: Sequence[WorkflowExecution]) -> list[WorkflowExecution]:
    """Leave out runs after which their job has had another one: that one says how the job stands."""
    ended = sorted({each.id for each in runs if each.status is not WorkflowExecutionStatus.RUNNING})
    newest: dict[str, datetime] = {}
    for start in range(0, len(ended), PAGE):
        ids = ", ".join(f"'{each}'" for each in ended[start : start + PAGE])
        async for each in client.list_workflows(f"WorkflowId IN ({ids})"):
            newest[each.id] = max(newest.get(each.id, each.start_time), each.start_time)
    return [each for each in runs if each.start_time >= newest.get(each.id, each.start_time)]


async def _rows(
    context: Context, runs: Sequence[WorkflowExecution], known: Mapping[tuple[str, str], Named]
) -> list[Row]:
    pairs = [(_of(each)) for each in runs]
    try:
        async with within(STORE_WITHIN):
            names = {**known, **await context.names.of([pair for pair in pairs if pair not in known])}
    except StoreUnavailable:
        names = dict(known)
    return [row_of_run(context.settings, each, names.get(pair)) for each, pair in zip(runs, pairs, strict=True)]


def _of(run: WorkflowExecution) -> tuple[str, str]:
    shown = run.typed_search_attributes
    customer, job = shown.get(CUSTOMER_ID), shown.get(JOB_ID)
    if customer is not None and job is not None:
        return customer, job
    parts = run.id.split("-")  # a namespace without the search attributes: the id says it as well
    return (parts[1], parts[2]) if len(parts) == 3 else ("", run.id)


def row_of_run(settings: Settings, run: WorkflowExecution, named: Named | None = None) -> Row:
    """Read a lifecycle's search attributes into a row."""
    shown, (customer_id, job_id) = run.typed_search_attributes, _of(run)
    category, since = shown.get(ATTENTION), shown.get(UNSETTLED_SINCE)
    states = ((board, shown.get(key)) for board, key in BOARD_STATE.items())
    running = run.status is WorkflowExecutionStatus.RUNNING
    return Row(
        customer_id=customer_id,
        job_id=job_id,
        customer=customer_name(settings, customer_id),
        title=shown.get(JOB_TITLE) or (named.title if named is not None else None),
        number=named.number if named is not None else None,
        phase=_phase(run, shown.get(PHASE)),
        boards={board: board_state(value) for board, value in states if value is not None},
        attention=category_words(category) if category is not None and running else None,
        unsettled=Moment.of(since) if since is not None and running else None,
        began=Moment.of(run.start_time),
        ended=Moment.of(run.close_time) if run.close_time is not None else None,
    )


def _phase(run: WorkflowExecution, phase: str | None) -> State:
    status = run.status.name.lower() if run.status is not None else ""
    if status in STATUSES:
        return State(words=STATUSES[status], tone="alarm")
    return phase_state(phase)


def phase_state(phase: str | None) -> State:
    """Return a phase in words; one of a newer version is named."""
    if phase not in set(Phase):
        return State(words=phase or "Not known", tone="idle")
    known = Phase(phase)
    return State(words=PHASES[known], tone="alarm" if known is Phase.CANCELLED else TONES[known])


def board_state(state: str) -> State:
    """Return a board's state in words; one of a newer version is named."""
    if state not in set(BoardState):
        return State(words=state, tone="idle")
    return State(words=BOARD_STATES[BoardState(state)], tone=TONES[BoardState(state)])


async def _forgotten(context: Context, wanted: Wanted, named: Sequence[Named]) -> list[Row]:
    """Return jobs that the store knows and Temporal has forgotten: their receipts are in the ledger."""
    plain = wanted.model_copy(update={"q": "", "which": Which.ALL, "customer": None}) == Wanted(which=Which.ALL)
    if not plain or wanted.which not in {Which.ALL, Which.CLOSED}:
        return []
    ids = {workflow_id(each.customer_id, each.job_id): each for each in named[:PAGE]}
    if not ids:
        return []
    listed = ", ".join(f"'{each}'" for each in ids)
    async for found in context.client.list_workflows(f"WorkflowId IN ({listed})"):
        ids.pop(found.id, None)
    return [
        Row(
            customer_id=each.customer_id,
            job_id=each.job_id,
            customer=customer_name(context.settings, each.customer_id),
            title=each.title,
            number=each.number,
            phase=phase_state(each.phase),
            boards={},
        )
        for each in ids.values()
    ]
