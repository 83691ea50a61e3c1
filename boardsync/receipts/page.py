"""Write a stored receipt as a page that somebody who knows nothing of Boardsync can read."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader

from models.receipts import StoredReceipt
from models.states import BoardName, Live, Outcome
from models.words import outcome_words
from store.checks import Check
from store.ledger.canonical import parsed

# A receipt of years ago may lack what later ones say.
_PAGES = Environment(loader=PackageLoader("boardsync.receipts"), autoescape=True)


def render(receipt: StoredReceipt, *, key: str | None, checks: Sequence[Check]) -> str:
    """Return the page; `key` is the public key, None where the receipt is under no signed checkpoint.

    Raises ValueError where the receipt's body is not there any more.
    """
    if receipt.body is None:
        raise ValueError("The receipt's body was removed after its time; only its hash is left.")
    said: Any = parsed(receipt.body)
    return _PAGES.get_template("receipt.html").render(
        receipt=receipt,
        said=said,
        boards=[_board(name, board) for name, board in said.get("boards", {}).items()],
        checks=checks,
        key=key,
        leaf_hash=receipt.leaf_hash.hex(),
    )


def _board(name: str, board: dict[str, Any]) -> dict[str, Any]:
    known = BoardName(name)
    outcome = board.get("outcome")
    live = board.get("live")
    words = outcome_words(
        known, None if outcome is None else Outcome(outcome), Live.UNKNOWN if live is None else Live(live)
    )
    return {**board, "label": known.label, "words": words}
