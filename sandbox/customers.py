"""The providers' customers and their credentials."""

import zlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Provider = Literal["icims", "linkedin", "indeed"]


class Client(BaseModel):
    """One OAuth client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    client_secret: str


class LinkedInClient(Client):
    """An application of LinkedIn; while a secret is being rotated, the older one signs as well."""

    application_urn: str
    previous_client_secret: str


LINKEDIN_PARENT = LinkedInClient(
    client_id="linkedin-parent",
    client_secret="linkedin-parent-secret",
    application_urn="urn:li:developerApplication:100",
    previous_client_secret="linkedin-parent-old-secret",
)
"""The parent application creates child applications and owns the webhook; with its token, job calls are refused."""


class LinkedInApplication(LinkedInClient):
    """A customer's child application."""

    organization_urn: str
    contract_urn: str


class IndeedApplication(Client):
    """An agency's application, with the advertiser that stands for the customer."""

    advertiser_id: str
    webhook_secret: str


class Customer(BaseModel):
    """One customer on all three providers; what is not given follows a pattern from the id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    name: str
    icims: Client
    linkedin: LinkedInApplication
    indeed: IndeedApplication
    indeed_others: tuple[IndeedApplication, ...] = ()
    """Further applications with sources of their own: none sees the postings that another one brought."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, value: Any) -> Any:
        if not isinstance(value, dict) or not isinstance(value.get("customer_id"), str):
            return value
        filled = _defaults(value["customer_id"])
        for key, given in value.items():
            known = filled.get(key)
            filled[key] = {**known, **given} if isinstance(known, dict) and isinstance(given, dict) else given
        return filled

    def client(self, provider: Provider) -> Client:
        """Return the customer's client at a provider."""
        clients: dict[Provider, Client] = {
            "icims": self.icims,
            "linkedin": self.linkedin,
            "indeed": self.indeed,
        }
        return clients[provider]

    def of_client(self, provider: Provider, client_id: str) -> Client | None:
        """Return the one of its clients that has this id."""
        others = self.indeed_others if provider == "indeed" else ()
        return next((one for one in (self.client(provider), *others) if one.client_id == client_id), None)

    def at_indeed(self, client_id: str | None) -> IndeedApplication:
        """Return the application that brought a posting; without an id the first one."""
        return next((one for one in self.indeed_others if one.client_id == client_id), self.indeed)


def _defaults(customer_id: str) -> dict[str, Any]:
    number = customer_id if customer_id.isdigit() else str(zlib.crc32(customer_id.encode()))

    def client(provider: str) -> dict[str, str]:
        return {
            "client_id": f"{provider}-{customer_id}",
            "client_secret": f"{provider}-secret-{customer_id}",
        }

    return {
        "name": f"Customer {customer_id}",
        "icims": client("icims"),
        "linkedin": {
            **client("linkedin"),
            "previous_client_secret": f"linkedin-old-secret-{customer_id}",
            "application_urn": f"urn:li:developerApplication:{number}1",
            "organization_urn": f"urn:li:organization:{number}2",
            "contract_urn": f"urn:li:contract:{number}3",
        },
        "indeed": {
            **client("indeed"),
            "advertiser_id": f"advertiser-{customer_id}",
            "webhook_secret": f"indeed-webhook-secret-{customer_id}",
        },
    }


class CustomerBook:
    """Find customers by id and by client."""

    def __init__(self) -> None:
        self._by_id: dict[str, Customer] = {}

    def add(self, customer: Customer) -> None:
        """Add the customer, or replace the one with the same id."""
        self._by_id[customer.customer_id] = customer

    def get(self, customer_id: str) -> Customer | None:
        """Return the customer with that id."""
        return self._by_id.get(customer_id)

    def by_client(self, provider: Provider, client_id: str) -> Customer | None:
        """Return the customer whose client that is."""
        return next(
            (one for one in self._by_id.values() if one.of_client(provider, client_id) is not None),
            None,
        )

    def all(self) -> list[Customer]:
        """Return every customer, oldest first."""
        return list(self._by_id.values())
