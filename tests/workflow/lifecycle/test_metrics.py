"""How lifecycles end is counted: by customer, board, phase and outcome, and once where nothing has changed since."""

from collections.abc import Iterator

import httpx
import pytest
from temporalio.client import Client

from models.temporal import LIFECYCLES_ENDED
from runtime.connection import connect
from runtime.telemetry import sdk_runtime
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, send
from tests.support.linkedin import watching
from tests.support.processes import HOST, free_port
from tests.support.workers import running_workers
from tests.workflow.boards.linkedin.test_relisted import listed_again

PORT = free_port()


@pytest.fixture(scope="module")
async def measured(temporal: str) -> Client:
    return await connect(address=temporal, runtime=sdk_runtime(f"{HOST}:{PORT}"))


async def ends() -> dict[str, float]:
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.get(f"http://{HOST}:{PORT}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith(f"{LIFECYCLES_ENDED}_total{{")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_each_end_is_counted_once_and_a_false_alarm_is_none(
    measured: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    settings = watching(sandbox_urls)
    there, unknown = next(job_ids), next(job_ids)
    await boards.add_job(there)
    await boards.add_job(unknown, linkedin=False)
    async with running_workers(measured, settings):
        for job in (there, unknown):
            await (await send(measured, settings, job)).result()
        await (await listed_again(measured, settings, there)).result()
        seen = await eventually(ends, lambda seen: sum(seen.values()) >= 2)
    assert sum(seen.values()) == 2
    for phase, outcome in (("closed", "closed"), ("not_found", "not_found")):
        (count,) = [
            value
            for line, value in seen.items()
            if f'phase="{phase}"' in line and f'outcome="{outcome}"' in line and f'customer="{CUSTOMER}"' in line
        ]
        assert count == 1
        assert all('board="linkedin"' in line for line in seen)
