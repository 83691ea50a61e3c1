"""Which build this process is, and of which deployment: the version and its commit, or what a controller says."""

import os
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from models.temporal import DEPLOYMENT

BUILD_VARIABLE = "BOARDSYNC_BUILD_ID"
COMMIT_VARIABLE = "BOARDSYNC_COMMIT"
ROOT = Path(__file__).resolve().parents[1]

CONTROLLERS_NAME, CONTROLLERS_BUILD = "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"
"""What Temporal's Worker Controller for Kubernetes tells its workers.

https://github.com/temporalio/temporal-worker-controller
"""


def deployment_name() -> str:
    """Return the name under which Temporal knows all builds of the worker."""
    return os.environ.get(CONTROLLERS_NAME, "").strip() or DEPLOYMENT


def is_controlled() -> bool:
    """Return whether a controller says which build this is, and decides which one is given what."""
    return bool(os.environ.get(CONTROLLERS_BUILD, "").strip())


def build_id() -> str:
    """Return `version+commit`, such as `0.2.0+1a2b3c4d5e6f`, or what `BOARDSYNC_BUILD_ID` or a controller says.

    The commit is that of `BOARDSYNC_COMMIT`, as an image has it, or of the checkout; without one, the version alone.
    """
    for variable in (BUILD_VARIABLE, CONTROLLERS_BUILD):
        if given := os.environ.get(variable, "").strip():
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
