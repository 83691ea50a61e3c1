"""A newcomer's first hour, by the commands of the guides: demo, stack, a fault and its remedy, a customer, a proof.

The real processes in a checkout of its own. The guides of the sandbox and of operating follow, in the same stack.
"""

import asyncio
import os
import re
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.guides import Reader, blocks, checkout, moved
from tests.support.lifecycles import eventually
from tests.support.processes import end, free_port

pytestmark = pytest.mark.usefixtures("usual_ports")

STARTED = "docs/getting-started.md"
OWN_GATEWAY = "8081"
NOT_CLEARED = (
    "curl -s localhost:9100/faults -d "
    """'{"provider": "indeed", "operation": "clear", "kind": "http", "status": 503, "times": null}'"""
)
JOB = "1234/1209"


@asynccontextmanager
async def terminal(command: str, reader: Reader) -> AsyncIterator[tuple[Process, list[str]]]:
    """Keep a command running in another terminal; yield it, and the lines that it prints."""
    process = await asyncio.create_subprocess_exec(
        *command.split(), cwd=reader.folder, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    lines: list[str] = []

    async def read() -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            lines.append(line.decode())

    reading = asyncio.create_task(read())
    try:
        yield process, lines
    finally:
        await end(process, number=signal.SIGINT)
        await reading


async def said(lines: list[str]) -> str:
    return "".join(lines)


@pytest.mark.timeout(600, func_only=True)  # a minute on a quiet machine; the others' turn takes its own time
async def test_a_newcomers_hour(tmp_path: Path) -> None:
    reader = Reader(checkout(tmp_path / "boardsync"), {})
    (demo,) = blocks(STARTED, under="1.")
    shown = await reader.run(demo)
    assert "The gateway answered 200" in shown
    assert "job 1209: closed (LinkedIn settled, Indeed settled)" in shown
    assert "Receipt: job 1209 of customer 1234" in shown
    assert "NOT_LISTED" in shown
    assert re.search(
        r"Read back in [0-9.]+ s: Closed on LinkedIn: it no longer lists the job\. Our changes are off", shown
    )
    assert re.search(r"http://127\.0\.0\.1:\d+/namespaces/default/workflows/job-1234-1209", shown)

    dev, *play = blocks(STARTED, under="2.")
    async with terminal(dev, reader) as (_, lines):
        shown = await eventually(lambda: said(lines), lambda text: "In another terminal" in text, within=90)
        reader = Reader(reader.folder, {**moved(shown), OWN_GATEWAY: str(free_port())})
        assert "already running here" in await reader.run("make dev 2>&1 || true")
        await a_fault_and_its_remedy(reader, *play)
        await a_first_customer(reader)
        await the_sandbox_s_guide(reader)
        await the_guide_to_operating(reader)


async def a_fault_and_its_remedy(reader: Reader, fault: str, remedy: str, proof: str) -> None:
    assert '"userMessage"' in await reader.run(fault)
    async with httpx.AsyncClient(base_url=reader.meant("http://127.0.0.1:8085"), trust_env=False) as console:

        async def overview() -> str:
            return (await console.get("/")).text

        # The page is counted anew every few seconds.
        page = await eventually(overview, lambda text: "LinkedIn: No job slots are left" in text, within=60)
        assert "1 job waits for one cause" in page
        found = re.search(r'href="(/jobs\?customer=1234&amp;cause=linkedin\.slots)"', page)
        assert found is not None
        jobs = await console.get(found[1].replace("&amp;", "&"))
        assert f'href="/jobs/{JOB}"' in jobs.text
        assert "1 job." in jobs.text
        assert "LinkedIn needs a person" in (await console.get(f"/jobs/{JOB}")).text
    receipt = await reader.run(remedy)
    assert "slots bought" in receipt
    assert "NOT_LISTED" in receipt
    assert "Verified: receipt" in await reader.run(proof)


async def a_first_customer(reader: Reader) -> None:
    given, start, event = blocks(STARTED, under="3.")
    assert "linkedin-secret-4321" in await reader.run(given)
    (toml,) = blocks(STARTED, "toml", under="3.")
    (reader.folder / "my.toml").write_text(reader.meant(toml), encoding="utf-8")
    once_both_run = "until curl -sf 127.0.0.1:8081/readyz > /dev/null; do kill -0 %1 %2; sleep 0.2; done"
    shown = await reader.run("\n".join((start, once_both_run, event, "kill %1 %2", "wait")))
    assert "Follow it here: http://127.0.0.1:" in shown
    assert '"outcome":"closed"' in shown.replace(" ", "")
    assert '"outcome":"cleared"' in shown.replace(" ", "")
    assert '"listed":false' in shown.replace(" ", "")


async def the_sandbox_s_guide(reader: Reader) -> None:
    """Run all that it prints, but for the sandbox itself, which runs already."""
    first, *rest = blocks("docs/sandbox.md")
    assert first == "python -m sandbox\n"
    shown = await reader.run("\n".join(rest))
    assert "urn:li:simpleJobPostingTask" in shown
    assert "NOT_LISTED" in shown
    assert '"sourcedPostingId"' in shown


async def the_guide_to_operating(reader: Reader) -> None:
    """Signal a job that needs a person, close many, leave a client, by the command lines that the page prints."""
    fault = next(each for each in blocks(STARTED, under="2.") if "no slots" in each)
    await reader.run("curl -s -X POST localhost:9100/reset")
    await reader.run(fault)
    (reader.folder / "jobs.json").write_text('{"customer_id": "1234", "job_ids": ["1209"]}', encoding="utf-8")
    env = {
        "PATH": f"{reader.folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "BOARDSYNC_CONFIG": ".boardsync/dev.toml",
    }
    await reader.run("boardsync send unpost 1234/1209", **env)
    for block in blocks("docs/operating.md"):
        if "--name progress" in block:  # the run is to go on until it was paused and resumed
            await reader.run(NOT_CLEARED)
        for line in block.splitlines():
            await reader.run(f"{line}\n", **env)
            again = re.search(r"workflow start .* --workflow-id (bulk-close\S+)", line)
            if again is not None:
                await reader.run(f"temporal workflow result --workflow-id {again[1]}", **env)
        if "--name resume" in block:
            await reader.run("curl -s -X DELETE 127.0.0.1:9100/faults")
            assert "COMPLETED" in await reader.run("temporal workflow result --workflow-id offboarding-1234", **env)
