"""The command line: `boardsync`, or `python -m boardsync`."""

import contextlib
import os
import sys

from boardsync.cli import app

__all__ = ["app", "main"]


def main() -> None:
    """Run a command, and leave at once: after a failed call the SDK may hang or abort in the interpreter's own exit."""
    code: object = 0
    try:
        app(prog_name="boardsync")
    except SystemExit as end:
        code = end.code
    with contextlib.suppress(BrokenPipeError):  # as in `boardsync jobs | head`
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
