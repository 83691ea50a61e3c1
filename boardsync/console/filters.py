"""Which jobs a person looks for, from the address of a page to a visibility query. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from boardsync.exits import CommandFailed
from boardsync.jobs.references import JobRef, read_one
from boardsync.jobs.visibility import ANY_RUNNING, COMPLETED, LIFECYCLES
from models.base import Model, is_id
from models.problems import Category
from models.states import HIDDEN, BoardName, BoardState, JobStatus, Phase
from models.temporal import (
    ATTENTION,
    BOARD_STATE,
    CUSTOMER_ID,
    INDEED_HIDDEN,
    JOB_ID,
    JOB_TITLE,
    PHASE,
    STOPPED_STATUS,
    UNSETTLED_SINCE,
    WAITS_FOR,
)

LONGEST_TEXT = 200
_NOT_QUOTED = frozenset("'\"\\`%_")
"""Signs that visibility reads as more than themselves."""
_CAUSE = re.compile(r"[a-z][a-z0-9_]{0,40}\.[a-z][a-z0-9_]{0,40}", re.ASCII)
"""Whose, and what: `linkedin.credentials`."""


class Which(StrEnum):
    """Which lifecycles."""

    OPEN = "open"
    CLOSED = "closed"
    STOPPED = "stopped"
    ALL = "all"


STATUS: Mapping[Which, str] = {
    Which.OPEN: ANY_RUNNING,
    Which.CLOSED: COMPLETED,
    Which.STOPPED: STOPPED_STATUS,
    # A run that continued as new is not a job's end: the next run stands for it.
    Which.ALL: f"({ANY_RUNNING} OR {COMPLETED} OR {STOPPED_STATUS})",
}
AGES: Mapping[str, timedelta] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}


class Wanted(Model):
    """What a person looks for."""

    q: str = ""
    which: Which = Which.OPEN
    customer: str | None = None
    phase: Phase | None = None
    linkedin: BoardState | None = None
    indeed: BoardState | None = None
    attention: Category | None = None
    cause: str | None = None
    """What many jobs of a customer wait for alike, such as `linkedin.credentials`."""
    hidden: JobStatus | None = None
    """It is posted, and stands so at Indeed that nobody finds it."""
    unsettled: str | None = None
    """The boards have not been as wanted for longer than this, by its name in `AGES`."""
    began: str | None = None
    """The lifecycle began longer ago than this."""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Wanted":
        """Read an address; what is not understood is left out."""
        choices: dict[str, Any] = {
            "which": {each.value for each in Which},
            "phase": {each.value for each in Phase},
            "attention": {each.value for each in Category},
            "hidden": {each.value for each in HIDDEN},
            "unsettled": set(AGES),
            "began": set(AGES),
        } | {board.value: {each.value for each in BoardState} for board in BoardName}
        found = {key: said[key] for key, values in choices.items() if said.get(key) in values}
        customer = said.get("customer", "")
        if is_id(customer):
            found["customer"] = customer
        if _CAUSE.fullmatch(said.get("cause", "")):
            found["cause"] = said["cause"]
        text = " ".join("".join(each for each in said.get("q", "") if each.isprintable()).split())
        return cls.model_validate({**found, "q": text[:LONGEST_TEXT]})

    @property
    def job(self) -> JobRef | None:
        """Return the one job that the text names by customer and id."""
        try:
            return read_one(self.q.split())
        except CommandFailed:
            return None

    @property
    def job_id(self) -> str | None:
        """Return the id that the text is, as far as it may be one."""
        return self.q if is_id(self.q) else None

    def address(self, path: str, **more: str) -> str:
        """Write the address that asks for this."""
        said = {key: str(value) for key, value in self.model_dump(mode="json").items() if value}
        if self.which is Which.OPEN:
            said.pop("which", None)
        words = urlencode({**said, **more})
        return f"{path}?{words}" if words else path


def visibility_query(wanted: Wanted, named: Sequence[str], *, now: datetime) -> str:
    """Write the query; `named` are the workflow ids that the text was found to mean."""
    pairs = (
        (CUSTOMER_ID.name, wanted.customer),
        (PHASE.name, wanted.phase),
        (BOARD_STATE[BoardName.LINKEDIN].name, wanted.linkedin),
        (BOARD_STATE[BoardName.INDEED].name, wanted.indeed),
        (ATTENTION.name, wanted.attention),
        (WAITS_FOR.name, wanted.cause),
        (INDEED_HIDDEN.name, wanted.hidden),
    )
    parts = [LIFECYCLES, STATUS[wanted.which]]
    parts += [f"{name} = '{value}'" for name, value in pairs if value is not None]
    ages = ((UNSETTLED_SINCE.name, wanted.unsettled), ("StartTime", wanted.began))
    parts += [f"{name} < '{(now - AGES[age]).isoformat()}'" for name, age in ages if age is not None]
    if wanted.q:
        parts.append(_text(wanted, named))
    return " AND ".join(parts)


def _text(wanted: Wanted, named: Sequence[str]) -> str:
    ids = [wanted.job.workflow_id] if wanted.job is not None else list(named)
    either = [f"WorkflowId IN ({', '.join(map(_quoted, ids))})"] if ids else []
    if wanted.job_id is not None:
        either.append(f"{JOB_ID.name} = '{wanted.job_id}'")
    elif wanted.job is None and not set(wanted.q) & _NOT_QUOTED:
        # As written: visibility knows no other case. The job index, which does, knows a title once it was stored.
        either.append(f"{JOB_TITLE.name} STARTS_WITH '{wanted.q}'")
    # A text that nothing is called finds nothing.
    return f"({' OR '.join(either)})" if either else f"{JOB_ID.name} = 'none'"


def _quoted(text: str) -> str:
    """Write a text as visibility reads it; ids of the index are digits, whatever else somebody wrote there."""
    return "'" + "".join(each for each in text if each.isalnum() or each == "-") + "'"
