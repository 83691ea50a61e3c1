"""The fields that a command line sets."""

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



def test_fields_are_text_unless_they_are_said_to_be_json(tmp_path: Path) -> None:
    file = tmp_path / "fields.json"
    file.write_text('{"title": "of the file", "salary": {"currency": "USD"}}')
    assert read_fields(["title=a=b", "positions:=2", "empty="], file) == {
        "title": "a=b", "salary": {"currency": "USD"}, "positions": 2, "empty": "",
    }  # fmt: skip
    file.write_text("[1]")
    with pytest.raises(CommandFailed, match="holds no JSON object"):
        read_fields([], file)
