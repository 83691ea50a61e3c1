"""What a job says, whichever provider shows it."""

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

_PLACE = re.compile(r"(?P<city>[^,]+?)(?:\s*,\s*(?P<state>[^,\d]+?))?(?:[\s,]+(?P<zip>[\w-]*\d[\w-]*(?: \d\w\w)?))?")

SalaryPeriod = Literal["HOUR", "DAY", "WEEK", "MONTH", "YEAR"]


class Location(BaseModel):
    """An address; the text ``"San Francisco, CA 94103"`` will do too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    street: str = ""
    city: str
    state: str = ""
    zip: str = ""
    country: str = "US"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = _PLACE.fullmatch(value.strip())
        if parts is None:
            return {"city": value.strip()}
        return {name: text or "" for name, text in parts.groupdict().items()}

    @property
    def text(self) -> str:
        """Return it in one line, as ``city, state zip``."""
        return ", ".join(part for part in (self.city, f"{self.state} {self.zip}".strip()) if part)


class Salary(BaseModel):
    """A pay range in minor units of the currency (cents for USD)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str | None = "USD"
    minimumMinor: int | None = None  # noqa: N815 (Indeed's own spelling, kept in the control API)
    maximumMinor: int | None = None  # noqa: N815
    period: SalaryPeriod


class JobContent(BaseModel):
    """A job as its customer wrote it in the ATS."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = "Registered Nurse"
    overview: str = (
        "<p>We are a 300-bed community hospital with a calm, well staffed team. You will care for adult patients "
        "before and after surgery, and plan their way home with them.</p>"
    )
    responsibilities: str = (
        "<ul><li>Assess patients and keep their records current.</li>"
        "<li>Give medication and explain it to patients and families.</li></ul>"
    )
    qualifications: str = (
        "<p>A current state licence and one year of hospital experience. BLS is required, ACLS is welcome.</p>"
    )
    company: str = "Example Health"
    location: Location = Location(street="1001 Potrero Ave", city="San Francisco", state="CA", zip="94110")
    salary: Salary | None = Salary(minimumMinor=5200, maximumMinor=6800, period="HOUR")
    positions: int = Field(default=1, ge=1)
    position_type: str = "Full-Time"

    @property
    def description(self) -> str:
        """Return the whole text, as the ATS feeds it to job boards."""
        return f"{self.overview}{self.responsibilities}{self.qualifications}"


def is_web_url(text: str) -> bool:
    """Return whether the text is a whole http or https URL."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.netloc) and not re.search(r"\s", text)
