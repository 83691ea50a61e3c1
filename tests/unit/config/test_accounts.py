"""Which account of Indeed a job is under: by rule, a whole account and no mixture, none where iCIMS does not say."""

from pathlib import Path
from typing import Any

import pytest

from config.accounts import account_of, accounts, asked_of_icims, named_accounts
from config.customers import Customer, CustomerIndeed
from config.loading import ConfigurationError, parse_settings
from config.strength import weaknesses
from runtime.expiries import expiries
from tests.support.settings import raw_settings
from tests.unit.config.folders import URLS

WHEN = {"field": "brand", "value": "B"}
OTHER = {"when": WHEN, "client_id": "b", "client_secret": "secret-of-b", "advertiser_id": "adv-b"}


def made(rules: list[dict[str, Any]], **indeed: Any) -> Customer:
    raw = raw_settings(URLS)
    raw["customers"][0]["indeed"] |= {"rules": rules, **indeed}
    return parse_settings(raw, {}, base=Path()).customers[0]


def indeed_of(customer: Customer) -> CustomerIndeed:
    assert customer.indeed is not None
    return customer.indeed


def test_the_first_rule_that_holds_counts_as_a_whole() -> None:
    source = {"when": {"field": "site"}, "legacy_source_ids": ["x"]}
    indeed = indeed_of(made([OTHER, source], refresh_token="t", legacy_source_id="main", feed_types=["F"]))
    under = account_of(indeed, {"brand": ("b",), "site": ("1",)})
    assert under is not None
    assert (under.client_id, under.advertiser_id, under.refresh_token) == ("b", "adv-b", None)
    assert (under.legacy_source_id, under.feed_types, under.tracking_url) == ("main", ("F",), indeed.tracking_url)
    by_source = account_of(indeed, {"brand": ("a",), "site": ("1",)})
    assert by_source is not None
    assert (by_source.client_id, by_source.legacy_source_id, by_source.legacy_source_ids) == (
        "indeed-1234", None, ("x",),
    )  # fmt: skip
    assert by_source.refresh_token == indeed.refresh_token
    assert len(accounts(indeed)) == 3


def test_what_icims_does_not_show_decides_nothing() -> None:
    indeed = indeed_of(made([OTHER]))
    assert account_of(indeed, {}) is None
    first = account_of(indeed, {"brand": ("A",)})
    assert first is not None
    assert first.client_id == "indeed-1234"
    assert account_of(indeed_of(made([])), {}) is not None


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"when": WHEN}, "sets nothing"),
        ({"when": WHEN, "webhook_secret": "a-secret-for-webhooks"}, "sets nothing"),
        ({"when": WHEN, "client_id": "b"}, "go together"),
        ({"when": WHEN, "legacy_source_id": "x"}, "needs legacy_source_id in"),
        ({"when": WHEN, "advertiser_id": "advertiser-1234", "legacy_source_id": "x"}, "needs legacy_source_id in"),
    ],
)
def test_a_rule_that_tells_nothing_apart_is_refused(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        made([rule])


def test_every_place_that_knows_of_credentials_knows_those_of_rules() -> None:
    raw = raw_settings(URLS)
    rule = {**OTHER, "client_secret": "short", "client_secret_expires": "2027-03-01", "webhook_secret": "s"}
    raw["customers"][0]["indeed"]["rules"] = [rule]
    settings = parse_settings(raw, {}, base=Path())
    assert "1234 indeed.rules[0]" in {each.of for each in expiries(settings)}
    keys = {each.key for each in weaknesses(settings)}
    assert "customers[0].indeed.rules[0].webhook_secret" in keys
    assert [name for name, _ in named_accounts(settings.customers[0])] == ["indeed", "indeed.rules[0]"]
    assert asked_of_icims(settings.customers[0]) == ("brand",)
