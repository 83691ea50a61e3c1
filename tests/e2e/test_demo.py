"""`make demo` whose job does not close; that it does is seen by who follows the guide (test_newcomer.py)."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT

import pytest

from boardsync.local.processes import python
from tests.support.processes import spawn

FAILING = (
    "import boardsync.local.demo as demo; demo.CLOSED_WITHIN = 0.0; from boardsync.__main__ import app; app(['demo'])"
)


async def output_of(*command: str) -> tuple[int, str]:
    process = await spawn(python(*command), stdout=PIPE, stderr=STDOUT)
    output, _ = await asyncio.wait_for(process.communicate(), 180)
    assert process.returncode is not None
    return process.returncode, output.decode()


@pytest.mark.usefixtures("usual_ports")
@pytest.mark.timeout(200, func_only=True)  # the others' turn takes its own time
async def test_a_demo_whose_job_does_not_close_exits_1_and_says_so() -> None:
    code, text = await output_of("-c", FAILING)
    assert code == 1
    assert "did not close within" in text
