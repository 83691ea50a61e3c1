"""A test that lasts too long ends with all that it began, and says where it waited; no later test pays for it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT

INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
timeout = 60
"""
CONFTEST = """
import pytest
from tests.support import time_limit
from tests.support.telling import Telling
from tests.support.time_limit import pytest_runtest_teardown, pytest_timeout_set_timer

time_limit.AGAIN, time_limit.TEARDOWN = 1.0, 3.0

def pytest_configure(config):
    config.pluginmanager.register(Telling(config))
"""
WORKER = """
import asyncio, contextlib, os, signal, sys, time
import pytest
RUNNING = []
soon = pytest.mark.timeout(0.5, func_only=True)

@contextlib.asynccontextmanager
async def worker():
    RUNNING.append(1)
    try:
        yield
    finally:
        RUNNING.pop()
"""


def run(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    """Run tests in a process of their own; return its code, and what it printed."""
    for name, content in {"pytest.ini": INI, "conftest.py": CONFTEST, "test_it.py": WORKER + tests}.items():
        (folder / name).write_text(content)
    command = [sys.executable, "-m", "pytest", "-q", *options]
    done = subprocess.run(  # noqa: S603 -- our own words
        command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=100
    )
    return done.returncode, done.stdout + done.stderr


def test_the_workers_of_a_test_that_lasts_too_long_do_not_outlive_it(tmp_path: Path) -> None:
    tests = """
@soon
async def test_waits_for_nothing():
    async with worker():
        await asyncio.Event().wait()

async def busy():
    while True:
        time.sleep(0.002)
        await asyncio.sleep(0)

@soon
async def test_waits_beside_a_task_that_takes_the_whole_time():
    async with worker():
        task = asyncio.create_task(busy())
        try:
            await asyncio.Event().wait()
        finally:
            task.cancel()

@pytest.fixture
async def hanging():
    async with worker():
        yield
        await asyncio.Event().wait()

async def test_is_torn_down_too_long_after_it_failed(hanging):
    assert not "as it should be"

@soon
def test_waits_without_a_loop():
    time.sleep(60)

async def test_later():
    assert RUNNING == []
"""
    code, printed = run(tmp_path, tests)

    assert code == 1
    assert "4 failed, 1 passed, 1 error" in printed
    assert printed.count("the time limit of 0.5 s is over") >= 3
    assert "the time limit of 3 s is over" in printed
    assert "await asyncio.Event().wait()" in printed, "it says where the test waited"
    told = [line for line in printed.splitlines() if line.startswith("test_it.py::test_is_torn_down_too_long")]
    assert [line.split(": ")[0].split("(")[1] for line in told] == ["call)", "teardown)"]


SHARED = """
from pathlib import Path
from tests.support import shared as module
from tests.support.processes import running
module.ANSWERS_WITHIN = 0.2

@pytest.fixture(scope="session")
async def shared():
    async with module.SERVERS.shared("the server", starting(), asked) as value:
        yield value

@contextlib.asynccontextmanager
async def starting():
    broken = Path("broken")
    if broken.exists():
        broken.unlink()
        async with running(["no-such-program"]):
            pass
    async with running([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process, process

async def asked(process):
    if RUNNING:
        await asyncio.Event().wait()
"""


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("os.kill(shared.pid, signal.SIGKILL); await shared.wait()", "the server has died, with code -9"),
        ("RUNNING.append(1); await asyncio.Event().wait()", "the server does not answer: TimeoutError()"),
        ("time.sleep(60)", "the time limit of 0.5 s is over, and"),
    ],
)
def test_a_process_that_no_later_test_can_trust_is_replaced(tmp_path: Path, harm: str, reason: str) -> None:
    tests = f"""
async def test_before(shared):
    assert shared.returncode is None

@soon
async def test_harms(shared):
    {harm}

@pytest.mark.parametrize("number", range(8))
async def test_later(shared, number):
    assert shared.returncode is None
"""
    code, printed = run(tmp_path, SHARED + tests, "-n", "1")

    assert code == 1
    assert reason in printed
    assert re.search("[12] failed, (8|9|10) passed", printed), printed
    assert "crashed while running 'test_it.py::test_harms'" in printed


def test_a_server_that_does_not_start_is_tried_again_by_another_process(tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    tests = """
@pytest.mark.parametrize("number", range(8))
async def test_uses_it(shared, number):
    assert shared.returncode is None
"""
    code, printed = run(tmp_path, SHARED + tests, "-n", "1")

    assert code == 1
    assert "the server could not be started: FileNotFoundError" in printed
    assert "7 passed" in printed
