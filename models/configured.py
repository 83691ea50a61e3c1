"""What the configuration says of a customer's lifecycles; one that runs takes it up when it changes."""

import hashlib
from functools import lru_cache

from models.base import Model
from models.notice_types import JobNoticeType
from models.states import BoardName
from models.timing import Timing


class Configured(Model):
    """The part of the configuration that a lifecycle carries."""

    boards: tuple[BoardName, ...]
    timing: Timing
    report: bool
    """Changes of state are reported back to the ATS."""
    notify: bool
    """Others are told of the job."""
    notices: tuple[JobNoticeType, ...] | None = None
    """What they want to be told of it; None for everything."""

    @property
    def digest(self) -> str:
        """Return what tells it from any other."""
        return _digest(self)


@lru_cache(maxsize=1024)
def _digest(configured: Configured) -> str:
    return hashlib.sha256(configured.model_dump_json().encode()).hexdigest()[:12]
