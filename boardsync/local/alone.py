"""One stack at a time in one checkout: a second would take the first one's database and configuration away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # not on Windows, where nothing keeps two apart
    fcntl = None  # type: ignore[assignment]


class AlreadyRunning(Exception):  # noqa: N818 -- a state of the machine, told to the user
    """A stack runs here already; the message says where."""


@contextmanager
def alone(file: Path, told: dict[str, Any]) -> Iterator[None]:
    """Hold a lock file for as long as the block lasts, and write down there where the stack is.

    The lock ends with the process, whatever ends it. Raises AlreadyRunning.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as held:
        try:
            if fcntl is not None:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_where(file)) from None
        held.truncate(0)
        held.write(json.dumps(told))
        held.flush()
        yield
        held.truncate(0)


def _where(file: Path) -> str:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        at = f": Web UI {told['ui']}, gateway {told['gateway']}, process {told['process']}"
    except (OSError, ValueError, LookupError):
        at = ""
    return f"already running here{at}. It was left alone; stop it with Ctrl-C where it runs, or use its Web UI"
