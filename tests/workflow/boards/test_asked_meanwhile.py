"""A person who asks to read again, in the moment in which an answer comes in that asks for a person, gets an answer."""

import asyncio
from datetime import datetime

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from models.boards import IndeedRecord
from models.problems import Category, Problem
from models.states import BoardState, Intent, Outcome
from models.timing import Timing
from workflows.boards.indeed.track import Indeed
from workflows.boards.job import Job, Stuck

QUEUE = "asked-meanwhile"
HIDDEN = Problem(category=Category.NOT_VISIBLE, reason="nobody finds it", remedy="look at it")


class Answered(Indeed):
    """Indeed answers that nobody finds the job; what is given by name comes in with the answer."""

    meanwhile = ""
    answers = 0

    async def _bring_up(self) -> Outcome | None:
        self.answers += 1
        if self.answers > 1:
            return Outcome.UPDATED
        self._update(submitted=True)
        match self.meanwhile:
            case "confirm":
                self.confirm()
            case "retry":
                self.retry()
            case "unposted":
                self.intend(Intent.UNPOSTED, workflow.now())
        raise Stuck(HIDDEN)

    async def _take_down(self) -> Outcome | None:
        return Outcome.CLEARED


@workflow.defn
class AskedMeanwhile:
    @workflow.run
    async def run(self, meanwhile: str) -> IndeedRecord:
        job = Job("1234", "1209", Timing(), changed=lambda: None)
        track = Answered(job, IndeedRecord(since=datetime.min.replace(tzinfo=workflow.now().tzinfo)), Intent.POSTED)
        track.meanwhile = meanwhile
        track.intend(Intent.POSTED, workflow.now())
        running = asyncio.create_task(track.run())
        await workflow.wait_condition(lambda: not track.busy)
        running.cancel()
        return track.view


@pytest.mark.parametrize(
    ("meanwhile", "state", "outcome"),
    [
        ("", BoardState.ATTENTION, None),
        ("confirm", BoardState.SETTLED, Outcome.UPDATED),
        ("retry", BoardState.SETTLED, Outcome.UPDATED),
        ("unposted", BoardState.SETTLED, Outcome.CLEARED),
    ],
)
async def test_what_is_asked_while_an_answer_comes_in_is_not_lost(
    client: Client, meanwhile: str, state: BoardState, outcome: Outcome | None
) -> None:
    async with Worker(
        client, task_queue=QUEUE, workflows=[AskedMeanwhile], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        record = await client.execute_workflow(
            AskedMeanwhile.run, meanwhile, id=f"{QUEUE}-{meanwhile or 'nothing'}", task_queue=QUEUE
        )
    assert (record.state, record.outcome) == (state, outcome)
