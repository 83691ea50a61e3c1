"""The clients of every customer, made on first use and shared by all activities of a worker."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import httpx
from pydantic import AnyHttpUrl, SecretStr
from temporalio.exceptions import ApplicationError

from activities.answers import Answers
from activities.metrics import counted_for, show_quota
from activities.problems import failure
from activities.stored import Stored
from activities.tokens import SharedToken, credential_name
from clients.http import Observe
from clients.icims.budget import Budget, Spent, SpentHere
from clients.icims.client import IcimsClient
from clients.indeed.client import FINDS, MUTATIONS, Access, IndeedClient, Paces
from clients.indeed.search import searches
from clients.indeed.several import Indeed, SeveralIndeed
from clients.linkedin.client import SUBMISSIONS, LinkedInClient
from clients.linkedin.parent import LinkedInParentClient
from clients.rate_limit import Limit, RateLimiter, SharedOut, alone
from clients.tokens import TokenKeeper
from clients.transport import Paused, open_http
from config.accounts import account_of, accounts, asked_of_icims
from config.customers import Customer, CustomerIndeed, CustomerLinkedIn
from config.rules import Said
from config.settings import LinkedIn, LinkedInParent, Settings
from models.configured import Configured
from models.problems import Category, Problem
from models.states import BoardName

__all__ = ["Providers", "open_http"]
T = TypeVar("T")
Key = tuple[Hashable, ...]
Plan = tuple[Key, Callable[[], T]]
"""How a client is known, by all that it is made of, and how it is made."""
PACE = "pace"
"""What is kept whatever the settings are: a limit counts on."""


@dataclass(slots=True)
class Providers:
    """Look up a customer's clients; credentials never leave this process.

    Customers that share a credential share its client, and so its token, its rate and its listing.
    """

    settings: Settings
    http: httpx.AsyncClient
    stored: Stored | None
    """The store, where this process has opened it."""
    answers: Answers
    """What became of the calls that are made with these clients."""
    _shared_out: SharedOut
    _icims_spent: Spent
    _clients: dict[Key, object]

    def __init__(
        self,
        settings: Settings,
        http: httpx.AsyncClient,
        shared_out: SharedOut = alone,
        icims_spent: Spent | None = None,
        stored: Stored | None = None,
    ) -> None:
        """Make no client yet; `shared_out` gives this process its share of a limit that others use too.

        `icims_spent` counts the calls of each customer's day at iCIMS; without it the store does, for all processes.
        """
        self.settings, self.http, self._shared_out, self._clients = settings, http, shared_out, {}
        self.stored = stored
        self.answers = Answers()
        self._icims_spent = icims_spent or (SpentHere() if stored is None else stored.quotas)

    def take_up(self, settings: Settings) -> None:
        """Use these settings from now on; what is under way ends with what it began with.

        Clients whose part has not changed stay, and so their tokens and listings.
        """
        self.settings = settings
        plans = [plan for each in settings.customers for plan in self._plans(each)]
        used = {key for key, _ in plans} | {self._parent_plan(each)[0] for each in [settings.linkedin.parent] if each}
        self._clients = {key: each for key, each in self._clients.items() if key in used or key[0] == PACE}

    def customer(self, customer_id: str) -> Customer:
        """Find a customer.

        Raises ApplicationError where the configuration does not have it.
        """
        customer = self.settings.customer(customer_id)
        if customer is None:
            raise failure(removed(customer_id))
        return customer

    def icims(self, customer_id: str) -> IcimsClient:
        """Return the customer's iCIMS client."""
        return self._shared(*self._icims_plan(self.customer(customer_id)))

    def linkedin(self, customer_id: str) -> tuple[LinkedInClient, CustomerLinkedIn]:
        """Return the customer's LinkedIn client and settings."""
        settings = self.customer(customer_id).linkedin
        if settings is None:
            raise _not_configured(f"Customer {customer_id} has no [customers.linkedin].")
        return self._shared(*self._linkedin_plan(settings)), settings

    def linkedin_parent(self) -> tuple[LinkedInParentClient, LinkedInParent]:
        """Return the client and the settings of LinkedIn's parent application."""
        if (settings := self.settings.linkedin.parent) is None:
            raise _not_configured("There is no [linkedin.parent].")
        return self._shared(*self._parent_plan(settings)), settings

    def indeed_settings(self, customer_id: str) -> CustomerIndeed:
        """Return the customer's settings of Indeed, which all its accounts share but for access and sources."""
        settings = self.customer(customer_id).indeed
        if settings is None:
            raise _not_configured(f"Customer {customer_id} has no [customers.indeed].")
        return settings

    def indeed_accounts(self, customer_id: str) -> tuple[IndeedClient, ...]:
        """Return a client for each place where the customer's jobs may be at Indeed: as a rule there is one."""
        return tuple(self.indeed_account(each) for each in accounts(self.indeed_settings(customer_id)))

    def indeed_account(self, settings: CustomerIndeed) -> IndeedClient:
        """Return the client of one account."""
        return self._shared(*self._indeed_plan(settings))

    def indeed_by_rule(self, customer_id: str, said: Said) -> IndeedClient | None:
        """Return the client of the account where a job is of which iCIMS says this; None where that is not decided."""
        account = account_of(self.indeed_settings(customer_id), said)
        return None if account is None else self.indeed_account(account)

    def indeed(self, customer_id: str) -> tuple[Indeed, CustomerIndeed]:
        """Return who knows all of the customer's postings at Indeed, wherever they are, and the settings.

        For one job's postings ask `Places`: they are not everywhere.
        """
        clients = self.indeed_accounts(customer_id)
        everywhere = clients[0] if len(clients) == 1 else SeveralIndeed(clients, decided=False)
        return everywhere, self.indeed_settings(customer_id)

    def _plans(self, customer: Customer) -> list[tuple[Key, Callable[[], object]]]:
        plans: list[tuple[Key, Callable[[], object]]] = [self._icims_plan(customer)]
        if customer.linkedin is not None:
            plans.append(self._linkedin_plan(customer.linkedin))
        if customer.indeed is not None:
            plans += [self._indeed_plan(each) for each in accounts(customer.indeed)]
        return plans

    def _icims_plan(self, customer: Customer) -> Plan[IcimsClient]:
        urls, settings = self.settings.icims, customer.icims
        credentials = _credentials(settings.client_id, settings.client_secret)
        # Of its own where the customer has one: EU customers must use their own host.
        api_url, token_url = _plain(settings.api_url or urls.api_url), _plain(settings.token_url or urls.token_url)
        also = asked_of_icims(customer)
        key = ("icims", customer.id, *credentials, settings.fields, urls, api_url, token_url, also)
        return key, lambda: IcimsClient(
            self._line(paused=urls.paused),
            api_url=api_url,
            token_url=token_url,
            customer_id=customer.id,
            credentials=credentials,
            fields=settings.fields,
            also=also,
            observe=self._observed(settings.client_id, paused=urls.paused),
            watch=partial(show_quota, customer.id),
            keeper=self._keeper("icims", token_url, *credentials),
            budget=Budget(
                customer.id,
                quota=urls.daily_quota,
                reserve=urls.close_reserve,
                reconcile=urls.reconcile_share,
                spent=self._icims_spent,
            ),
        )

    def _linkedin_plan(self, settings: CustomerLinkedIn) -> Plan[LinkedInClient]:
        urls, credentials = self.settings.linkedin, _credentials(settings.client_id, settings.client_secret)
        return ("linkedin", *credentials, *_reached_at(urls)), lambda: LinkedInClient(
            self._line(paused=urls.paused),
            api_url=_plain(urls.api_url),
            token_url=_plain(urls.token_url),
            version=urls.version,
            credentials=credentials,
            observe=self._observed(settings.client_id, paused=urls.paused),
            keeper=self._keeper("linkedin", _plain(urls.token_url), *credentials),
            pace=self._pace(SUBMISSIONS, settings.client_id),
        )

    def _parent_plan(self, settings: LinkedInParent) -> Plan[LinkedInParentClient]:
        urls, credentials = self.settings.linkedin, _credentials(settings.client_id, settings.client_secret)
        return ("linkedin-parent", *credentials, *_reached_at(urls)), lambda: LinkedInParentClient(
            self._line(paused=urls.paused),
            api_url=_plain(urls.api_url),
            token_url=_plain(urls.token_url),
            credentials=credentials,
            keeper=self._keeper("linkedin", _plain(urls.token_url), *credentials),
        )

    def _indeed_plan(self, settings: CustomerIndeed) -> Plan[IndeedClient]:
        urls = self.settings.indeed
        access = Access(
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            advertiser_id=settings.advertiser_id,
            refresh_token=None if settings.refresh_token is None else settings.refresh_token.get_secret_value(),
        )
        wanted = searches(
            settings.feed_types,
            legacy_source_ids=(*filter(None, [settings.legacy_source_id]), *settings.legacy_source_ids),
            include_multi_location_jobs=settings.include_multi_location_jobs,
        )
        return ("indeed", access, wanted, urls), lambda: IndeedClient(
            self._line(paused=urls.paused),
            api_url=_plain(urls.api_url),
            token_url=_plain(urls.token_url),
            access=access,
            observe=self._observed(settings.client_id, paused=urls.paused),
            keeper=self._keeper(
                "indeed",
                _plain(urls.token_url),
                access.client_id,
                access.client_secret,
                access.advertiser_id,
                access.refresh_token or "",
                single_use=access.refresh_token is not None,
            ),
            searches=wanted,
            paces=Paces(
                finds=self._pace(FINDS, settings.client_id), mutations=self._pace(MUTATIONS, settings.client_id)
            ),
        )

    def _observed(self, client_id: str, *, paused: bool) -> Observe:
        count = counted_for(client_id)
        if paused:  # nobody was asked, so that nobody has left anything unanswered
            return count

        def observe(provider: str, operation: str, result: str) -> None:
            count(provider, operation, result)
            self.answers.note(provider, result)

        return observe

    def _line(self, *, paused: bool) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=Paused(), trust_env=False) if paused else self.http

    def ask_anew(self, since: datetime) -> None:
        """Put every credential to the test again that was refused before then, when it is needed next."""
        for client in self._clients.values():
            if isinstance(client, IcimsClient | LinkedInClient | LinkedInParentClient | IndeedClient):
                client.tokens.ask_anew(since)

    def _keeper(
        self, provider: str, token_url: str, client_id: str, *rest: str, single_use: bool = False
    ) -> TokenKeeper | None:
        """Return what keeps a credential's token for all processes; None where none has a key to seal it with."""
        if self.stored is None or self.stored.tokens is None:
            return None
        name = credential_name(provider, client_id, *rest, token_url)
        return SharedToken(self.stored.tokens, name, self.stored.owner, provider=provider, single_use=single_use)

    def _pace(self, limit: Limit, client_id: str) -> RateLimiter:
        # By the client id: whether Indeed counts by client or by advertiser, and LinkedIn by child or by parent, is
        # not documented.
        return self._shared(
            (PACE, limit.name, client_id), lambda: RateLimiter(limit, self._shared_out(limit, client_id))
        )

    def _shared(self, key: Key, make: Callable[[], T]) -> T:
        if key not in self._clients:
            self._clients[key] = make()
        return self._clients[key]  # type: ignore[return-value]  # the key's first part names the type


def _credentials(client_id: str, secret: SecretStr) -> tuple[str, str]:
    return client_id, secret.get_secret_value()


def _reached_at(urls: LinkedIn) -> tuple[Hashable, ...]:
    return _plain(urls.api_url), _plain(urls.token_url), urls.version, urls.paused


def _plain(url: AnyHttpUrl) -> str:
    return str(url).rstrip("/")


def removed(customer_id: str) -> Problem:
    """Say that a customer is not in the configuration, so that its jobs wait."""
    return Problem(
        category=Category.CONFIGURATION,
        reason=f"Customer {customer_id} is not in the configuration: its jobs wait as they are.",
        remedy="Put the customer back, or mend its file (`boardsync config check`): all its jobs then go on by "
        "themselves. If it was removed for good, take its jobs off the boards first, or terminate their lifecycles.",
        paused=True,
    )


def not_configured(board: str, configured: Configured) -> Problem:
    """Say that a customer no longer uses a board, and what it uses."""
    return Problem(
        category=Category.CONFIGURATION,
        reason=f"The customer no longer uses {BoardName(board).label}.",
        remedy="Nothing: the job leaves the board as it is.",
        configured=configured,
    )


def _not_configured(reason: str) -> ApplicationError:
    return failure(
        Problem(
            category=Category.CONFIGURATION,
            reason=reason,
            remedy="Add it to the configuration file, then send `retry`.",
            cause="boardsync.configuration",
        )
    )
