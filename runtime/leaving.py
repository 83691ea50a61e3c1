"""How a process ends once the Temporal SDK was used."""

import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: object = 0) -> NoReturn:
    """End the process at once with an exit code, all that was said being written; other than a number is a failure.

    The SDK's threads outlive its calls, and now and then hang or abort (SIGABRT) the interpreter's own exit
    (temporalio 1.35): a clean stop would look like a crash.
    """
    logging.shutdown()
    with suppress(BrokenPipeError):  # as in `boardsync jobs | head`
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)
