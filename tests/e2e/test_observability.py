"""What a real gateway and a real worker tell of themselves: the metrics of dashboard and alerts, and JSON logs."""

import asyncio
import json
import re
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from boardsync.local.processes import python
from tests.support.boards import Boards
from tests.support.gateway import basic
from tests.support.lifecycles import eventually, handle
from tests.support.metrics import alerts, dashboard_queries, metrics_of
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
        """Return every sample of every endpoint: metric, labels, value."""
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
        await eventually(lambda: all_answer(running.endpoints), bool)
        yield running


async def all_answer(endpoints: list[str]) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            return all([(await http.get(f"{endpoint}/metrics")).is_success for endpoint in endpoints])
    except httpx.HTTPError:
        return False


async def test_what_happened_is_counted_and_every_metric_of_the_files_exists(
    processes: Running, client: Client, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=429, headers={"Retry-After": "0"})
    await boards.fault("indeed", "clear", "http", status=500)
    before = await processes.scrape()
    unpost = {"eventType": "JobUnpostToWebEvent", "systemId": job}
    status = {"eventType": "WorkFlowStatusChangeEvent", "systemId": "1", "jobId": job, "personId": "2"}
    assert await processes.post(**unpost) == 200
    assert await processes.post(**unpost, unsigned="yes") == 401
    assert await processes.post(eventType="JobFrobbedEvent", systemId=job) == 400
    assert await processes.post(**status, newStatus="1", oldStatus="2") == 200
    await handle(client, job).result()
    after = await processes.scrape()

    def more(metric: str, **labels: str) -> float:
        def count(found: dict[str, dict[str, float]]) -> float:
            wanted = [f'{name}="{value}"' for name, value in labels.items()]
            return sum(value for text, value in found[metric].items() if all(each in text for each in wanted))

        return count(after) - count(before)

    events = "boardsync_webhook_events_total"
    assert more(events, sender="icims", type="unpost", result="accepted") == 1
    assert more(events, sender="icims", result="unauthorized") == 1
    assert more(events, sender="icims", result="refused") == 1
    assert more(events, sender="icims", type="status", result="ignored") == 1
    assert more("boardsync_provider_rate_limited_total", provider="LinkedIn") == 1
    calls = "boardsync_provider_calls_total"
    assert more(calls, provider="LinkedIn", operation="submit", result="rate_limited") == 1
    assert more(calls, provider="LinkedIn", operation="submit", result="ok") == 1
    assert more(calls, provider="Indeed", operation="clear", result="temporary") == 1
    for provider in ("iCIMS", "LinkedIn", "Indeed"):
        assert after["boardsync_tokens_fetched_total"][f'provider="{provider}"'] >= 1
    for board in ("linkedin", "indeed"):
        (count,) = [
            value for text, value in after["boardsync_close_seconds_count"].items() if f'board="{board}"' in text
        ]
        assert count >= 1  # more where a slow machine made Temporal repeat a task
    used = {name for query in [each["expr"] for each in alerts()] + dashboard_queries() for name in metrics_of(query)}
    assert used - set(after) == {"up"}  # Prometheus's own


async def test_each_line_is_json_and_says_what_it_is_about(
    processes: Running, client: Client, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=500)
    already = len(processes.lines)
    assert await processes.post(eventType="JobUnpostToWebEvent", systemId=job) == 200
    await handle(client, job).result()

    async def ours() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in processes.lines[already:]]
        return [line for line in lines if line.get("workflow_id") == f"job-1234-{job}"]

    # What the processes wrote is read a moment later.
    wanted = {"webhook_gateway.icims.handover", "temporalio.activity"}
    said = await eventually(ours, lambda lines: wanted <= {line["logger"] for line in lines})
    for line in map(json.loads, processes.lines):
        assert {"time", "level", "logger", "message"} <= set(line)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])
    (accepted,) = [line for line in said if line["logger"] == "webhook_gateway.icims.handover"]
    assert re.fullmatch(r"[0-9a-f]{32}", accepted["event_id"])
    failed = [line for line in said if line.get("activity_type") == "linkedin_close"]
    assert [line["attempt"] for line in failed] == [1]
    assert "secret" not in "\n".join(processes.lines)
