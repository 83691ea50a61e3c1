"""A signal in words."""

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



@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("retry", None, "Somebody sent `retry`."),
        ("retry", "Ana", "Ana sent `retry`."),
        ("close", {"by": "Ana", "reason": "filled"}, "Ana sent `close`: filled"),
        ("update", {"by": "Ana", "fields": {"title": "x", "salary": 1}}, "Ana sent `update` of title, salary."),
        ("update", {"fields": ["a"]}, "Somebody sent `update`."),
        ("ats_event", {"event_type": "E", "intent": "posted", "edited": True}, "iCIMS edited the posting (E)."),
        ("ats_event", {"event_type": "E", "hire": {"filled": False}}, "iCIMS took a hire back (E)."),
        ("ats_event", [], "iCIMS sent an event (event of unknown type)."),
        (
            "linkedin_status",
            {"listing": {"status": "NOT_LISTED", "name": "MEMBER_REPORTED"}, "apply": None},
            "LinkedIn notified: listing NOT_LISTED (MEMBER_REPORTED).",
        ),
        ("linkedin_resync", {}, "LinkedIn asked for the job to be sent again."),
        ("indeed_changed", {}, "Indeed said that the job changed."),
        ("frobnicate", {"by": "x"}, "The signal frobnicate came."),
    ],
)
def test_a_signal_is_told_whatever_came_with_it(name: str, said: object, words: str) -> None:
    assert signal_in_words(name, said) == words
