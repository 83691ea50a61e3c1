"""What a check found."""

from enum import StrEnum

from models.base import Model


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, but not as it should."""
    FAIL = "fail"


class Finding(Model):
    """What one check found, what that means and what to do."""

    check: str
    """Names the check, and what it looked at: stable, for scripts."""
    level: Level
    found: str
    means: str | None = None
    remedy: str | None = None


def good(check: str, found: str) -> Finding:
    """Report that all is well."""
    return Finding(check=check, level=Level.OK, found=found)


def bad(check: str, found: str, *, means: str, remedy: str, level: Level = Level.FAIL) -> Finding:
    """Report what is wrong."""
    return Finding(check=check, level=level, found=found, means=means, remedy=remedy)
