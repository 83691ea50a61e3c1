"""Gateway and worker, as processes, take up a changed configuration without a restart."""

import base64
import os
import signal
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

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


async def test_a_customer_is_added_and_a_broken_file_harms_nobody(
    tmp_path: Path,
    client: Client,
    temporal: str,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    job_ids: Iterator[str],
) -> None:
    port = free_port()
    raw = raw_settings(sandbox_urls)
    first, second = raw.pop("customers")
    again = next(job_ids)
    raw["store"]["key"] = base64.b64encode(bytes(range(32))).decode()
    raw["gateway"]["listen"], raw["store"]["url"] = f"{HOST}:{port}", f"sqlite:///{tmp_path / 'store.db'}"
    (tmp_path / "customers").mkdir()
    write_toml(tmp_path / "boardsync.toml", raw)
    write_toml(tmp_path / "customers" / "second.toml", second)
    auth = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
    env = {"BOARDSYNC_CONFIG": str(tmp_path), "TEMPORAL_ADDRESS": temporal, "PYTHONPATH": str(ROOT)}
    async with AsyncExitStack() as stack:
        gateway = await spawn(python("-m", "webhook_gateway"), env=env, stderr=PIPE)
        stack.push_async_callback(end, gateway)
        worker = await start_worker(temporal, tmp_path)
        stack.push_async_callback(end, worker)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False))

        async def answer() -> int:
            try:
                return (await http.post(PATH, json=unpost("1234", job), headers=auth)).status_code
            except httpx.TransportError:
                return 0

        async def answer_again() -> int:
            try:
                return (await http.post(PATH, json=unpost("1234", again), headers=auth)).status_code
            except httpx.TransportError:
                return 0

        assert await eventually(answer, bool) == 401
        write_toml(tmp_path / "customers" / "first.toml", first)
        for process in (gateway, worker):
            os.kill(process.pid, signal.SIGHUP)
        await eventually(answer, lambda status: status == 200)
        handle = client.get_workflow_handle(workflow_id("1234", job), result_type=Receipt)
        assert (await handle.result()).phase is Phase.CLOSED

        (tmp_path / "customers" / "first.toml").write_text("id = ")
        os.kill(gateway.pid, signal.SIGHUP)

        async def broken() -> bool:
            return "boardsync_configuration_broken 1.0" in (await http.get("/metrics")).text

        await eventually(broken, bool)
        assert await answer() == 200

        # Both start anew while the file is broken: the store has what was good last.
        for process in (gateway, worker):
            await end(process)
        gateway = await spawn(python("-m", "webhook_gateway"), env=env, stderr=PIPE)
        stack.push_async_callback(end, gateway)
        stack.push_async_callback(end, await start_worker(temporal, tmp_path))
        await boards.add_job(again)
        assert await eventually(answer_again, bool) == 200
        handle = client.get_workflow_handle(workflow_id("1234", again), result_type=Receipt)
        assert (await handle.result()).phase is Phase.CLOSED
        shown = (await http.get("/metrics")).text
        assert "boardsync_configuration_recalled 1.0" in shown
        assert "boardsync_configuration_left_out 0.0" in shown


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
