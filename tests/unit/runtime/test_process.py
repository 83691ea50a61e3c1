"""A process ends with its own exit code and all its words, whatever the SDK's threads do."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import atexit, logging, sys
from runtime.process import leave

atexit.register(sys.exit, "the interpreter's own exit was run")
logging.basicConfig(stream=sys.stdout)
print("said")
logging.warning("logged")
leave({code})
"""


@pytest.mark.parametrize(("code", "left_with"), [("0", 0), ("3", 3), ("'words'", 1)])
def test_what_was_said_is_written_and_the_code_is_kept(code: str, left_with: int) -> None:
    done = subprocess.run(  # noqa: S603 -- a program of ours
        [sys.executable, "-c", PROGRAM.format(code=code)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (left_with, "")
    assert "said" in done.stdout
    assert "logged" in done.stdout
