"""Rules by which jobs of one customer are treated differently: by what a field of their iCIMS profile says."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, model_validator

from config.values import Secret, Section, Text
from models.icims_fields import FieldName
from models.texts import folded

ApplyUrl = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Organization = Annotated[str, StringConstraints(pattern=r"^urn:li:organization:[0-9]+$")]
Contract = Annotated[str, StringConstraints(pattern=r"^urn:li:contract:[0-9]+$")]
ListingType = Literal["PREMIUM", "BASIC"]
WorkplaceType = Literal["on-site", "hybrid", "remote"]
CloseWhen = Literal["first_hire", "all_positions_filled"]

Said = Mapping[str, tuple[str, ...]]
"""What iCIMS says in each field that rules ask for: texts, names and ids; a field that it does not show is missing."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Condition(Section):
    """Whether a rule is for a job: what one field of its iCIMS profile says."""

    field: FieldName
    """The field's name in iCIMS, in lowercase."""
    value: Annotated[tuple[Text, ...], BeforeValidator(_listed, json_schema_input_type=Text | tuple[Text, ...])] = ()
    """One of these, upper and lower case alike; a name or an id where the field has both. Without any: not empty."""

    def holds(self, said: Said) -> bool:
        """Return whether it holds for what iCIMS says of a job."""
        found = {folded(each) for each in said.get(self.field, ())}
        return bool(found & {folded(each) for each in self.value}) if self.value else bool(found)

    def is_known(self, said: Said) -> bool:
        """Return whether what iCIMS says tells if it holds: an empty field and a hidden one look alike."""
        return self.field in said


class LinkedInRule(Section):
    """How some jobs are listed at LinkedIn; of each key the first rule that holds and sets it counts."""

    when: Condition
    listing_type: ListingType | None = None
    """How they are listed."""
    contract_urn: Contract | None = None
    """The contract that they are listed under."""
    organization_urn: Organization | None = None
    """The page that they are listed for."""
    workplace_type: WorkplaceType | None = None
    """Where people work; LinkedIn takes a job without it for one on site."""
    apply_url: ApplyUrl | None = None
    """Where candidates apply, before the event's `portalUrl` and `[customers.icims] apply_url`."""


class IndeedRule(Section):
    """Which application, advertiser or source some jobs are at Indeed; the first rule that holds counts as a whole."""

    when: Condition
    client_id: Text | None = None
    """OAuth client id; what a rule does not set is as [customers.indeed] has it."""
    client_secret: Secret | None = None
    """OAuth client secret, with client_id."""
    client_secret_expires: date | None = None
    """The day from which the client secret is no longer good, where one is known: warned of 30 days ahead."""
    advertiser_id: Text | None = None
    """The advertiser that the token represents."""
    refresh_token: Secret | None = None
    """3-legged OAuth, for this application and advertiser."""
    webhook_secret: Secret | None = None
    """Signs Indeed's webhooks of this application."""
    feed_types: tuple[Text, ...] | None = None
    """Which jobs are listed."""
    legacy_source_id: Text | None = None
    """Only jobs of this source of Indeed are listed."""
    legacy_source_ids: tuple[Text, ...] | None = None
    """Only jobs of these sources are listed."""

    @model_validator(mode="after")
    def _names_another_place(self) -> "IndeedRule":
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("client_id and client_secret go together")
        if not any((self.client_id, self.advertiser_id, self.legacy_source_id, self.legacy_source_ids)):
            raise ValueError("sets nothing: expected client_id, advertiser_id or legacy_source_id")
        return self


class ClosingRule(Section):
    """When hires close some of the customer's jobs; the first rule that holds counts."""

    when: Condition
    close_when: Literal["first_hire", "all_positions_filled", "never"]
    """`never`: hires do not close them, as of evergreen requisitions; an unpost does."""


def fields_of(rules: Iterable[LinkedInRule | IndeedRule | ClosingRule]) -> tuple[str, ...]:
    """Return the fields that rules ask for, in order."""
    return tuple(dict.fromkeys(rule.when.field for rule in rules))
