"""What an agency has set over the ATS's posting."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from sandbox.content import Salary


class GeneralLocation(BaseModel):
    """A location as an update gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cityRegionPostal: str  # noqa: N815 (the fields of an overlay are spelled as in Indeed's inputs)
    streetAddress: str | None = None  # noqa: N815


class Overlay(BaseModel):
    """The fields an agency has set over the ATS's posting; None leaves the ATS's value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    campaignCategories: tuple[str, ...] | None = None  # noqa: N815
    trackingUrl: str | None = None  # noqa: N815
    title: str | None = None
    description: str | None = None
    descriptionFormatting: Literal["TEXT", "HTML"] | None = None  # noqa: N815
    jobLocation: GeneralLocation | None = None  # noqa: N815
    salary: Salary | None = None
    companyName: str | None = None  # noqa: N815

    def with_fields(self, fields: dict[str, Any]) -> "Overlay":
        """Return a copy with these fields set."""
        return Overlay.model_validate({**self.model_dump(), **fields})

    def as_json(self) -> dict[str, Any]:
        """Return the fields that are set."""
        return self.model_dump(mode="json", exclude_none=True)


NO_OVERLAY = Overlay()
