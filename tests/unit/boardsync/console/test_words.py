"""The console has words for all that the code knows by name."""

from boardsync.console.runs import STATES
from boardsync.console.words import BOARD_STATES, CATEGORIES, PHASES
from models.problems import Category
from models.states import BoardState, Phase


def test_everything_has_words() -> None:
    assert set(PHASES) == set(Phase)
    assert set(BOARD_STATES) == set(BoardState)
    assert set(CATEGORIES) == set(Category)
    assert all(state.words and state.tone for state in STATES.values())
