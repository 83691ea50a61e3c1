"""Gateway and worker, as processes, take up a changed configuration without a restart."""

import base64
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from boardsync.local.processes import python
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import Phase
from tests.support.boards import Boards
from tests.support.gateway import basic
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, ROOT, end, free_port, spawn
from tests.support.settings import raw_settings, write_toml
from tests.support.workers import start_worker

PATH = "/webhooks/icims"


def unpost(customer_id: str, job_id: str) -> dict[str, str]:
    return {"customerId": customer_id, "userId": "1", "eventType": "JobUnpostToWebEvent", "systemId": job_id}


@dataclass
class Running:
    """A gateway and a worker of a folder of configuration, and who sends events to the gateway."""

    folder: Path
    temporal: str
    http: httpx.AsyncClient
    gateway: Process
    worker: Process

    async def answer(self, job: str) -> int:
        """Return what an unpost is answered, 0 where nothing listens yet."""
        auth = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
        try:
            return (await self.http.post(PATH, json=unpost("1234", job), headers=auth)).status_code
        except httpx.TransportError:
            return 0

    async def shown(self) -> str:
        return (await self.http.get("/metrics")).text

    def hurry(self) -> None:
        for process in (self.gateway, self.worker):
            os.kill(process.pid, signal.SIGHUP)

    async def start_anew(self) -> None:
        await self.stop()
        self.gateway, self.worker = await processes(self.folder, self.temporal)

    async def stop(self) -> None:
        for process in (self.gateway, self.worker):
            await end(process)


async def processes(folder: Path, temporal: str) -> tuple[Process, Process]:
    env = {"BOARDSYNC_CONFIG": str(folder), "TEMPORAL_ADDRESS": temporal, "PYTHONPATH": str(ROOT)}
    gateway = await spawn(python("-m", "webhook_gateway"), env=env, stderr=PIPE)
    return gateway, await start_worker(temporal, folder)


def one_customer_less(folder: Path, urls: dict[str, str], port: int) -> dict[str, Any]:
    """Write a folder of two customers without the first; return that one."""
    raw = raw_settings(urls)
    first, second = raw.pop("customers")
    raw["store"]["key"] = base64.b64encode(bytes(range(32))).decode()
    raw["gateway"]["listen"], raw["store"]["url"] = f"{HOST}:{port}", f"sqlite:///{folder / 'store.db'}"
    (folder / "customers").mkdir()
    write_toml(folder / "boardsync.toml", raw)
    write_toml(folder / "customers" / "second.toml", second)
    return dict(first)


async def is_closed(client: Client, job: str) -> bool:
    handle = client.get_workflow_handle(workflow_id("1234", job), result_type=Receipt)
    return (await handle.result()).phase is Phase.CLOSED


async def test_a_customer_is_added_and_a_broken_file_harms_nobody(
    tmp_path: Path,
    client: Client,
    temporal: str,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    job_ids: Iterator[str],
) -> None:
    port, again, file = free_port(), next(job_ids), tmp_path / "customers" / "first.toml"
    first = one_customer_less(tmp_path, sandbox_urls, port)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as http:
        running = Running(tmp_path, temporal, http, *await processes(tmp_path, temporal))
        try:
            assert await eventually(lambda: running.answer(job), bool) == 401
            write_toml(file, first)
            running.hurry()
            await eventually(lambda: running.answer(job), lambda status: status == 200)
            assert await is_closed(client, job)

            file.write_text("id = ")
            running.hurry()
            await eventually(running.shown, lambda text: "boardsync_configuration_broken 1.0" in text)
            assert await running.answer(job) == 200

            # Both start anew while the file is broken: the store has what was good last.
            await running.start_anew()
            await boards.add_job(again)
            assert await eventually(lambda: running.answer(again), bool) == 200
            assert await is_closed(client, again)
            shown = await running.shown()
            assert "boardsync_configuration_recalled 1.0" in shown
            assert "boardsync_configuration_left_out 0.0" in shown
        finally:
            await running.stop()


@pytest.mark.parametrize("command", [["worker.py"], ["-m", "webhook_gateway"]], ids=["worker", "gateway"])
async def test_a_start_from_a_folder_without_any_good_customer_is_one_line(tmp_path: Path, command: list[str]) -> None:
    raw = raw_settings(dict.fromkeys(("icims", "linkedin", "indeed"), f"http://{HOST}:1"))
    del raw["customers"]
    (tmp_path / "customers").mkdir()
    write_toml(tmp_path / "boardsync.toml", raw)
    (tmp_path / "customers" / "1.toml").write_text("[x")
    process = await spawn(
        python(*command), env={"PYTHONPATH": str(ROOT), "BOARDSYNC_CONFIG": str(tmp_path)}, stderr=PIPE
    )
    _, output = await process.communicate()
    assert process.returncode == 2
    assert output.decode().count("\n") == 1
    assert "no customer can be used" in output.decode()
