"""The command line: `boardsync`, or `python -m boardsync`."""

import sys

from boardsync.cli import app
from runtime.leaving import leave

__all__ = ["app", "console", "main"]


def main() -> None:
    """Run a command."""
    _run(sys.argv[1:])


def console() -> None:
    """Run the console: what `boardsync console` runs, as a process of its own."""
    _run(["console", *sys.argv[1:]])


def _run(args: list[str]) -> None:
    try:
        app(args, prog_name="boardsync")
    except SystemExit as end:
        leave(end.code or 0)
    leave()


if __name__ == "__main__":
    main()
