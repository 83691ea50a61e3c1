"""What an agency sets on a job at Indeed over the ATS's own data, Indeed's limits on it, and how each field stands."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from models.base import Model, Moment

TITLE_LIMIT = 75
COMPANY_LIMIT = 200
DESCRIPTION_SHORTEST = 30
TEXT_LIMIT = 20_000
HTML_LIMIT = 65_000
"""UTF-8 bytes."""
INT64_LIMIT = 2**63 - 1
PERIODS = ("HOUR", "DAY", "WEEK", "MONTH", "YEAR", "SHIFT", "TASK", "MILE")
"""What Job Sync documents; the update's own enum is not (docs/providers/indeed.md, Update)."""

Minor = Annotated[int, Field(strict=True)]
"""Minor units of the currency: cents for USD."""


Formatting = Literal["TEXT", "HTML"]


class Verdict(StrEnum):
    """What a read-back says of one field."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    CONTRADICTED = "contradicted"
    UNREADABLE = "unreadable"
    NOT_COMPARABLE = "not_comparable"
    """Indeed shows the field in a form that neither proves nor disproves it."""


THROUGH = frozenset({Verdict.CONFIRMED, Verdict.NOT_COMPARABLE})
"""Verdicts of a field with which nothing more is to be done."""


class OverlayLocation(Model):
    """Where the job is."""

    city_region_postal: str | None = None
    street_address: str | None = None


class OverlaySalary(Model):
    """What the job pays. Indeed clears a bound that is left out of a salary."""

    currency: str | None = None
    minimum_minor: Minor | None = None
    maximum_minor: Minor | None = None
    period: str | None = None


class Overlay(Model):
    """Fields of `updateSourcedJobPostings`; None means not set. It may hold what breaks a limit: see `violations`."""

    url: str | None = None
    campaign_categories: tuple[str, ...] | None = None
    tracking_url: str | None = None
    title: str | None = None
    description: str | None = None
    description_formatting: Formatting | None = None
    location: OverlayLocation | None = None
    salary: OverlaySalary | None = None
    company_name: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Name the fields that are set; a description's formatting belongs to the description."""
        return tuple(name for name in FIELDS if getattr(self, name) is not None)

    def only(self, names: Iterable[str]) -> "Overlay":
        """Return these fields alone; those that are not set stay so."""
        kept = {name: getattr(self, name) for name in names}
        if "description" in names:
            kept["description_formatting"] = self.description_formatting
        return Overlay(**kept)

    def over(self, base: "Overlay") -> "Overlay":
        """Lay this overlay over another one."""
        top = {name: value for name, value in self if value is not None}
        if self.description is not None:
            # The formatting of another text says nothing of this one.
            top["description_formatting"] = self.description_formatting
        return base.model_copy(update=top)


FIELDS = tuple(name for name in Overlay.model_fields if name != "description_formatting")


class WrittenField(Model):
    """A field that Indeed has accepted."""

    digest: str
    """Stands for the value: descriptions stay out of Temporal."""
    at: Moment
    """When it was accepted last."""

    def holds(self, digest: str, now: datetime, again_after: timedelta) -> bool:
        """Return whether this value was sent so short a time ago that Indeed may yet show it."""
        return self.digest == digest and now < self.at + again_after


Broken = tuple[str, str]
"""The path of a value that breaks a limit, such as `salary.period`, and what is allowed."""


def violations(overlay: Overlay) -> list[str]:
    """Name each limit that is broken, with the field and what is allowed; no value is repeated."""
    return [f"{path}: {words}" for path, words in _broken(overlay)]


def broken_fields(overlay: Overlay) -> frozenset[str]:
    """Return the fields that break a limit."""
    return frozenset(path.partition(".")[0] for path, _ in _broken(overlay))


def _broken(overlay: Overlay) -> Iterator[Broken]:
    yield from _addresses(overlay)
    yield from _texts(overlay)
    yield from _place_and_pay(overlay)


def _addresses(overlay: Overlay) -> Iterator[Broken]:
    for name in ("url", "tracking_url"):
        url = getattr(overlay, name)
        if url is not None and not _is_web_url(url):
            yield name, "must be a whole http or https address"
    categories = overlay.campaign_categories
    if categories is not None and not (categories and all(each.strip() for each in categories)):
        yield "campaign_categories", "at least one, and none empty"


def _texts(overlay: Overlay) -> Iterator[Broken]:
    for name, limit in (("title", TITLE_LIMIT), ("company_name", COMPANY_LIMIT)):
        text = getattr(overlay, name)
        if text is not None and not (text.strip() and len(text) <= limit):
            yield name, f"{len(text)} characters, 1 to {limit} are allowed"
    text = overlay.description
    if text is None:
        if overlay.description_formatting is not None:
            yield "description_formatting", "only together with a description"
        return
    if len(text) < DESCRIPTION_SHORTEST:
        yield "description", f"{len(text)} characters, at least {DESCRIPTION_SHORTEST} are needed"
    elif overlay.description_formatting == "HTML":
        size = len(text.encode(errors="replace"))
        if size > HTML_LIMIT:
            yield "description", f"{size} bytes of HTML, at most {HTML_LIMIT} are allowed"
    elif len(text) > TEXT_LIMIT:
        yield "description", f"{len(text)} characters of text, at most {TEXT_LIMIT} are allowed"


def _place_and_pay(overlay: Overlay) -> Iterator[Broken]:
    location, salary = overlay.location, overlay.salary
    if location is not None and not (location.city_region_postal or "").strip():
        yield "location.city_region_postal", "required with a location"
    if salary is None:
        return
    if salary.period not in PERIODS:
        yield "salary.period", f"required with a salary, one of {', '.join(PERIODS)}"
    if salary.currency is not None and not re.fullmatch(r"[A-Z]{3}", salary.currency):
        yield "salary.currency", "must be an ISO 4217 code such as USD"
    low, high = salary.minimum_minor, salary.maximum_minor
    for name, bound in (("minimum_minor", low), ("maximum_minor", high)):
        if bound is not None and not 0 <= bound <= INT64_LIMIT:
            yield f"salary.{name}", f"must be a whole number from 0 to {INT64_LIMIT}"
    if low is not None and high is not None and low > high:
        yield "salary.minimum_minor", "must not be above maximum_minor"


def _is_web_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False
