"""The settings model: every key of the TOML file. Names are a contract: extend, do not rename."""

from datetime import timedelta
from typing import Annotated

from pydantic import AnyHttpUrl, Field, SecretStr, StringConstraints, field_validator, model_validator

from config.customers import Customer
from config.messages import Messages
from config.values import Duration, Secret, Section, Text
from models.lifecycle import Timing


class Gateway(Section):
    """The webhook gateway."""

    listen: Annotated[str, StringConstraints(pattern=r"^[^\s]+:[0-9]{1,5}$")] = "127.0.0.1:8080"
    public_url: AnyHttpUrl | None = None
    link_secret: Secret | None = None
    """Signs links to job pages and OAuth tokens, and keys what stands for a candidate in Temporal."""
    link_valid_for: Duration = timedelta(days=30)
    temporal_ui_url: AnyHttpUrl | None = None
    """Where people open the Temporal Web UI: named in the reply that the ATS user reads."""

    messages: Messages = Messages()

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


class LinkedInParent(Section):
    """The parent application: it owns the webhook, and may sign what LinkedIn sends there."""

    client_id: Text
    client_secret: Secret
    previous_client_secret: SecretStr = SecretStr("")
    application_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:developerApplication:[0-9]+$")]
    revalidate: bool = False
    """Ask LinkedIn by its API to validate a blocked webhook again; the request is known from a third party only."""


class LinkedIn(Section):
    """Where LinkedIn's API lives, and the version of it to speak."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://api.linkedin.com")
    token_url: AnyHttpUrl = AnyHttpUrl("https://www.linkedin.com/oauth/v2/accessToken")
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(\.[0-9]{2})?$")] | None = None
    """`YYYYMM` sends submissions and tasks to `/rest` with `LinkedIn-Version`; unset means `/v2`."""
    parent: LinkedInParent | None = None


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
    write_again_after: Duration = timedelta(minutes=15)
    report_every: Duration = timedelta(seconds=30)
    call_timeout: Duration = timedelta(minutes=1)
    endpoint_check_every: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=10)
    """How often LinkedIn is asked whether it has blocked the webhook; no wait of a lifecycle."""

    def frozen(self) -> Timing:
        """Give the timing as a lifecycle carries it."""
        return Timing.model_validate(self.model_dump())


class Settings(Section):
    """The whole file."""

    gateway: Gateway = Gateway()
    icims: ICIMS = ICIMS()
    linkedin: LinkedIn = LinkedIn()
    indeed: Indeed = Indeed()
    timing: TimingSection = TimingSection()
    customers: Annotated[tuple[Customer, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _a_secret_for_what_is_signed(self) -> "Settings":
        if self.gateway.link_secret is not None:
            return self
        if self.gateway.public_url is not None:
            raise ValueError("gateway.public_url needs gateway.link_secret, which signs links to job pages")
        for customer in self.customers:
            if customer.closing_statuses or customer.icims.webhook_auth == "oauth":
                raise ValueError(
                    f'customer {customer.id} has closing_statuses or webhook_auth "oauth": '
                    "gateway.link_secret is needed"
                )
        return self

    @model_validator(mode="after")
    def _one_secret_for_an_oauth_client(self) -> "Settings":
        # A token speaks for every customer with its client id, so none of them may get one with a secret of its own.
        secrets: dict[str | None, set[object]] = {}
        for each in self.customers:
            if each.icims.webhook_auth == "oauth":
                pair = (each.icims.webhook_secret, each.icims.webhook_previous_secret)
                secrets.setdefault(each.icims.webhook_user, set()).add(pair)
        if shared := [user for user, pairs in secrets.items() if len(pairs) > 1]:
            raise ValueError(f'customers with webhook_auth "oauth" and the webhook_user {shared[0]!r} need one secret')
        return self

    @model_validator(mode="after")
    def _customers_are_distinct(self) -> "Settings":
        ids = [customer.id for customer in self.customers]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"customers lists the id {twice[0]} twice")
        return self

    def customer(self, customer_id: str) -> Customer | None:
        """Find a customer by id."""
        return next((each for each in self.customers if each.id == customer_id), None)
