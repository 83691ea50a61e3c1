"""Rules by a field of iCIMS, addresses with placeholders, and whose words iCIMS's users read."""

from pathlib import Path
from typing import Any

import pytest

from config.customers import Customer, Listing
from config.loading import ConfigurationError, parse_settings
from config.rules import Condition
from config.settings import Settings
from config.values import fill
from tests.support.settings import raw_settings
from tests.unit.config.folders import URLS

OTHER = "urn:li:organization:777"
SAID = {"positiontype": ("Per Diem", "D37"), "jobtype": ("Evergreen",)}


def made(**customer: Any) -> Settings:
    raw = raw_settings(URLS)
    first = raw["customers"][0]
    for key, value in customer.items():
        first[key] = {**first[key], **value} if isinstance(first.get(key), dict) else value
    return parse_settings(raw, {}, base=Path())


def first(settings: Settings) -> Customer:
    return settings.customers[0]


def listing(said: dict[str, tuple[str, ...]], *rules: dict[str, Any]) -> Listing:
    linkedin = first(made(linkedin={"rules": list(rules)})).linkedin
    assert linkedin is not None
    return linkedin.listing(said)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"field": "positiontype", "value": "per diem"}, True),
        ({"field": "positiontype", "value": ["Full-Time", "D37"]}, True),
        ({"field": "positiontype", "value": "Full-Time"}, False),
        ({"field": "jobtype"}, True),
        ({"field": "hidden"}, False),
        ({"field": "hidden", "value": "x"}, False),
    ],
)
def test_a_condition_holds_by_name_or_id_whatever_the_case(condition: dict[str, Any], holds: bool) -> None:
    assert Condition.model_validate(condition).holds(SAID) is holds


def test_of_each_key_the_first_rule_that_holds_and_sets_it_counts() -> None:
    rules = (
        {"when": {"field": "positiontype", "value": "Full-Time"}, "organization_urn": "urn:li:organization:1"},
        {"when": {"field": "positiontype", "value": "Per Diem"}, "listing_type": "BASIC", "workplace_type": "remote"},
        {
            "when": {"field": "jobtype"},
            "listing_type": "PREMIUM",
            "organization_urn": OTHER,
            "apply_url": "https://x/{job_id}",
        },
    )
    assert listing(SAID, *rules) == Listing("BASIC", "urn:li:contract:91011", OTHER, "remote", "https://x/{job_id}")
    assert listing({}, *rules) == Listing("PREMIUM", "urn:li:contract:91011", "urn:li:organization:5678", None, None)


def test_premium_by_rule_needs_a_contract() -> None:
    rule = {"when": {"field": "x"}, "listing_type": "PREMIUM"}
    linkedin = {"listing_type": "BASIC", "contract_urn": "urn:li:contract:1", "rules": [rule]}
    assert made(linkedin=linkedin)
    raw = raw_settings(URLS)
    raw["customers"][0]["linkedin"] |= {"listing_type": "BASIC", "rules": [rule]}
    del raw["customers"][0]["linkedin"]["contract_urn"]
    with pytest.raises(ConfigurationError, match=r"rules\[0\]: listing_type \"PREMIUM\" needs contract_urn"):
        parse_settings(raw, {}, base=Path())


def test_hires_close_by_the_first_rule_that_holds() -> None:
    rules = [
        {"when": {"field": "jobtype", "value": "evergreen"}, "close_when": "never"},
        {"when": {"field": "positiontype"}, "close_when": "all_positions_filled"},
    ]
    customer = first(made(closing=rules))
    assert [customer.closes_when(said) for said in (SAID, {"positiontype": ("x",)}, {})] == [
        "never",
        "all_positions_filled",
        "first_hire",
    ]


def test_addresses_are_filled_and_a_number_cannot_change_where_they_lead() -> None:
    template = "https://{portal_host}/jobs/{job_id}?n={job_number}&c={customer_id}"
    ids = {"customer_id": "1234", "job_id": "7"}
    assert fill(template, **ids, job_number="2026-1", portal_host="careers.example.com") == (
        "https://careers.example.com/jobs/7?n=2026-1&c=1234"
    )
    assert fill(template, **ids, job_number="a&c=9/../#") == (
        "https://jobs-1234.icims.com/jobs/7?n=a%26c%3D9%2F..%2F%23&c=1234"
    )


@pytest.mark.parametrize(
    "section",
    [{"linkedin": {"external_job_posting_id": "{job_number}"}}, {"indeed": {"job_posting_id": "{portal_host}"}}],
)
def test_ids_are_made_of_ids_alone(section: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="are for addresses"):
        made(**section)


def test_words_are_the_customers_then_the_languages_then_everybodys() -> None:
    raw = raw_settings(URLS)
    raw["gateway"]["messages"] = {"unpost": "all: {job_id}", "hire": "all"}
    raw["gateway"]["languages"] = {"de": {"unpost": "Stelle {job_id}", "kept": "aufgehoben"}}
    raw["customers"][0] |= {"language": "de", "messages": {"kept": "ours"}}
    settings = parse_settings(raw, {}, base=Path())
    words = settings.messages_for("1234")
    assert (words.unpost, words.hire, words.kept) == ("Stelle {job_id}", "all", "ours")
    assert settings.messages_for("5678").unpost == settings.messages_for(None).unpost == "all: {job_id}"
    raw["customers"][0]["language"] = "fr"
    with pytest.raises(ConfigurationError, match=r"customer 1234 needs \[gateway.languages.fr\]"):
        parse_settings(raw, {}, base=Path())
