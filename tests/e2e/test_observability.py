"""What a real gateway and a real worker tell of themselves: the metrics of dashboard and alerts, and JSON logs."""

import asyncio
import re
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from boardsync.processes import python
from tests.support.boards import Boards
from tests.support.gateway import basic
from tests.support.lifecycles import eventually, handle
from tests.support.processes import HOST, ROOT, end, free_port, spawn
from tests.support.settings import raw_settings, write_toml

AUTH = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
METRIC = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\})? (\S+)")


@dataclass
class Running:
    """The processes, where they are scraped, and what they logged."""

    gateway: str
    endpoints: list[str]
    lines: list[str] = field(default_factory=list)

    async def post(self, **event: str) -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            headers = {} if "unsigned" in event else AUTH
            body = {"customerId": "1234", "userId": "121", **event}
            return (await http.post(f"{self.gateway}/webhooks/icims", json=body, headers=headers)).status_code

    async def scrape(self) -> dict[str, dict[str, float]]:
        """Give every sample of every endpoint: metric, labels, value."""
        found: dict[str, dict[str, float]] = {}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            for endpoint in self.endpoints:
                text = (await http.get(f"{endpoint}/metrics")).raise_for_status().text
                for line in text.splitlines():
                    if declared := re.match(r"# TYPE (\S+) ", line):
                        found.setdefault(declared[1], {})
                    elif sample := METRIC.match(line):
                        found.setdefault(sample[1], {})[sample[2] or ""] = float(sample[3])
        return found

    async def read(self, process: Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self.lines.append(line.decode().rstrip())


@pytest.fixture(scope="module")
async def processes(
    temporal: str, sandbox_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    ports = [free_port() for _ in range(3)]
    raw = raw_settings(sandbox_urls)
    raw["gateway"]["listen"] = f"{HOST}:{ports[0]}"
    raw["worker"] = {"metrics_listen": f"{HOST}:{ports[1]}", "sdk_metrics_listen": f"{HOST}:{ports[2]}"}
    raw["customers"][0]["closing_statuses"] = ["9782"]
    config: Path = tmp_path_factory.mktemp("observability") / "boardsync.toml"
    write_toml(config, raw)
    env = {"PYTHONPATH": str(ROOT), "BOARDSYNC_CONFIG": str(config), "TEMPORAL_ADDRESS": temporal}
    env["BOARDSYNC_LOG_FORMAT"] = "json"
    running = Running(gateway=f"http://{HOST}:{ports[0]}", endpoints=[f"http://{HOST}:{port}" for port in ports])
    async with AsyncExitStack() as stack:
        for command in (["worker.py"], ["-m", "webhook_gateway"]):
            process = await spawn(python(*command), env=env, stderr=PIPE)
            stack.push_async_callback(end, process)
            reader = asyncio.create_task(running.read(process))
            stack.callback(reader.cancel)
        await eventually(lambda: answers(running.gateway), bool)
        yield running


async def answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(f"{url}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
async def scraped(processes: Running, client: Client, boards: Boards, job: str) -> dict[str, dict[str, float]]:
    await boards.fault("linkedin", "submit", "http", status=429, headers={"Retry-After": "0"})
    assert await processes.post(eventType="JobUnpostToWebEvent", systemId=job) == 200
    await handle(client, job).result()
    return await processes.scrape()
