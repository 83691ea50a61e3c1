"""How much a lifecycle keeps of what people send: its whole state is queried, shown and carried over."""

from models.boards import Boards
from models.events import UpdateAction
from models.overlay import Overlay

BY_HAND_LIMIT = 72_000
"""Bytes of all that is set on Indeed by hand: the longest description that Indeed takes, and the other fields."""


def too_much_by_hand(boards: Boards, change: UpdateAction) -> str | None:
    """Return why a change by hand is not taken, as the lifecycle would keep too much; None where it is."""
    kept = [] if boards.indeed is None else [boards.indeed.overrides, boards.indeed.taken_back]
    size = sum(_bytes(each) for each in [*kept, change.fields] if each is not None)
    if size <= BY_HAND_LIMIT:
        return None
    return (
        f"what is set by hand would come to {size:,} bytes, and at most {BY_HAND_LIMIT:,} are taken. Send less, or "
        "take fields back by null first"
    )


def _bytes(overlay: Overlay) -> int:
    return len(overlay.model_dump_json(exclude_none=True).encode())
