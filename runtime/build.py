"""Which build this process is: the version, and the commit that it was built from."""

import os
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BUILD_VARIABLE = "BOARDSYNC_BUILD_ID"
COMMIT_VARIABLE = "BOARDSYNC_COMMIT"
ROOT = Path(__file__).resolve().parents[1]


def build_id() -> str:
    """Return `version+commit`, such as `0.2.0+1a2b3c4d5e6f`, or what `BOARDSYNC_BUILD_ID` says.

    The commit is that of `BOARDSYNC_COMMIT`, as an image has it, or of the checkout; without one, the version alone.
    """
    if given := os.environ.get(BUILD_VARIABLE, "").strip():
        return given
    try:
        number = version("boardsync")
    except PackageNotFoundError:
        number = "0"
    commit = (os.environ.get(COMMIT_VARIABLE, "").strip() or _checked_out(ROOT))[:12]
    return f"{number}+{commit}" if commit else number


@cache
def _checked_out(root: Path) -> str:
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    try:
        asked = subprocess.run(  # noqa: S603 -- git's own word on this checkout
            [git, "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""
