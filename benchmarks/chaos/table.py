"""The table of a run, and that of several in docs/reliability.md: `python -m benchmarks.chaos.table`."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks.chaos.figures import Figures, Spread
from tests.support.processes import ROOT

SHOWN = 8
PAGE, FOLDER = ROOT / "docs" / "reliability.md", ROOT / "docs" / "figures" / "chaos"
BEGIN, END = "<!-- chaos: written by python -m benchmarks.chaos.table -->", "<!-- chaos: end -->"


def rows(runs: Sequence[Figures]) -> list[tuple[str, str]]:
    """Return what some runs come to together, line by line."""

    def total(of: Callable[[Figures], int]) -> str:
        return f"{sum(map(of, runs)):,}"

    sent, taken = _added(each.sent for each in runs), _added(each.acknowledged for each in runs)
    rate = sum(sent.values()) / max(1.0, sum(each.sending for each in runs))
    closes = Spread.of(seconds for each in runs for seconds in each.closes)
    boards = _added(each.boards for each in runs)
    return [
        ("jobs", total(lambda each: each.jobs)),
        ("events sent", f"{sum(sent.values()):,}, {rate:.0f} a second"),
        ("events acknowledged", f"{sum(taken.values()):,}: {_counted(taken)}"),
        ("of them promised to reach a lifecycle", total(lambda each: each.promised)),
        ("not answered", total(lambda each: each.unanswered)),
        ("to be sent again (503, LinkedIn 500)", total(lambda each: each.later)),
        ("1: acknowledged events lost", total(lambda each: each.lost)),
        ("2: jobs not as the newest intent wants them", total(lambda each: each.wrong)),
        ("receipts", total(lambda each: each.receipts)),
        ("3: false receipts, faults of the ledger", total(lambda each: each.false)),
        ("requests that write", _counted(_added(each.writes for each in runs))),
        ("4: foreign writes", total(lambda each: each.foreign)),
        ("writes sent again", total(lambda each: each.repeats)),
        ("5: of them harmful", total(lambda each: each.harmful)),
        ("6: jobs not settled and not asking", total(lambda each: each.unsettled)),
        ("jobs that asked for a person", total(lambda each: each.asked)),
        ("7: genuine events refused", total(lambda each: each.refused)),
        ("8: secrets found in histories, store, logs, answers", total(lambda each: each.secrets)),
        ("closed jobs of which iCIMS was not told", total(lambda each: each.not_told)),
        (
            "time to close under faults, p50 / p95 / longest",
            f"{closes.p50:.1f} / {closes.p95:.1f} / {closes.longest:.1f} s, of {closes.count:,} jobs",
        ),
        ("all settled after the last event, at most", f"{max(each.settled_after for each in runs):.0f} s"),
        ("faults of parts", _counted(_added(each.faults for each in runs))),
        ("faults of boards", f"{sum(boards.values()):,}, of {len(boards)} kinds"),
    ]


def table(figures: Figures) -> Table:
    """Return the table of a run, with its first violations."""
    found = Table("what", f"seed {figures.seed}, {figures.minutes:g} minutes, {figures.commit}")
    for what, measured in rows([figures]):
        found.add_row(what, measured)
    for invariant, count in Counter(each.invariant for each in figures.violations).items():
        found.add_section()
        found.add_row(f"BROKEN: {invariant.name}", str(count))
        for each in [each for each in figures.violations if each.invariant is invariant][:SHOWN]:
            found.add_row("", each.what[:300])
    return found


def markdown(runs: Sequence[Figures]) -> str:
    """Return the table of several runs for a page, and which runs they were."""
    lines = ["| what | measured |", "|---|---|", *(f"| {what} | {measured} |" for what, measured in rows(runs)), ""]
    lines += [
        "| seed | minutes | acknowledged | what broke | commit | this machine could |",
        "|---|---|---|---|---|---|",
    ]
    for each in runs:
        broken = _counted(Counter(found.invariant.name for found in each.violations))
        taken, able = sum(each.acknowledged.values()), ", ".join(each.abilities)
        lines.append(f"| {each.seed} | {each.minutes:g} | {taken:,} | {broken} | {each.commit} | {able} |")
    return "\n".join(lines)


def read_runs(folder: Path = FOLDER) -> list[Figures]:
    """Return the figures of the runs that are kept."""
    return [Figures.model_validate_json(each.read_bytes()) for each in sorted(folder.glob("*.json"))]


def written(page: str, runs: Sequence[Figures]) -> str:
    """Return a page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{markdown(runs)}\n\n{END}{rest.partition(END)[2]}"


def _added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum((Counter(each) for each in counts), Counter())


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items(), key=lambda each: -each[1])) or "0"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), read_runs()), encoding="utf-8")
