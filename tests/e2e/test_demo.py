"""`make demo` without a terminal: the whole product as processes, once."""

import asyncio
import re
from asyncio.subprocess import PIPE, STDOUT

import pytest

from boardsync.local.processes import python
from tests.support.processes import spawn

# Both files of tests use the usual ports.
pytestmark = pytest.mark.usefixtures("usual_ports")

FAILING = (
    "import boardsync.local.demo as demo; demo.CLOSED_WITHIN = 0.0; from boardsync.__main__ import app; app(['demo'])"
)


async def output_of(*command: str) -> tuple[int, str]:
    process = await spawn(python(*command), stdout=PIPE, stderr=STDOUT)
    output, _ = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.mark.timeout(120)
async def test_the_demo_closes_the_job_prints_the_receipt_and_exits_0() -> None:
    code, text = await output_of("-m", "boardsync", "demo")
    assert code == 0, text
    assert "The gateway answered 200" in text
    assert "job 1209: closed (LinkedIn settled, Indeed settled)" in text
    assert "Receipt: job 1209 of customer 1234" in text
    assert "NOT_LISTED" in text
    assert re.search(
        r"Read back in [0-9.]+ s: Closed on LinkedIn: it no longer lists the job\. Our changes are off", text
    )
    assert re.search(r"http://127\.0\.0\.1:\d+/namespaces/default/workflows/job-1234-1209", text)


@pytest.mark.timeout(120)
async def test_a_demo_whose_job_does_not_close_exits_1_and_says_so() -> None:
    code, text = await output_of("-c", FAILING)
    assert code == 1
    assert "did not close within" in text
