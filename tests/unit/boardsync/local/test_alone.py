"""A second `make dev` in one checkout says that one runs already, and leaves it alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from boardsync.local.alone import AlreadyRunning, alone

TOLD = {"ui": "http://127.0.0.1:8233", "gateway": "http://127.0.0.1:8080/webhooks/icims", "process": 17}


def test_a_second_one_is_told_where_the_first_is(tmp_path: Path) -> None:
    lock = tmp_path / "state" / "dev.lock"
    with alone(lock, TOLD):
        said = r"already running here: Web UI http://127.0.0.1:8233, .*process 17"
        with pytest.raises(AlreadyRunning, match=said), alone(lock, {}):
            pytest.fail("both run")
        assert "8233" in lock.read_text(encoding="utf-8")
    with alone(lock, TOLD):  # as soon as the first has ended
        pass


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "dev.lock"
    script = (
        "import os, sys, pathlib; from boardsync.local.alone import alone\n"
        f"held = alone(pathlib.Path({str(lock)!r}), {TOLD!r}); held.__enter__(); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9  # noqa: S603
    with alone(lock, TOLD):
        pass
