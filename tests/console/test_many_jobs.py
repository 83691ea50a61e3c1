"""What a page of the console costs does not grow with the jobs: of 2,000, no page reads them all.

Nothing is timed: `python -m benchmarks.console` tells how long each page takes.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from benchmarks.console import FIRST_JOB, begin, fill, keyed, pages
from boardsync.jobs.visibility import LIFECYCLES
from config.settings import Settings
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.console import console_client, with_console
from tests.support.counting import Work, counted
from tests.support.lifecycles import eventually, in_phase, send
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

MANY = 2_000
"""Many times more than any page may read; the benchmark has 10,000."""
PER_PAGE = {"Overview": (80, 2_100), "Runs": (20, 200)}
"""By page: how many calls to Temporal it may cost, and how many rows its lists may bring; all others ask for less."""
ELSE = (12, 1_200)
STATEMENTS, BYTES = 40, 100_000
WHOLE = ("Jobs now", "Time to close", "Steps on")
"""What the overview says once all is there."""


async def cost(client: Client, settings: Settings, path: str) -> tuple[Work, int]:
    """Look at a page once, by a console that knows nothing from before; return what it cost, and its length.

    The overview is counted from the console's start on, whichever page is looked at.
    """
    with counted(client) as work:
        async with console_client(client, settings) as console:
            await eventually(lambda: console.get("/"), lambda page: all(part in page.text for part in WHOLE))
            if path != "/":
                work.forget()
            reply = await console.get(path)
    assert reply.status_code == 200, (path, reply.text)
    return work, len(reply.content)


@pytest.mark.timeout(240)
async def test_no_page_does_more_for_more_jobs(
    sandbox_urls: dict[str, str], settings: Settings, boards: Boards, tmp_path: Path
) -> None:
    apart = settings.store.model_copy(update={"url": f"sqlite:///{tmp_path / 'store.db'}"})
    own, now = keyed(with_console(settings.model_copy(update={"store": apart}))), datetime.now(UTC)
    job = str(FIRST_JOB - 1)
    await boards.add_job(job)
    await fill(own, MANY, now)
    await begin(tmp_path / "temporal.db", MANY, now)
    async with running_temporal(database=tmp_path / "temporal.db") as address:
        client = await client_of(address)
        assert (await client.count_workflows(LIFECYCLES)).count == MANY
        # By a client of its own: what workers ask is no page's.
        async with running_workers(await client_of(address), own):
            await in_phase(await send(client, own, job, Intent.POSTED), Phase.OPEN)
            for name, path in pages(job).items():
                work, length = await cost(client, own, path)
                calls, rows = PER_PAGE.get(name, ELSE)
                said = (name, dict(work.calls), work.rows_asked, work.statements, length)
                assert sum(work.calls.values()) <= calls, said
                assert work.rows_asked <= rows, said
                assert work.statements <= STATEMENTS, said
                assert length <= BYTES, said
