"""A folder of histories: how they are written, and by which digests a released one is known."""

import hashlib
import json
import re
from pathlib import Path

from temporalio.client import WorkflowHistory

HISTORIES = Path(__file__).resolve().parents[2] / "workflow" / "histories"
UNRELEASED = "next"
SEAL = "SHA256SUMS"
"""As `sha256sum` writes it: a folder that has one is released, and stays as it is."""
_TRACE = re.compile(r'"stackTrace": ?"(?:[^"\\]|\\.)*"')


class Released(Exception):  # noqa: N818 -- says what the folder is
    """The folder is that of a release: nothing is written there any more."""


def write(folder: Path, found: list[tuple[str, WorkflowHistory]]) -> None:
    """Write histories in the place of what the folder has: of each name the first one and the last, one event a line.

    Raises Released.
    """
    if (folder / SEAL).exists():
        raise Released(f"{folder.name} is released: its histories stay as they are")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    by_name: dict[str, list[WorkflowHistory]] = {}
    for name, history in found:
        by_name.setdefault(name, []).append(history)
    for name, histories in by_name.items():
        for number, history in enumerate(histories[:1] + histories[1:][-1:], start=1):
            (folder / f"{name}-{number}.json").write_text(_text(history), encoding="utf-8")


def seal(folder: Path) -> None:
    """Write the digests by which a change shows. Raises Released where that was done."""
    if (folder / SEAL).exists():
        raise Released(f"{folder.name} is released already")
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests(folder).items())]
    (folder / SEAL).write_text("".join(lines), encoding="utf-8")


def sealed(folder: Path) -> dict[str, str]:
    """Return the digests of a released folder, by the files' names."""
    lines = (folder / SEAL).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of what is there now."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.json")}


def _text(history: WorkflowHistory) -> str:
    # Failures carry stack traces: no machine's path belongs into the project.
    events = json.loads(_TRACE.sub('"stackTrace": ""', history.to_json()))["events"]
    return '{"events": [\n' + ",\n".join(json.dumps(each, ensure_ascii=False) for each in events) + "\n]}\n"
