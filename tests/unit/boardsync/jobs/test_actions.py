"""How a command that acts on jobs ends."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from boardsync.commands.acting import read_fields
from boardsync.commands.options import ago
from boardsync.exits import CommandFailed, ExitCode
from boardsync.jobs.actions import Result, Sending, exit_code
from boardsync.jobs.dossier import Step
from boardsync.jobs.references import JobRef, read_jobs, read_list, read_one
from boardsync.jobs.signal_sentences import signal_in_words
from boardsync.jobs.timeline import Moment, timeline
from boardsync.jobs.views import age, counts_line, timeline_view
from boardsync.jobs.visibility import job_query
from boardsync.jobs.waiting import JobState, judge
from models.lifecycle import Attention, Boards, BoardState, Lifecycle, LinkedInRecord, Outcome, Phase
from models.problems import Category



def result(sending: Sending = Sending.SENT, *, settled: bool | None = None, problem: str | None = None) -> Result:
    standing = None if settled is None else JobState(phase=Phase.OPEN, settled=settled, said="")
    return Result(job="1/2", workflow_id="job-1-2", sending=sending, problem=problem, standing=standing)


def test_the_exit_code_tells_all_some_or_none() -> None:
    failed = result(Sending.FAILED, problem="no lifecycle")
    assert exit_code([result(), result()], waited=False) is ExitCode.DONE
    assert exit_code([result(), failed], waited=False) is ExitCode.NOT_DONE
    assert exit_code([failed, failed], waited=False) is ExitCode.FAILED
    assert exit_code([result(settled=True)], waited=True) is ExitCode.DONE
    assert exit_code([result(settled=True), result(settled=False)], waited=True) is ExitCode.NOT_DONE
    assert exit_code([result(settled=True), result()], waited=True) is ExitCode.NOT_DONE
