"""Logging: one line a record, on standard error."""

import logging
import os
import time

LEVEL_VARIABLE = "BOARDSYNC_LOG_LEVEL"


def configure_logging() -> None:
    """Log to standard error in UTC, at the level `BOARDSYNC_LOG_LEVEL` names (INFO)."""
    formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=os.environ.get(LEVEL_VARIABLE, "INFO").upper(), handlers=[handler], force=True)
    # httpx logs whole addresses: they name customers' jobs, and are of no use to an operator.
    logging.getLogger("httpx").setLevel(logging.WARNING)
