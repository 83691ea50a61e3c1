"""Which field of an iCIMS profile holds what, as it is configured and as it is asked for."""

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from models.base import Model

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]+$")]


class IcimsFields(Model):
    """Which profile field holds what: tenants differ. iCIMS writes field names in lowercase."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    title: FieldName = "jobtitle"
    """The job's title."""
    location: FieldName = "joblocation"
    """The job's location."""
    overview: FieldName = "overview"
    """First part of the description."""
    responsibilities: FieldName = "responsibilities"
    """Second part of the description."""
    qualifications: FieldName = "qualifications"
    """Third part of the description."""
    positions: FieldName = "numberofpositions"
    """How many positions are to be filled."""
    company: FieldName | None = None
    """Tenants keep the company's name in a field of their own; needed only to push it to Indeed."""
