"""The query by which lifecycles are found."""

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

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_a_query_names_what_is_wanted_and_takes_closed_jobs_where_they_are_meant() -> None:
    assert job_query() == "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"
    both = "(ExecutionStatus = 'Running' OR ExecutionStatus = 'Completed')"
    assert both in job_query(closed=True)
    assert both in job_query(phase=Phase.CLOSED)
    query = job_query(
        customer="1", phase=Phase.ATTENTION, linkedin=BoardState.WORKING, indeed=BoardState.IDLE,
        attention=Category.CLAIMED, started_before=NOW, raw="JobId = '1' OR JobId = '2'",
    )  # fmt: skip
    assert query.endswith(
        "CustomerId = '1' AND Phase = 'attention' AND LinkedInState = 'working' AND IndeedState = 'idle' "
        "AND Attention = 'claimed' AND StartTime < '2026-11-24T10:00:00+00:00' AND (JobId = '1' OR JobId = '2')"
    )
