"""The command line: `boardsync`, or `python -m boardsync`."""

from boardsync.cli import app
from runtime.leaving import leave

__all__ = ["app", "main"]


def main() -> None:
    """Run a command."""
    try:
        app(prog_name="boardsync")
    except SystemExit as end:
        leave(end.code or 0)
    leave()


if __name__ == "__main__":
    main()
