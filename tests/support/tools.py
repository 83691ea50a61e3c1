"""Programs that tests need and a machine may not have."""

import os
import shutil

import pytest


def needed(program: str, *, package: str | None, otherwise: str = "") -> str:
    """Return where a program is; without it skip with the reason, or fail in CI where a Debian package has it."""
    found = shutil.which(program)
    if found is not None:
        return found
    reason = f"there is no {program}: " + (f"apt-get install {package}" if package else otherwise)
    if package is not None and os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
