"""Every wait in a lifecycle, as it is configured and as a lifecycle carries it."""

from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field

from models.base import Model

LONGEST = timedelta(days=36_600)
Wait = Annotated[timedelta, Field(gt=timedelta(0), le=LONGEST)]
"""A hundred years at most: a moment that far away is still one of the calendar, and Temporal takes it for a timer."""


class Timing(Model):
    """Every wait in a lifecycle."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    linkedin_task_after: Wait = timedelta(minutes=5)
    """First look at LinkedIn's task, which LinkedIn asks to leave for at least 5 minutes."""
    linkedin_check_every: Wait = timedelta(days=1)
    """How often a job that LinkedIn lists is read, in case a notification was lost."""
    indeed_check_every: Wait = timedelta(days=1)
    """How often a posted job is read at Indeed, in case that an edit dropped the agency's changes unseen."""
    confirm_first: Wait = timedelta(seconds=15)
    """Wait after a read-back that does not agree yet; it doubles up to `confirm_max`."""
    confirm_max: Wait = timedelta(minutes=15)
    """Longest wait between two tries."""
    confirm_within: Wait = timedelta(hours=24)
    """A board that still shows the job after this asks for a person."""
    attention_after: Wait = timedelta(hours=4)
    """A step that fails for this long asks for a person; it is tried on."""
    write_again_after: Wait = timedelta(minutes=15)
    """How long a field that Indeed has accepted and does not show is left alone before it is sent again."""
    report_every: Wait = timedelta(minutes=10)
    """A state that lasts less than this is not reported back to iCIMS; where all boards are done, that is at once."""
    probe_every: Wait = timedelta(minutes=1)
    """Jobs that wait for one cause, such as a refused secret: how often one of them tries whether it is over."""
    call_timeout: Wait = timedelta(minutes=1)
    """Longest try of a step, and so how soon it is taken up after a crash."""
