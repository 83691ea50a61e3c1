"""The console has words for all that the code knows by name."""

import re

from boardsync.console.runs import STATES
from boardsync.console.words import BOARD_STATES, CATEGORIES, CAUSES, PHASES
from models.problems import Category
from models.states import BoardState, Phase
from tests.support.processes import ROOT


def test_everything_has_words() -> None:
    assert set(PHASES) == set(Phase)
    assert set(BOARD_STATES) == set(BoardState)
    assert set(CATEGORIES) == set(Category)
    assert all(state.words and state.tone for state in STATES.values())


def test_every_cause_has_words() -> None:
    folders = (ROOT / each for each in ("activities", "clients", "models"))
    sources = (path.read_text() for folder in folders for path in folder.rglob("*.py"))
    causes = {found for source in sources for found in re.findall(r'(?:cause=|MIGRATION = )"([a-z_.]+)"', source)}
    assert {"slots", "linkedin.migration", "linkedin.workplace_type"} <= causes
    whats = {each.rpartition(".")[2] for each in causes}
    assert {each for each in whats if each not in CAUSES and each not in set(Category)} == set()
