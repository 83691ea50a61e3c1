"""The settings model: every key of the TOML file. Names are a contract: extend, do not rename."""

import re
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import (
    AnyHttpUrl,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.console import Console
from config.customers import Customer
from config.distinct import alike
from config.egress import Egress
from config.messages import Language, Messages
from config.notifications import RETRY_AFTER, NotificationEndpoint
from config.store import Ledger, Store
from config.temporal import Codec, Temporal
from config.values import Duration, Listen, Secret, Section, Text, host_and_port, parse_duration
from models.notice_types import OF_JOBS, JobNoticeType
from models.timing import Timing

VERSION = r"^[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?$"
RUNNING = {"running": True}
"""Context of a validation where customers come and go: who is named elsewhere may be away for now."""


class Gateway(Section):
    """The webhook gateway."""

    listen: Listen = "127.0.0.1:8080"
    """Address and port of the gateway."""
    public_url: AnyHttpUrl | None = None
    """Where it is reached from outside; posts and edits are answered with a link to the job's page there."""
    link_secret: Secret | None = None
    """Signs links to job pages and OAuth tokens, and keys what stands for a candidate in Temporal."""
    link_previous_secret: Secret | None = None
    """An older link secret, while it is being changed: its links and tokens stay good, and hires are known again."""
    token_secret: Secret | None = None
    """Signs the OAuth tokens for iCIMS; without it a key made from the link secret does."""
    token_previous_secret: Secret | None = None
    """An older token secret, while it is being changed."""
    hire_secret: Secret | None = None
    """Keys what stands for a candidate in Temporal; without it a key made from the link secret does."""
    hire_previous_secret: Secret | None = None
    """An older hire secret, while it is being changed: hires that were counted under it are known again."""
    link_valid_for: Duration = timedelta(days=30)
    """How long a link to a job's page opens it."""
    temporal_ui_url: AnyHttpUrl | None = None
    """Where people open the Temporal Web UI: named in the reply that the ATS user reads."""
    runbook_url: AnyHttpUrl | None = None
    """Where your people read docs/runbooks.md: named in the Temporal Web UI beside each job."""
    max_connections: Annotated[int, Field(ge=16)] = 4096
    """Open connections; beyond, the one that has waited longest for its sender is closed."""
    max_connections_per_address: Annotated[int, Field(ge=1)] = 256
    """Connections of one address that may wait for their sender; a proxy before the gateway is one address."""
    messages: Messages = Messages()
    languages: dict[Language, Messages] = Field(default_factory=dict)
    """Replies in other languages, by name, for customers with that `language`."""

    @property
    def link_secrets(self) -> tuple[str, ...]:
        """Return the link secret and, while it is being changed, the previous one; none where none is configured."""
        if self.link_secret is None:
            return ()
        return _texts(self.link_secret, self.link_previous_secret)

    @property
    def token_secrets(self) -> tuple[str, ...]:
        """Return what signs OAuth tokens first, then what else they may be signed with; none where none can be."""
        return tuple(dict.fromkeys((*_texts(self.token_secret, self.token_previous_secret), *self.link_secrets)))

    @property
    def hire_secrets(self) -> tuple[str, ...]:
        """Return what keys hires first, then what earlier ones may have been keyed with; none where none can be."""
        return tuple(dict.fromkeys((*_texts(self.hire_secret, self.hire_previous_secret), *self.link_secrets)))

    @property
    def host(self) -> str:
        """Return the address to listen on."""
        return host_and_port(self.listen)[0]

    @property
    def port(self) -> int:
        """Return the port to listen on."""
        return host_and_port(self.listen)[1]


def _texts(*secrets: SecretStr | None) -> tuple[str, ...]:
    return tuple(secret.get_secret_value() for secret in secrets if secret is not None)


class Worker(Section):
    """The worker process."""

    metrics_listen: Listen | None = None
    """Address and port for Prometheus, path `/metrics`: calls to providers, jobs by phase and by what they need."""
    sdk_metrics_listen: Listen | None = None
    """The same for the Temporal SDK's metrics, with the time from event to confirmed close; an IP address."""

    cached_lifecycles: Annotated[int, Field(ge=50)] = 400
    """Lifecycles that a worker keeps in memory, some 0.2 MB each; others are read from Temporal when they go on."""
    versioning: bool = False
    """Be given only what this build is meant to do: new ones wait for `boardsync deploy`, and can be taken back."""

    @field_validator("sdk_metrics_listen")
    @classmethod
    def _an_ip_address(cls, listen: str | None) -> str | None:
        if listen is not None:
            ip_address(host_and_port(listen)[0])
        return listen


class ICIMS(Section):
    """Where iCIMS's API lives, and what may be asked of it in a day; EU customers need another host."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://api.icims.com")
    """Where the API is; EU customers: https://api-eu.icims.com."""
    token_url: AnyHttpUrl = AnyHttpUrl("https://login.icims.com/oauth/token")
    """Where tokens are fetched."""
    paused: bool = False
    """Make no call there, as during an incident; what is to be done waits and is tried again."""
    daily_quota: Annotated[int, Field(ge=1)] = 10_000
    """Requests a day that each customer's licence allows, until iCIMS's own answers say how many."""
    close_reserve: Annotated[float, Field(ge=0, le=0.9)] = 0.5
    """Share of the daily quota that is kept for closing jobs: reports back give way first, then reads to post jobs."""
    reconcile_share: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    """Share of the daily quota that reconciliation may use at most."""


class LinkedInParent(Section):
    """The parent application: it owns the webhook, and may sign what LinkedIn sends there."""

    client_id: Text
    """OAuth client id."""
    client_secret: Secret
    """OAuth client secret; LinkedIn signs its webhooks with it."""
    client_secret_expires: date | None = None
    """The day from which the client secret is no longer good, where one is known: warned of 30 days ahead."""
    previous_client_secret: SecretStr = SecretStr("")
    """An older secret, while it is being rotated."""
    application_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:developerApplication:[0-9]+$")]
    """The application's URN."""
    revalidate: bool = False
    """Ask LinkedIn by its API to validate a blocked webhook again; the request is known from a third party only."""


class LinkedIn(Section):
    """Where LinkedIn's API lives, and the version of it to speak."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://api.linkedin.com")
    """Where the API is."""
    token_url: AnyHttpUrl = AnyHttpUrl("https://www.linkedin.com/oauth/v2/accessToken")
    """Where tokens are fetched."""
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(\.[0-9]{2})?$")] | None = None
    """`YYYYMM` sends submissions and tasks to `/rest` with `LinkedIn-Version`; unset means `/v2`."""
    paused: bool = False
    """Make no call there, as during an incident; what is to be done waits and is tried again."""
    parent: LinkedInParent | None = None


class Indeed(Section):
    """Where Indeed's API lives."""

    api_url: AnyHttpUrl = AnyHttpUrl("https://apis.indeed.com/graphql")
    """Where the GraphQL API is."""
    token_url: AnyHttpUrl = AnyHttpUrl("https://apis.indeed.com/oauth/v2/tokens")
    """Where tokens are fetched."""
    paused: bool = False
    """Make no call there, as during an incident; what is to be done waits and is tried again."""


class TimingSection(Timing):
    """Every wait in a lifecycle, and how often what is no lifecycle's is done."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    endpoint_check_every: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=10)
    """How often LinkedIn is asked whether it has blocked the webhook; no wait of a lifecycle."""
    reconcile_every: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(hours=6)
    """How often each customer is compared as a whole, without any event."""
    recheck_every: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=5)
    """How often boards are looked at again where that is due after a close."""
    notify_again: tuple[Duration, ...] = RETRY_AFTER
    """Waits before a notification that failed is tried again; the default is that of Standard Webhooks."""
    recheck_after: tuple[Duration, ...] = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
    """When the boards are looked at again after a job was taken off them."""
    promise: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=15)
    """Within which a job should be off a board: `boardsync stats` tells how often it was."""

    silent_after: Annotated[Duration, Field(ge=timedelta(minutes=1))] = timedelta(days=7)
    """After which a customer counts as silent from whom no event came, if it was never silent for half as long."""

    @field_validator("*", mode="before")
    @classmethod
    def _durations_as_people_write_them(cls, value: object) -> object:
        return value if isinstance(value, list | tuple) else parse_duration(value)

    def frozen(self) -> Timing:
        """Return the timing as a lifecycle carries it: a change of configuration is no surprise to one that runs."""
        return Timing.model_validate(self.model_dump())


class Settings(Section):
    """The whole file."""

    written_for: Annotated[str, StringConstraints(pattern=VERSION)] | None = None
    """The version of Boardsync that the files are for: an older one, as in a rollback, warns of unknown keys."""
    gateway: Gateway = Gateway()
    icims: ICIMS = ICIMS()
    linkedin: LinkedIn = LinkedIn()
    indeed: Indeed = Indeed()
    worker: Worker = Worker()
    temporal: Temporal = Temporal()
    codec: Codec = Codec()
    egress: Egress = Egress()
    console: Console = Console()
    store: Store = Store()
    ledger: Ledger = Ledger()
    timing: TimingSection = TimingSection()
    notifications: tuple[NotificationEndpoint, ...] = ()
    customers: Annotated[tuple[Customer, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _a_secret_for_what_is_signed(self) -> "Settings":
        if self.gateway.link_secret is not None:
            return self
        if self.gateway.public_url is not None:
            raise ValueError("gateway.public_url needs gateway.link_secret, which signs links to job pages")
        for customer in self.customers:
            hires = bool(customer.closing_statuses) and not self.gateway.hire_secrets
            tokens = customer.icims.webhook_auth == "oauth" and not self.gateway.token_secrets
            if hires or tokens:
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
        if (fault := alike(self.customers)) is not None:
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _endpoints_are_distinct_and_of_known_customers(self, info: ValidationInfo) -> "Settings":
        names = [each.name for each in self.notifications]
        if twice := sorted({each for each in names if names.count(each) > 1}):
            raise ValueError(f"notifications lists the name {twice[0]} twice")
        if info.context == RUNNING:
            return self
        known = {customer.id for customer in self.customers}
        if unknown := sorted({id_ for each in self.notifications for id_ in each.customers} - known):
            raise ValueError(f"notifications names the customer {unknown[0]}, who is not configured")
        return self

    @property
    def simulated(self) -> bool:
        """Return whether all boards and the ATS are simulated ones: the real ones take https alone."""
        return all(url.scheme == "http" for _, _, url in self.provider_urls)

    @property
    def provider_urls(self) -> tuple[tuple[str, str, AnyHttpUrl], ...]:
        """Return every address that credentials go to: the provider, the key and the address."""
        sections: list[tuple[str, str, Any]]
        sections = [(name, name, getattr(self, name)) for name in ("icims", "linkedin", "indeed")]
        sections += [("icims", f"customers[{at}].icims", each.icims) for at, each in enumerate(self.customers)]
        every = [
            (provider, f"{place}.{key}", getattr(section, key))
            for provider, place, section in sections
            for key in ("api_url", "token_url")
        ]
        return tuple(each for each in every if each[2] is not None)

    @property
    def unauthenticated(self) -> tuple[Customer, ...]:
        """Return the customers whose events anybody may send."""
        return tuple(each for each in self.customers if each.icims.webhook_auth == "none")

    @model_validator(mode="after")
    def _languages_are_there(self) -> "Settings":
        for customer in self.customers:
            if customer.language is not None and customer.language not in self.gateway.languages:
                raise ValueError(f"customer {customer.id} needs [gateway.languages.{customer.language}]")
        return self

    def messages_for(self, customer_id: str | None) -> Messages:
        """Return the words that a customer's iCIMS users read."""
        words, customer = self.gateway.messages, self.customer(customer_id or "")
        if customer is None:
            return words
        if customer.language is not None:
            words = self.gateway.languages[customer.language].over(words)
        return words if customer.messages is None else customer.messages.over(words)

    def notices_of(self, customer_id: str) -> tuple[JobNoticeType, ...]:
        """Return what anybody wants to be told of a customer's jobs."""
        return tuple(kind for kind in OF_JOBS if any(each.wants(kind, customer_id) for each in self.notifications))

    def customer(self, customer_id: str) -> Customer | None:
        """Find a customer by id."""
        return next((each for each in self.customers if each.id == customer_id), None)


def newer_than(written_for: object, own: str) -> bool:
    """Return whether files are written for a newer version than this one."""
    if not isinstance(written_for, str) or not re.match(VERSION, written_for) or not re.match(VERSION, own):
        return False
    return _numbers(written_for) > _numbers(own)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(each) for each in re.findall(r"[0-9]+", version)]
    return tuple((*numbers, 0, 0)[:3])
