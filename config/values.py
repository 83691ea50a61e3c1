"""The kinds of value that settings are made of."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

YEAR = 366
"""Days of a year as a duration: what the law has kept for years is never removed a day too early."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "y": YEAR * 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|y)")


def parse_duration(value: object) -> object:
    """Return a duration written as "15s".

    Raises ValueError for anything else.
    """
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('expected a duration such as "500ms", "15s", "5m", "24h", "1d" or "3y"')
    try:
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError:
        raise ValueError("expected a shorter duration") from None


Duration = Annotated[timedelta, BeforeValidator(parse_duration), Field(gt=timedelta(0))]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Secret = Annotated[SecretStr, Field(min_length=1)]


def _a_port_that_exists(listen: str) -> str:
    if int(listen.rpartition(":")[2]) > 65535:
        raise ValueError("expected a port up to 65535")
    return listen


Listen = Annotated[str, StringConstraints(pattern=r"^[^\s]+:[0-9]{1,5}$"), AfterValidator(_a_port_that_exists)]


def host_and_port(listen: str) -> tuple[str, int]:
    """Take an address to listen on apart."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


JOB_NUMBER, PORTAL_HOST = "{job_number}", "{portal_host}"
"""Placeholders of addresses alone: the job's number, and the host of the career portal that the ATS's event named."""


def fill(
    template: str, *, customer_id: str, job_id: str, job_number: str | None = None, portal_host: str | None = None
) -> str:
    """Fill a configured template with a job's ids; in addresses also with its number and its portal's host.

    A number goes into an address as it is, but for what would change the address.
    """
    filled = template.replace("{customer_id}", customer_id).replace("{job_id}", job_id)
    if job_number is not None:
        filled = filled.replace(JOB_NUMBER, quote(job_number, safe=""))
    return filled.replace(PORTAL_HOST, portal_host or f"jobs-{customer_id}.icims.com")


def job_id_in(text: str, template: str, *, customer_id: str) -> str | None:
    """Return the job whose id, filled into a template with its customer's, gives a text; None where none does."""
    found = _filled(template, customer_id).fullmatch(text)
    return found["job"] if found is not None else None


@lru_cache(maxsize=4096)
def _filled(template: str, customer_id: str) -> re.Pattern[str]:
    if "{job_id}" not in template:
        return re.compile(r"(?P<job>(?!))")
    parts = [re.escape(part.replace("{customer_id}", customer_id)) for part in template.split("{job_id}")]
    return re.compile("(?P=job)".join(["(?P<job>[0-9]{1,20})".join(parts[:2]), *parts[2:]]))


class Section(BaseModel):
    """A frozen section of the file; an unknown key is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
