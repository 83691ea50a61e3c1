"""The table of one run, and that of several together as a page of the documentation has it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Table

from benchmarks.chaos.figures import Figures

SHOWN = 8


def rows(figures: Figures) -> list[tuple[str, str]]:
    """Return what a run comes to, line by line."""
    sent, taken = sum(figures.sent.values()), sum(figures.acknowledged.values())
    closes = figures.closes
    return [
        ("jobs", str(figures.jobs)),
        ("events sent", f"{sent}, {sent / max(1.0, figures.sending):.0f} a second"),
        ("acknowledged", f"{taken}: {_counted(figures.acknowledged)}"),
        ("of them promised to reach a lifecycle", str(figures.promised)),
        ("not answered; to be sent again (503)", f"{figures.unanswered}; {figures.later}"),
        ("lost", str(figures.lost)),
        ("genuine events refused", str(figures.refused)),
        ("jobs not as the newest intent wants them", str(figures.wrong)),
        ("requests that write", _counted(figures.writes)),
        ("repeats; harmful ones", f"{figures.repeats}; {figures.harmful}"),
        ("foreign writes", str(figures.foreign)),
        ("receipts; false ones", f"{figures.receipts}; {figures.false}"),
        ("jobs not settled and not asking", str(figures.unsettled)),
        ("jobs that asked for a person", str(figures.asked)),
        ("closed jobs of which iCIMS was not told", str(figures.not_told)),
        ("secrets found in histories, stores, logs, answers", str(figures.secrets)),
        (
            "time to close under faults, p50 / p95 / longest",
            f"{closes.p50:.1f} / {closes.p95:.1f} / {closes.longest:.1f} s, of {closes.count} jobs",
        ),
        ("all settled after the last event", f"{figures.settled_after:.0f} s"),
        ("faults of parts", _counted(figures.faults)),
        ("faults of boards", f"{sum(figures.boards.values())}, of {len(figures.boards)} kinds"),
    ]


def table(figures: Figures) -> Table:
    """Return the table of a run, with its first violations."""
    found = Table("what", f"seed {figures.seed}, {figures.minutes:g} minutes, {figures.commit}")
    for what, measured in rows(figures):
        found.add_row(what, measured)
    for invariant, count in Counter(each.invariant for each in figures.violations).items():
        found.add_section()
        found.add_row(f"VIOLATED: {invariant.name}", str(count))
        for each in [each for each in figures.violations if each.invariant is invariant][:SHOWN]:
            found.add_row("", each.what[:300])
    return found


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda each: -each[1])) or "0"


def markdown(runs: Sequence[Figures]) -> str:
    """Return the table of several runs, a column for each and one for all."""
    raise NotImplementedError
