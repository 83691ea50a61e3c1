"""Under which application, advertiser and source a customer's jobs are at Indeed: one, or several chosen by rule."""

from collections.abc import Iterator

from config.customers import Customer, CustomerIndeed
from config.rules import IndeedRule, Said, fields_of

_ACCESS = frozenset({"client_id", "advertiser_id"})
_SOURCES = frozenset({"legacy_source_id", "legacy_source_ids"})


def accounts(settings: CustomerIndeed) -> tuple[CustomerIndeed, ...]:
    """Return each place where the customer's jobs may be, the section's own first."""
    found = [settings.model_copy(update={"rules": ()})]
    for rule in settings.rules:
        if (under := _under(settings, rule)) not in found:
            found.append(under)
    return tuple(found)


def account_of(settings: CustomerIndeed, said: Said) -> CustomerIndeed | None:
    """Return where a job is of which iCIMS says this; None where that does not decide it."""
    for rule in settings.rules:
        if rule.when.holds(said):
            return _under(settings, rule)
        if not rule.when.is_known(said):
            return None
    return settings.model_copy(update={"rules": ()})


def named_accounts(customer: Customer) -> Iterator[tuple[str, CustomerIndeed]]:
    """Return each place with its section's name within the customer."""
    if customer.indeed is None:
        return
    yield "indeed", customer.indeed.model_copy(update={"rules": ()})
    for at, rule in enumerate(customer.indeed.rules):
        yield f"indeed.rules[{at}]", _under(customer.indeed, rule)


def asked_of_icims(customer: Customer) -> tuple[str, ...]:
    """Return the fields of iCIMS that the boards' rules ask for."""
    linkedin = () if customer.linkedin is None else fields_of(customer.linkedin.rules)
    indeed = () if customer.indeed is None else fields_of(customer.indeed.rules)
    return tuple(dict.fromkeys((*linkedin, *indeed)))


def _under(settings: CustomerIndeed, rule: IndeedRule) -> CustomerIndeed:
    given = {name: getattr(rule, name) for name in rule.model_fields_set - {"when"}}
    sets = {name: value for name, value in given.items() if value is not None}
    # A refresh token stands for one application and advertiser, a source replaces all others.
    if _ACCESS & sets.keys():
        sets.setdefault("refresh_token", None)
    if "client_id" in sets:
        sets.setdefault("client_secret_expires", None)
    if _SOURCES & sets.keys():
        sets = {"legacy_source_id": None, "legacy_source_ids": (), **sets}
    return settings.model_copy(update={**sets, "rules": ()})
