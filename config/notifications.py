"""Whom Boardsync tells of jobs and of the ledger: endpoints of others."""

import base64
import binascii
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from config.values import Secret, Section
from models.base import NumericId
from models.notice_types import NoticeType

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
"""As Standard Webhooks recommends."""

RETRY_AFTER = tuple(
    timedelta(seconds=5) if minutes is None else timedelta(minutes=minutes)
    for minutes in (None, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60)
)
"""The schedule of Standard Webhooks: ten tries in three days."""


class NotificationEndpoint(Section):
    """Somebody who is told when a job is closed, needs a person, or is reopened, and how far the ledger has come."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    """What people see of it: the address itself may be a secret."""
    url: Secret
    """Where to post to: https, or http on this machine. Redirects are not followed."""
    format: Literal["standard", "slack"] = "standard"
    """`standard`: signed as Standard Webhooks; `slack`: text and blocks for an incoming webhook of Slack."""
    secret: SecretStr | None = None
    """Signs what is sent: `whsec_` and base64 of 24 to 64 bytes. Needed unless the format is `slack`."""
    events: Annotated[tuple[NoticeType, ...], Field(min_length=1)] = tuple(NoticeType)
    """What to tell."""
    customers: tuple[NumericId, ...] = ()
    """Whose jobs to tell of; none named means all. The ledger's checkpoint, which names no customer, is told anyway."""

    def wants(self, event: NoticeType, customer_id: str | None = None) -> bool:
        """Return whether this endpoint is to be told of this; no customer stands for what concerns none of them."""
        return event in self.events and (customer_id is None or self.hears_of(customer_id))

    def hears_of(self, customer_id: str) -> bool:
        """Return whether this endpoint is told anything of a customer's jobs."""
        return not self.customers or customer_id in self.customers

    @field_validator("url")
    @classmethod
    def _an_address_that_keeps_secrets(cls, url: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(url.get_secret_value())
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError("expected an address such as https://example.com/hooks") from None
        if not host or parts.scheme not in {"https", "http"}:
            raise ValueError("expected an address such as https://example.com/hooks")
        if parts.scheme == "http" and not _is_this_machine(host):
            raise ValueError("expected https, unless the host is this machine")
        return url

    @field_validator("secret")
    @classmethod
    def _a_secret_of_the_standard(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            prefix, _, encoded = secret.get_secret_value().partition("_")
            if f"{prefix}_" != PREFIX or _decoded_length(encoded) not in SECRET_BYTES:
                raise ValueError("expected whsec_ and base64 of 24 to 64 bytes")
        return secret

    @model_validator(mode="after")
    def _standard_is_signed(self) -> "NotificationEndpoint":
        if self.format == "standard" and self.secret is None:
            raise ValueError('format "standard" needs a secret')
        return self


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _decoded_length(encoded: str) -> int:
    try:
        return len(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        return 0
