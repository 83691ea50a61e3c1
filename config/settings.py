"""The settings model: every key of the TOML file. Names are a contract: extend, do not rename."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from models.base import NumericId
from models.lifecycle import BoardName, Timing

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")


def _parse_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('expected a duration such as "500ms", "15s", "5m", "24h" or "1d"')
    try:
        return timedelta(seconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError:
        raise ValueError("expected a shorter duration") from None


LINKEDIN_ID_LIMIT = 75
"""Characters of externalJobPostingId in the newest schema (contracts/linkedin.md, section 1)."""


Duration = Annotated[timedelta, BeforeValidator(_parse_duration), Field(gt=timedelta(0))]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Secret = Annotated[SecretStr, Field(min_length=1)]


def fill(template: str, *, customer_id: str, job_id: str) -> str:
    """Fill a configured template with a job's ids."""
    return template.replace("{customer_id}", customer_id).replace("{job_id}", job_id)


class Section(BaseModel):
    """A frozen section of the file; an unknown key is an error that names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Gateway(Section):
    """The webhook gateway."""

    listen: Annotated[str, StringConstraints(pattern=r"^[^\s]+:[0-9]{1,5}$")] = "127.0.0.1:8080"
    public_url: AnyHttpUrl | None = None
    link_secret: Secret | None = None
    temporal_ui_url: AnyHttpUrl | None = None
    """Where people open the Temporal Web UI: named in the reply that the ATS user reads."""

    @field_validator("listen")
    @classmethod
    def _a_port_that_exists(cls, listen: str) -> str:
        if int(listen.rpartition(":")[2]) > 65535:
            raise ValueError("expected a port up to 65535")
        return listen

    @property
    def host(self) -> str:
        """Give the address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Give the port to listen on."""
        return int(self.listen.rpartition(":")[2])


class ICIMS(Section):
    """Where iCIMS's API lives; EU customers need another host."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://api.icims.com")
    token_url: AnyHttpUrl = AnyHttpUrl("https://login.icims.com/oauth/token")


class LinkedIn(Section):
    """Where LinkedIn's API lives, and the version of it to speak."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://api.linkedin.com")
    token_url: AnyHttpUrl = AnyHttpUrl("https://www.linkedin.com/oauth/v2/accessToken")
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(\.[0-9]{2})?$")] | None = None
    """`YYYYMM` sends submissions and tasks to `/rest` with `LinkedIn-Version`; unset means `/v2`."""


class Indeed(Section):
    """Where Indeed's API lives."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://apis.indeed.com/graphql")
    token_url: AnyHttpUrl = AnyHttpUrl("https://apis.indeed.com/oauth/v2/tokens")


class TimingSection(Section):
    """Every wait in a lifecycle."""

    linkedin_task_after: Duration = timedelta(minutes=5)
    confirm_first: Duration = timedelta(seconds=15)
    confirm_max: Duration = timedelta(minutes=15)
    confirm_within: Duration = timedelta(hours=24)
    attention_after: Duration = timedelta(hours=4)
    call_timeout: Duration = timedelta(minutes=1)

    def frozen(self) -> Timing:
        """Give the timing as a lifecycle carries it."""
        return Timing.model_validate(self.model_dump())


class CustomerICIMS(Section):
    """One customer's iCIMS credentials, in both directions."""

    webhook_auth: Literal["basic", "none"]
    webhook_user: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^:]+$")] | None = None
    """Without a colon: Basic credentials end the user there (RFC 7617)."""
    webhook_secret: Secret | None = None
    client_id: Text
    client_secret: Secret
    apply_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = (
        "https://jobs-{customer_id}.icims.com/jobs/{job_id}/job"
    )
    """Where candidates apply: LinkedIn wants it in every posting, also to close one."""

    @model_validator(mode="after")
    def _credentials_for_the_webhook(self) -> "CustomerICIMS":
        if self.webhook_auth == "basic" and not (self.webhook_user and self.webhook_secret):
            raise ValueError('webhook_auth "basic" needs webhook_user and webhook_secret')
        return self


class CustomerLinkedIn(Section):
    """One customer's LinkedIn child application."""

    client_id: Text
    client_secret: Secret
    previous_client_secret: SecretStr = SecretStr("")
    application_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:developerApplication:[0-9]+$")]
    organization_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:organization:[0-9]+$")]
    contract_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:contract:[0-9]+$")] | None = None
    listing_type: Literal["PREMIUM", "BASIC"] = "BASIC"
    external_job_posting_id: Text = "{customer_id}-{job_id}"

    @model_validator(mode="after")
    def _ids_are_short_enough(self) -> "CustomerLinkedIn":
        longest = fill(self.external_job_posting_id, customer_id="0" * 20, job_id="0" * 20)
        if len(longest) > LINKEDIN_ID_LIMIT:
            raise ValueError(f"external_job_posting_id may grow over LinkedIn's {LINKEDIN_ID_LIMIT} characters")
        return self

    @model_validator(mode="after")
    def _premium_needs_a_contract(self) -> "CustomerLinkedIn":
        if self.listing_type == "PREMIUM" and self.contract_urn is None:
            raise ValueError('listing_type "PREMIUM" needs contract_urn')
        return self


class CustomerIndeed(Section):
    """One customer's Indeed advertiser, and the overlay the agency sets on its jobs."""

    client_id: Text
    client_secret: Secret
    advertiser_id: Text
    webhook_secret: Secret | None = None
    webhook_signature_header: Text = "X-Indeed-Signature"
    webhook_signature_algorithm: Literal["sha1", "sha256"] = "sha1"
    webhook_signature_encoding: Literal["base64", "hex"] = "base64"
    job_posting_id: Text = "{job_id}"
    tracking_url: Text | None = None
    campaign_categories: tuple[Text, ...] = ()


class Customer(Section):
    """One iCIMS customer."""

    id: NumericId
    name: Text
    boards: Annotated[tuple[BoardName, ...], Field(min_length=1)]
    closing_statuses: tuple[Text, ...] = ()
    close_when: Literal["first_hire", "all_positions_filled"] = "first_hire"
    icims: CustomerICIMS
    linkedin: CustomerLinkedIn | None = None
    indeed: CustomerIndeed | None = None

    @model_validator(mode="after")
    def _a_section_for_each_board(self) -> "Customer":
        for board in self.boards:
            if getattr(self, board.value) is None:
                raise ValueError(f'boards names "{board.value}", so [customers.{board.value}] is needed')
        return self


class Settings(Section):
    """The whole file."""

    gateway: Gateway = Gateway()
    icims: ICIMS = ICIMS()
    linkedin: LinkedIn = LinkedIn()
    indeed: Indeed = Indeed()
    timing: TimingSection = TimingSection()
    customers: Annotated[tuple[Customer, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _customers_are_distinct(self) -> "Settings":
        ids = [customer.id for customer in self.customers]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"customers lists the id {twice[0]} twice")
        return self

    def customer(self, customer_id: str) -> Customer | None:
        """Find a customer by id."""
        return next((each for each in self.customers if each.id == customer_id), None)
