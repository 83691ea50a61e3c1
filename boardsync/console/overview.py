"""`GET /`: how all jobs stand, what needs a person, how fast closes were, and what waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from aiohttp import web
from temporalio.client import Client
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from boardsync.console.census import Census, read_waiting, take_census
from boardsync.console.context import Context
from boardsync.console.kept import Kept
from boardsync.console.listing import row_of_run
from boardsync.console.plots import SPANS, Plot, plot
from boardsync.console.rendering import reply
from boardsync.console.words import BOARD_STATES, CATEGORIES, HIDDEN_AS, PHASES, cause_words
from config.settings import Settings
from models.states import BoardName, BoardState
from store.errors import StoreUnavailable
from store.figures import Bucket, Looks, Refused, Unproven
from store.inbox import Backlog
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import TONES, Moment

T = TypeVar("T")

KEPT_CENSUS, KEPT_FIGURES = 5.0, 60.0
"""Seconds: what Temporal counts is cheap, a month of closes is not."""
MEANWHILE = 60.0
"""Seconds for which counts are shown, with their time, while they are counted anew: over many jobs that takes long."""
WITHIN = 60.0
"""Seconds in which what is asked for must be there."""
PATIENCE = 0.3
"""Seconds for which a page waits for what is being counted, as at the first look; it comes without it then."""
RENEW, RENEW_UNTIL_COUNTED = 30, 3
NEW = timedelta(seconds=2 * KEPT_CENSUS)
"""Age of counts that are not being taken anew, or of a page that is soon to be looked at again."""
DAY, MONTH = timedelta(days=1), timedelta(days=30)
STATES_SHOWN = (BoardState.WORKING, BoardState.CONFIRMING, BoardState.ATTENTION, BoardState.SETTLED, BoardState.IDLE)


@dataclass(frozen=True, kw_only=True)
class StoreFigures:
    """What the store tells."""

    times: Mapping[str, Sequence[Bucket]]
    unproven: Sequence[Unproven]
    looks: Looks
    findings: Mapping[str, int]
    refused: Sequence[Refused]
    inbox: Backlog


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Why something is not shown."""

    text: str
    alarm: bool = True


COUNTING = Remark(text="The jobs are being counted, and are shown in a moment.", alarm=False)
READING = Remark(text="The store is being read: its figures are shown in a moment.", alarm=False)
NO_TEMPORAL = Remark(text="Temporal does not answer: check TEMPORAL_ADDRESS and the server. Nothing is lost meanwhile.")
NO_STORE = Remark(text="The store does not answer in time. Nothing is lost meanwhile.")


class OverviewPage:
    """The first page."""

    def __init__(self, context: Context) -> None:
        """Read from there, for all visitors together."""
        self._context = context
        client: Client = context.client
        self._census = Kept(lambda: _bounded(take_census(client)), KEPT_CENSUS, meanwhile=MEANWHILE)
        self._waiting = Kept(lambda: _bounded(read_waiting(client)), KEPT_CENSUS)
        self._figures = Kept(lambda: _bounded(self._read_figures()), KEPT_FIGURES)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Count from the console's start on, so that the first visitor need not wait for it."""
        several = (self._census, self._waiting, self._figures)
        for each in several:
            each.begin()
        yield
        for each in several:
            await each.stop()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with whatever answers soon: what is away, or still being counted, leaves a remark in its place."""
        census, waiting, figures = await asyncio.gather(
            _or_remark(self._census, meanwhile=COUNTING, away=NO_TEMPORAL),
            _or_remark(self._waiting, meanwhile=COUNTING, away=NO_TEMPORAL),
            _or_remark(self._figures, meanwhile=READING, away=NO_STORE),
        )
        settings, now = self._context.settings, datetime.now(UTC)
        counted = census if isinstance(census, Census) else None
        stored = figures if isinstance(figures, StoreFigures) else None
        return reply(
            request,
            "overview.html",
            renew=RENEW if _is_new(counted, now) and stored else RENEW_UNTIL_COUNTED,
            census=counted,
            no_census=census if isinstance(census, Remark) else None,
            oldest=[row_of_run(settings, each) for each in counted.oldest] if counted else [],
            queues=waiting if not isinstance(waiting, Remark) else [],
            figures=stored,
            no_figures=figures if isinstance(figures, Remark) else None,
            plots=_plots(stored, now) if stored else [],
            spans=SPANS,
            shares=self._shares(stored) if stored else [],
            paused=paused(settings),
            read_at=Moment.of(counted.taken_at if counted else now),
            moment=Moment.of,
            tones=TONES,
            cause_words=cause_words,
            customer_name=partial(customer_name, settings),
            words={"phase": PHASES, "category": CATEGORIES, "state": BOARD_STATES, "hidden": HIDDEN_AS},
            states=STATES_SHOWN,
        )

    async def _read_figures(self) -> StoreFigures:
        figures, now = self._context.figures, datetime.now(UTC)
        times = {span.name: await figures.times(now - span.length, span.step) for span in SPANS}
        return StoreFigures(
            times=times,
            unproven=await figures.unproven(now - MONTH),
            looks=await figures.looks(now - DAY),
            findings=await figures.findings(now - DAY),
            refused=await figures.refused(now - DAY),
            inbox=await self._context.inbox.backlog(),
        )

    def _shares(self, figures: StoreFigures) -> list[tuple[str, Unproven]]:
        return [(customer_name(self._context.settings, each.customer_id), each) for each in figures.unproven[:10]]


def _is_new(census: Census | None, now: datetime) -> bool:
    return census is not None and now - census.taken_at <= NEW


def paused(settings: Settings) -> list[str]:
    """Return the systems to which the configuration allows no call."""
    systems = (("iCIMS", settings.icims), ("LinkedIn", settings.linkedin), ("Indeed", settings.indeed))
    return [name for name, section in systems if section.paused]


def _plots(figures: StoreFigures, now: datetime) -> list[tuple[str, list[Plot]]]:
    def of(board: BoardName) -> list[Plot]:
        found = {name: [each for each in buckets if each.board == board] for name, buckets in figures.times.items()}
        return [plot(board.label, span, found[span.name], now=now) for span in SPANS]

    return [(board.label, of(board)) for board in BoardName]


async def _bounded(asked: Awaitable[T]) -> T:
    async with asyncio.timeout(WITHIN):
        return await asked


async def _or_remark(kept: Kept[T], *, meanwhile: Remark, away: Remark) -> T | Remark:
    """Return the answer, or why there is none."""
    try:
        return await kept.get(PATIENCE)
    except TimeoutError:
        return meanwhile if kept.failure is None else _said(kept.failure, away)
    except (StoreUnavailable, RPCError, TemporalError, RuntimeError) as error:
        return _said(error, away)


def _said(error: BaseException, away: Remark) -> Remark:
    return Remark(text=str(error)) if isinstance(error, StoreUnavailable) else away
