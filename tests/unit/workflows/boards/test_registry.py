"""Every board is everywhere where boards are named: what docs/extending.md lists, one check for each line."""

import inspect
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from unittest.mock import Mock

import pytest

from activities.providers import Providers
from activities.stored import Stored
from boardsync.commands.reading import jobs
from boardsync.jobs.visibility import JobRow
from config.customers import Customer
from models.boards import BoardRecord, Boards
from models.states import BoardName
from models.temporal import BOARD_STATE, SEARCH_ATTRIBUTES
from models.words import NOTES, TAKEN_OFF
from tests.support.settings import sandbox_settings
from worker import queue_activities
from workflows.boards.registry import TRACKS, board_of, first_records
from workflows.lifecycle.job_posting import JobPosting

ROOT = Path(__file__).resolve().parents[4]
boards = pytest.mark.parametrize("board", list(BoardName))


@boards
def test_a_board_has_a_label_and_a_record_of_its_own(board: BoardName) -> None:
    assert board.label.lower() == board.value
    kinds = [kind for kind in get_args(Boards.model_fields[board.value].annotation) if kind is not type(None)]
    assert kinds == [TRACKS[board].record]
    assert issubclass(TRACKS[board].record, BoardRecord)
    assert TRACKS[board].record in NOTES
    assert board.label in TAKEN_OFF[board]


def test_there_is_nothing_in_boards_but_boards() -> None:
    assert set(Boards.model_fields) == {board.value for board in BoardName}
    assert set(TRACKS) == set(BoardName)
    assert len({track.record for track in TRACKS.values()}) == len(BoardName)


@boards
def test_a_board_is_found_by_its_state(board: BoardName) -> None:
    assert BOARD_STATE[board] in SEARCH_ATTRIBUTES
    assert BOARD_STATE[board].name == f"{board.label}State"


@boards
def test_a_boards_own_signals_have_handlers_and_lead_to_it(board: BoardName) -> None:
    handled = {
        definition.name
        for _, member in inspect.getmembers(JobPosting)
        if (definition := getattr(member, "__temporal_signal_definition", None)) is not None
    }
    assert handled >= TRACKS[board].own_signals
    assert {board_of(signal) for signal in TRACKS[board].own_signals} == {board}


@boards
def test_a_customer_can_configure_a_board(board: BoardName) -> None:
    assert board.value in Customer.model_fields


@boards
async def test_a_board_has_activities_and_the_worker_runs_them(board: BoardName) -> None:
    settings = sandbox_settings(dict.fromkeys(("icims", "linkedin", "indeed"), "https://boards.example"))
    async with Stored(settings) as stored:
        run = queue_activities(Mock(), Providers(settings, Mock(), stored=stored))
    modules = {each.__module__ for several in run.values() for each in several}
    assert any(module.startswith(f"activities.{board.value}.") for module in modules)


@boards
def test_the_command_line_shows_a_board_and_finds_jobs_by_it(board: BoardName) -> None:
    assert board.value in JobRow.model_fields
    assert board.value in inspect.signature(jobs).parameters


@boards
def test_import_linter_guards_a_boards_packages(board: BoardName) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    independent = [
        module
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "independence"
        for module in contract["modules"]
    ]
    assert {f"clients.{board.value}", f"activities.{board.value}"} <= set(independent)


@boards
def test_a_board_begins_with_nothing_known(board: BoardName) -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert [name for name, _ in first_records([board], now).used] == [board]
