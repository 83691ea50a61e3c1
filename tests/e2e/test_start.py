"""Starting: a bad configuration is one line and exit code 2; children that die come back."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from boardsync.local.ports import USUAL, NoPortFree, choose_ports
from boardsync.local.processes import Child, ChildFailed, Supervisor, python
from runtime.process import live_or_exit
from tests.support.lifecycles import eventually
from tests.support.listening import hang_up_at_once, listening
from tests.support.processes import HOST, ROOT, free_port, spawn
from tests.support.settings import raw_settings, write_toml

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), f"http://{HOST}:1")
WORKER, GATEWAY = ["worker.py"], ["-m", "webhook_gateway"]


async def stderr_of(command: list[str], **env: str) -> tuple[int | None, str]:
    process = await spawn(python(*command), env={"PYTHONPATH": str(ROOT), **env}, stderr=PIPE)
    _, output = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode().strip()


def misspelled(raw: dict[str, Any]) -> None:
    raw["timing"]["confirm_fisrt"] = "1s"


def without_secret(raw: dict[str, Any]) -> None:
    raw["customers"][0]["linkedin"]["client_secret"] = "env:BOARDSYNC_TEST_NOT_SET"


def bad_duration(raw: dict[str, Any]) -> None:
    raw["timing"]["confirm_within"] = "soon"


def broken(folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """Write a configuration with a fault; return where it is."""
    raw = raw_settings(URLS)
    change(raw)
    write_toml(folder / "boardsync.toml", raw)
    return str(folder / "boardsync.toml")


@pytest.mark.parametrize("command", [WORKER, GATEWAY], ids=["worker", "gateway"])
async def test_a_process_with_a_bad_configuration_prints_one_line_and_ends(tmp_path: Path, command: list[str]) -> None:
    code, text = await stderr_of(command, BOARDSYNC_CONFIG=broken(tmp_path, misspelled))
    assert code == 2
    assert len(text.splitlines()) == 1
    assert "timing.confirm_fisrt" in text
    assert "unknown key" in text


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (misspelled, "timing.confirm_fisrt", "unknown key"),
        (without_secret, "customers[0].linkedin.client_secret", "BOARDSYNC_TEST_NOT_SET"),
        (bad_duration, "timing.confirm_within", "expected a duration"),
    ],
    ids=["typo", "secret", "duration"],
)
def test_a_bad_configuration_is_one_line_that_names_the_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], None],
    key: str,
    expected: str,
) -> None:
    monkeypatch.setenv("BOARDSYNC_CONFIG", broken(tmp_path, change))
    with pytest.raises(SystemExit) as ended:
        live_or_exit()
    text = capfd.readouterr().err.strip()
    assert ended.value.code == 2
    assert len(text.splitlines()) == 1
    assert key in text
    assert expected in text


async def test_a_worker_without_temporal_says_so(tmp_path: Path) -> None:
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw_settings(URLS))
    address = f"{HOST}:{free_port()}"
    code, text = await stderr_of(WORKER, BOARDSYNC_CONFIG=str(config), TEMPORAL_ADDRESS=address)
    assert code == 2
    assert address in text
    assert "TEMPORAL_ADDRESS" in text
    assert "Traceback" not in text


async def test_an_unknown_queue_is_refused_with_the_known_ones() -> None:
    code, text = await stderr_of([*WORKER, "--queues", "linkedin,indede"])
    assert code == 2
    assert "indede" in text
    assert "job-postings" in text


async def test_a_taken_port_is_told_by_the_gateway(tmp_path: Path) -> None:
    config = tmp_path / "boardsync.toml"
    async with listening(hang_up_at_once) as port:
        raw = raw_settings(URLS)
        raw["gateway"]["listen"] = f"{HOST}:{port}"
        write_toml(config, raw)
        code, text = await stderr_of(GATEWAY, BOARDSYNC_CONFIG=str(config))
    assert code == 2
    assert f"gateway.listen: cannot listen on {HOST}:{port}" in text


@pytest.mark.usefixtures("usual_ports")
@pytest.mark.timeout(120, func_only=True)  # the others' turn takes its own time
async def test_the_stack_takes_the_next_free_port_and_says_so() -> None:
    async with AsyncExitStack() as stack:
        with suppress(OSError):  # something else has it already
            await stack.enter_async_context(listening(hang_up_at_once, port=USUAL.gateway))
        ports = choose_ports()
    assert ports.gateway != USUAL.gateway
    assert any(line.startswith(f"gateway: port {USUAL.gateway} is taken") for line in ports.moved())


async def test_no_free_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boardsync.local.ports.TRIES", 0)
    with pytest.raises(NoPortFree, match="stop what uses them"):
        choose_ports()


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


async def count(said: list[str]) -> int:
    return said.count("hello")


async def test_a_child_that_dies_is_started_again_and_all_stop_cleanly() -> None:
    said: list[str] = []
    supervisor = Supervisor(lambda _, line: said.append(line))
    code = "import time; print('hello', flush=True); time.sleep(60)"
    await supervisor.start(Child(name="sleeper", command=python("-c", code), environment={}, ready=at_once))
    first = supervisor.process_id("sleeper")
    await eventually(lambda: count(said), lambda times: times >= 1)
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: count(said), lambda times: times >= 2)
    second = supervisor.process_id("sleeper")
    assert second != first
    assert any("starting it again" in line for line in said)
    await supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_a_child_that_ends_at_once_is_an_error_that_names_it() -> None:
    supervisor = Supervisor(lambda _, line: None)
    with pytest.raises(ChildFailed, match="broken ended at once"):
        await supervisor.start(Child(name="broken", command=python("-c", "1/0"), environment={}, ready=never))
    await supervisor.stop()
