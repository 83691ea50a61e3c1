"""How a command ends: its exit code, and the one line that says why."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script can tell from a command's end; docs/command-line.md is the contract."""

    DONE = 0
    FAILED = 1
    """Nothing was done: refused, unreachable, not found, or declined by the user."""
    USAGE = 2
    """The command line or the configuration is wrong."""
    NOT_DONE = 3
    """Done in part, or something needs a person."""
    INTERRUPTED = 130


class CommandFailed(Exception):  # noqa: N818 -- told to the user as it is
    """A command cannot do what it was asked; the message is one line: what happened, and what to do."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        """Keep the exit code."""
        super().__init__(message)
        self.code = code


def misused(message: str) -> CommandFailed:
    """Make the failure of a command line that makes no sense."""
    return CommandFailed(message, ExitCode.USAGE)
