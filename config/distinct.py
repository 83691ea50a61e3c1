"""Jobs of two customers that a board cannot tell apart: unposting the one would take the other's down."""

from collections.abc import Iterator, Sequence

from config.accounts import named_accounts
from config.customers import Customer, CustomerIndeed
from config.values import fill
from models.states import BoardName

_ANY_JOB = "\0"


def alike(customers: Sequence[Customer]) -> str | None:
    """Return which two customers name their jobs alike at one place, and what to do; None where none do."""
    seen: dict[tuple[str, ...], list[tuple[str, frozenset[str]]]] = {}
    for customer in customers:
        for place, sources, remedy in _places(customer):
            for other, theirs in seen.setdefault(place, []):
                if other != customer.id and (not sources or not theirs or sources & theirs):
                    return f"customers {other} and {customer.id} {remedy}"
            seen[place].append((customer.id, sources))
    return None


def _places(customer: Customer) -> Iterator[tuple[tuple[str, ...], frozenset[str], str]]:
    """Return where a board knows the customer's jobs, with how they are named there, and among which sources."""
    if customer.linkedin is not None and BoardName.LINKEDIN in customer.boards:
        named = _named(customer, customer.linkedin.external_job_posting_id)
        yield (
            ("linkedin", customer.linkedin.client_id, named),
            frozenset(),
            "use one LinkedIn application and name their jobs alike: put {customer_id} in external_job_posting_id",
        )
    if BoardName.INDEED in customer.boards:
        for _, account in named_accounts(customer):
            yield (
                ("indeed", account.client_id, account.advertiser_id, _named(customer, account.job_posting_id)),
                _sources(account),
                "are one advertiser at Indeed and name their jobs alike: check advertiser_id, give each customer a "
                "legacy_source_id of its own, or put {customer_id} in job_posting_id",
            )


def _sources(account: CustomerIndeed) -> frozenset[str]:
    return frozenset(each for each in (account.legacy_source_id, *account.legacy_source_ids) if each is not None)


def _named(customer: Customer, template: str) -> str:
    return fill(template, customer_id=customer.id, job_id=_ANY_JOB)
