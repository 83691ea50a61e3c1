"""Every command line that `docs/command-line.md`, `console.md` and `encryption.md` print, given to a real installation.

A line with a pipe or a redirection is a shell's, as are those that run until Ctrl-C; the others are given in this
process. What the page takes from its reader's own installation, as an address, a key and a number, is put in.
"""

import asyncio
import os
import pty
import re
import shlex
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import Client

from boardsync.exits import ExitCode
from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent, Phase
from store.ledger.notes import SigningKey
from tests.support.boards import CUSTOMER, Boards
from tests.support.cli import Cli, Said
from tests.support.encryption import CODEC_TOKEN, NEW, encoded
from tests.support.gateway import basic, running_gateway
from tests.support.guides import blocks
from tests.support.lifecycles import eventually, in_phase, send
from tests.support.processes import HOST, ROOT, end, free_port
from tests.support.settings import raw_settings, write_toml
from tests.support.workers import running_workers

PAGE = "docs/command-line.md"
JOBS = ("1209", "1242")
LASTING = {
    "boardsync console": "console",
    "boardsync codec": "decrypting at",
    "boardsync watch": "Jobs at",
}
"""What runs until Ctrl-C, and what it says once it does."""
ENDS_BY_ITSELF = "--once"
PAUSES = "pause offboarding"
OF_BUILDS = "boardsync deploy"
"""Given to real builds by tests/workflow/test_deploys.py."""
DONE = {ExitCode.DONE, ExitCode.NOT_DONE}
KEY = SigningKey("ledger.example.com", b"k" * 32)
SEALED = "c2FuZGJveC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW4="


def _standard_input() -> str:
    return sys.stdin.read()


class Guide:
    """An installation, and who follows the page in it."""

    def __init__(self, cli: Cli, meant: Mapping[str, str]) -> None:
        """Take what the page's own words stand for."""
        self.cli, self.meant = cli, dict(meant)
        self.faults: list[str] = []
        """What did not end as it is to, with what it said."""

    def line(self, printed: str) -> str:
        for said, meant in self.meant.items():
            printed = printed.replace(said, meant)
        return re.split(r"\s+#\s", printed)[0]

    async def follow(self, printed: str) -> None:
        """Give a line, and see it do its work."""
        line = self.line(printed)
        if any(line.startswith(each) for each in LASTING) and ENDS_BY_ITSELF not in line:
            await self._until_ctrl_c(line)
            return
        said = await (self._by_shell(line) if re.search(r"[|>]|^export", line) else self._here(line))
        if said.code not in DONE:
            self.faults.append(f"{line}: {said}")

    async def _here(self, line: str) -> Said:
        return await self.cli(*shlex.split(line)[1:], stdin="y\n")

    async def _by_shell(self, line: str) -> Said:
        process = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", "-c", line, env=self._environment(), stdout=PIPE, stderr=STDOUT
        )
        printed, _ = await process.communicate()
        assert process.returncode is not None
        return Said(process.returncode, printed.decode(), "")

    async def _until_ctrl_c(self, line: str) -> None:
        """Let it run in a terminal until it says what it is there for, and stop it."""
        wanted = next(says for begins, says in LASTING.items() if line.startswith(begins))
        master, terminal = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *shlex.split(line), env=self._environment(), stdin=terminal, stdout=terminal, stderr=terminal,
            start_new_session=True,
        )  # fmt: skip
        os.close(terminal)
        seen = ""
        try:
            while wanted not in seen:
                seen += (await asyncio.to_thread(os.read, master, 65536)).decode()
        finally:
            code = await end(process, number=signal.SIGINT)
            os.close(master)
        assert code in {0, ExitCode.INTERRUPTED}, (line, seen)

    def _environment(self) -> dict[str, str]:
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **self.cli.environment, "PATH": tools, "COLUMNS": "200"}


@pytest.fixture
def raw(sandbox_urls: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """Return a configuration in which everything is set that the page speaks of."""
    raw = raw_settings(sandbox_urls)
    address = f"{HOST}:{free_port()}"
    raw["gateway"] |= {"listen": address, "public_url": f"http://{address}"}
    raw["customers"][0]["closing_statuses"] = ["9782"]
    raw["customers"][0]["indeed"]["webhook_secret"] = "sandbox-indeed-webhook-secret"
    return raw | {
        "store": {"url": f"sqlite:///{tmp_path / 'store.db'}", "key": SEALED},
        "ledger": {"key": KEY.text()},
        "temporal": {"encryption_keys": [encoded(NEW)], "encrypt": False},
        "codec": {"token": CODEC_TOKEN, "listen": f"{HOST}:{free_port()}"},
        "console": {"listen": f"{HOST}:{free_port()}", "user": "Ana"},
    }


@pytest.fixture
def given(raw: dict[str, Any], tmp_path: Path) -> Settings:
    return parse_settings(raw, {}, base=tmp_path)


@pytest.fixture
async def gateway(client: Client, given: Settings) -> AsyncIterator[str]:
    async with running_gateway(client, given, port=int(given.gateway.listen.rpartition(":")[2])) as http:
        event = {"customerId": "1234", "systemId": "1209", "userId": "1", "eventType": "JobUnpostToWebEvent"}
        refused = await http.post(
            "/webhooks/icims", json=event, headers={"Authorization": basic("icims-1234", "another secret")}
        )
        assert refused.status_code == 401
        yield str(http.base_url).rstrip("/")


@pytest.fixture
async def guide(
    temporal: str, raw: dict[str, Any], gateway: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Guide:
    config = tmp_path / "installed" / "boardsync.toml"
    config.parent.mkdir()
    write_toml(config, raw)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    # Somebody sits at the terminal, and says yes.
    at_terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True, read=_standard_input))
    monkeypatch.setattr("boardsync.jobs.selection.sys", at_terminal)
    (tmp_path / "jobs.txt").write_text("1234/1209  # the first\n", encoding="utf-8")
    (tmp_path / "fields.json").write_text('{"title": "Night Nurse"}', encoding="utf-8")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    cli = Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})
    # The event log is written without delaying a reply.
    logged = await eventually(lambda: cli("events", "--refused", "--json"), lambda said: bool(said.json["events"]))
    (refused,) = logged.json["events"]
    meant = {
        "/etc/boardsync": str(config.parent),
        "http://gateway:8080": gateway,
        "http://127.0.0.1:8080": gateway,
        "--replay 317": f"--replay {refused['id']}",
    }
    return Guide(cli, meant)


def lines(block: str) -> Iterator[str]:
    return (line for line in block.splitlines() if line and not line.startswith("#"))


async def posted(client: Client, settings: Settings, boards: Boards) -> None:
    """Have the page's jobs open, whatever became of them before."""
    for job in JOBS:
        await boards.act("post", job, lost=True)
        await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)


def section(heading: str) -> Iterator[str]:
    return (line for block in blocks(PAGE, under=heading) for line in lines(block))


@pytest.fixture
async def installed(client: Client, given: Settings, boards: Boards, guide: Guide) -> AsyncIterator[Guide]:
    for job in JOBS:
        await boards.add_job(job)
    async with running_workers(client, given):
        await posted(client, given, boards)
        yield guide


@pytest.mark.timeout(400)
async def test_the_commands_that_read_do_as_printed(
    installed: Guide, client: Client, given: Settings, tmp_path: Path
) -> None:
    closed = await send(client, given, "1209")
    await closed.result()
    said = await installed.cli("receipt", "1234/1209", "--proof", "1209.tlog-proof")
    assert said.code == 0, said
    proof = (tmp_path / "1209.tlog-proof").read_text(encoding="utf-8")
    (tmp_path / "checkpoint.txt").write_text(proof[proof.index("ledger.example.com\n") :], encoding="utf-8")
    printed = re.search(r"ledger\.example\.com\+\S+", (ROOT / PAGE).read_text(encoding="utf-8"))
    assert printed is not None
    installed.meant[printed[0]] = str(KEY.verifier)
    head = blocks(PAGE)[0]
    reading = ("Pages instead of lines", "Finding jobs", "One job", "The store and the ledger")
    for line in (*lines(head), *(each for heading in reading for each in section(heading))):
        await installed.follow(line)
    for line in section("What came in, and refused events"):
        await installed.follow(line)
    assert installed.faults == []


@pytest.mark.timeout(400)
async def test_the_commands_that_act_do_as_printed(
    installed: Guide, client: Client, given: Settings, boards: Boards
) -> None:
    acting, running, postings = blocks(PAGE, under="Acting by hand")
    for line in lines(acting):
        await posted(client, given, boards)
        await installed.follow(line)
    for line in lines(postings):
        await installed.follow(line)
    for line in lines(running):
        await posted(client, given, boards)
        if PAUSES in line:  # it is still to run when it is paused
            await boards.fault("indeed", "clear", "http", status=503, times=None)
            begun = await installed.cli("offboard", CUSTOMER, "--act", "--detach")
            assert begun.code == 0, begun
        await installed.follow(line)
    assert installed.faults == []


@pytest.mark.timeout(400)
async def test_the_other_commands_do_as_printed(installed: Guide, client: Client, given: Settings) -> None:
    others = ("Comparing a whole customer", "Sending sample events", "Secrets", "Reading what is encrypted")
    for line in (
        each for heading in (*others, "Checking an installation", "The configuration") for each in section(heading)
    ):
        await installed.follow(line)
    for page in ("docs/console.md", "docs/encryption.md"):
        for line in (each for block in blocks(page) for each in lines(block)):
            await installed.follow(line)
    assert installed.faults == []


def test_no_section_is_left_out() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    source = Path(__file__).read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading = part.splitlines()[0]
        if "```sh" in part and not all(
            line.startswith(OF_BUILDS) for block in blocks(PAGE, under=heading) for line in lines(block)
        ):
            assert f'"{heading}"' in source, heading
