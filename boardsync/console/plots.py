"""Small plots of the time to close, as SVG that the page's stylesheet colours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from boardsync.console.words import seconds_words
from store.figures import Bucket

WIDTH, HEIGHT, EDGE = 300, 90, 6


@dataclass(frozen=True, kw_only=True)
class Span:
    """How far back a plot looks, and by what steps."""

    name: str
    length: timedelta
    step: timedelta


SPANS = (
    Span(name="last day", length=timedelta(days=1), step=timedelta(hours=1)),
    Span(name="last 7 days", length=timedelta(days=7), step=timedelta(hours=6)),
    Span(name="last 30 days", length=timedelta(days=30), step=timedelta(days=1)),
)


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where a value is drawn."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Half of the closes, and 95 of a hundred, took at most so long: two lines over time."""

    title: str
    says: str
    """The plot in words, for who does not see it."""
    top: str
    """What the upper edge stands for."""
    p50: Sequence[Sequence[Point]]
    """Lines: a step without a close parts them."""
    p95: Sequence[Sequence[Point]]
    closes: int
    width: int = WIDTH
    height: int = HEIGHT


def plot(board: str, span: Span, buckets: Sequence[Bucket], *, now: datetime) -> Plot:
    """Draw one board's time to close over a span."""
    found = sorted(
        (each for each in buckets if each.start >= now - span.length - span.step), key=lambda each: each.start
    )
    highest = max((each.p95 for each in found), default=0.0)
    runs = _runs(found, span.step)

    def line(run: Sequence[Bucket], name: str) -> list[Point]:
        return [_point(each.start, getattr(each, name), span, highest, now) for each in run]

    return Plot(
        title=f"{board}, {span.name}",
        says=_says(board, span, found),
        top=seconds_words(highest),
        p50=[line(run, "p50") for run in runs],
        p95=[line(run, "p95") for run in runs],
        closes=sum(each.closes for each in found),
    )


def _says(board: str, span: Span, found: Sequence[Bucket]) -> str:
    if not found:
        return f"{board}, {span.name}: no close was proven."
    halves, most = [each.p50 for each in found], [each.p95 for each in found]
    return (
        f"{board}, {span.name}: {sum(each.closes for each in found)} closes. Half of them took at most "
        f"{_range(halves)}, 95 of a hundred {_range(most)}."
    )


def _range(values: Sequence[float]) -> str:
    low, high = seconds_words(min(values)), seconds_words(max(values))
    return low if low == high else f"{low} to {high}"


def _runs(found: Sequence[Bucket], step: timedelta) -> list[list[Bucket]]:
    runs: list[list[Bucket]] = []
    for each in found:
        if runs and each.start - runs[-1][-1].start <= step:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _point(at: datetime, value: float, span: Span, highest: float, now: datetime) -> Point:
    share = 1 - (now - at - span.step / 2) / span.length
    room = HEIGHT - 2 * EDGE
    height = value / highest if highest else 0.0
    return Point(
        x=round(min(max(share, 0.0), 1.0) * (WIDTH - 2 * EDGE) + EDGE, 1), y=round(EDGE + room * (1 - height), 1)
    )
