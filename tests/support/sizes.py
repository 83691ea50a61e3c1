"""How much a test does: in the suite as much as shows a fault, and with `make test-long` many times that."""

import os

LONG = os.environ.get("BOARDSYNC_LONG") == "1"


def size(usual: int, long: int) -> int:
    """Return how many of something a test takes."""
    return long if LONG else usual
