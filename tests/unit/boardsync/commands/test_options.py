"""What the options of the command line mean."""

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



def test_a_time_is_how_long_ago_or_a_date() -> None:
    assert abs(datetime.now(UTC) - ago("2d") - timedelta(days=2)) < timedelta(minutes=1)
    assert ago("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert ago("2026-11-01T12:00:00+02:00") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    for wrong in ("soon", "", "-2d", "99999999999d"):
        with pytest.raises(CommandFailed, match="is no time"):
            ago(wrong)
