"""Draw what `benchmarks.scale` measured, for docs/scaling.md: `python -m benchmarks.plots`."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from benchmarks.scale import Point

FIGURES = Path("docs/figures/scale.json")
IMAGES = Path("docs/images")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 60, 500, 34, 250
APART = 15
"""Between two labels."""

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """What one picture shows, of each number of workers."""

    file: str
    title: str
    unit: str
    values: Mapping[str, Callable[[Point], float]]
    """Lines by their names; the second is dashed."""


@dataclass(slots=True)
class Line:
    """A line as it is drawn."""

    colour: int
    dashed: bool
    label: str
    dots: Sequence[XY]
    label_at: float = 0

    @property
    def points(self) -> str:
        """Return the line's points as SVG wants them."""
        return " ".join(f"{x},{y}" for x, y in self.dots)


PLOTS = (
    Plot(
        "scale-unpost.svg",
        "From the event to the proof, seconds",
        "s",
        {"p50": lambda each: each.unpost_p50, "p95": lambda each: each.unpost_p95},
    ),
    Plot("scale-rate.svg", "Closes a second, many at once", "/s", {"": lambda each: each.closes_a_second}),
    Plot(
        "scale-memory.svg",
        "Memory of a worker, and of the gateway, MB",
        "MB",
        {"worker": lambda each: each.worker_mb, "gateway": lambda each: each.gateway_mb},
    ),
    Plot(
        "scale-restart.svg",
        "After a kill of all workers: the first close, and p95 of the next ones, seconds",
        "s",
        {"first": lambda each: each.cold_first, "p95": lambda each: each.cold_p95},
    ),
)


def draw(plot: Plot, points: Sequence[Point]) -> str:
    """Return the picture as SVG; open lifecycles run along a logarithmic axis."""
    workers = sorted({each.workers for each in points})
    counts = sorted({each.open for each in points})
    highest = _above(max(value(each) for each in points for value in plot.values.values()))

    def across(count: int) -> float:
        low, high = math.log10(counts[0]), math.log10(counts[-1])
        return round(LEFT + (RIGHT - LEFT) * ((math.log10(count) - low) / (high - low) if high > low else 0.5), 1)

    def up(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / highest, 1)

    lines: list[Line] = []
    for colour, count in enumerate(workers):
        of_these = sorted((each for each in points if each.workers == count), key=lambda each: each.open)
        for number, (name, value) in enumerate(plot.values.items()):
            dots: list[XY] = [(across(each.open), up(value(each))) for each in of_these]
            label = f"{count} worker{'s' if count > 1 else ''} {name}".strip()
            lines.append(Line(colour=colour, dashed=number > 0, label=label, dots=dots))
    _place(lines)
    return _template().render(
        width=WIDTH, height=HEIGHT, left=LEFT, right=RIGHT, bottom=BOTTOM, title=plot.title, x_label="open lifecycles",
        says=_says(plot, points), lines=lines,
        x_ticks=[{"at": across(count), "text": f"{count:,}"} for count in counts],
        y_ticks=[{"at": up(highest * share / 4), "text": f"{highest * share / 4:g}"} for share in range(5)],
    )  # fmt: skip


def _place(lines: Sequence[Line]) -> None:
    """Put each line's label at its end, none over another."""
    free = float(TOP)
    for line in sorted(lines, key=lambda each: each.dots[-1][1]):
        line.label_at = max(free, line.dots[-1][1] + 4)
        free = line.label_at + APART


def _says(plot: Plot, points: Sequence[Point]) -> str:
    """Return the picture in words, for who does not see it."""
    return " ".join(
        f"{each.workers} worker(s), {each.open:,} open: "
        + ", ".join(f"{name} {value(each):.3g} {plot.unit}".strip() for name, value in plot.values.items())
        + "."
        for each in points
    )


def _above(value: float) -> float:
    """Return the next round number that four parts divide well."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10, 20) if step * power >= value)


def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template("plot.svg")


def main() -> None:
    """Write the pictures anew from the figures that are kept."""
    points = [Point(**each) for each in json.loads(FIGURES.read_text(encoding="utf-8"))]
    for plot in PLOTS:
        (IMAGES / plot.file).write_text(draw(plot, points) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
