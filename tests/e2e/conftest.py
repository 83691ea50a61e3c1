"""What tests of whole processes share."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def usual_ports() -> Iterator[None]:
    """Keep the usual ports and the demo's database to one test at a time, whichever process runs it.

    A lock, not a group of pytest-xdist: `--dist loadgroup` does not group with this pytest.
    """
    with (Path(tempfile.gettempdir()) / "boardsync-usual-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
