"""Credentials go to the providers' own hosts, notifications to public ones, and to others only by name."""

from pathlib import Path
from typing import Any

import pytest

from config.egress import foreign, may_be_private, refuse_foreign
from config.loading import ConfigurationError, parse_settings
from config.settings import Settings
from tests.support.settings import raw_settings

REAL = {
    "icims": "https://api-eu.icims.com",
    "linkedin": "https://api.linkedin.com",
    "indeed": "https://apis.indeed.com",
}
SIMULATED = dict.fromkeys(REAL, "http://127.0.0.1:9")


def read(urls: dict[str, str], **egress: Any) -> Settings:
    raw = raw_settings(urls)
    raw["icims"]["token_url"] = raw["icims"]["token_url"].replace("https://api-eu.icims.com", "https://login.icims.eu")
    return parse_settings({**raw, "egress": egress}, {}, base=Path())


def test_the_providers_own_hosts_are_taken_and_the_defaults_are_among_them() -> None:
    refuse_foreign(read(REAL))
    defaults = {**raw_settings(REAL), "icims": {}, "linkedin": {}, "indeed": {}}
    refuse_foreign(parse_settings(defaults, {}, base=Path()))


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("icims", "https://icims.com.evil.test"),
        ("icims", "https://noticims.com"),
        ("linkedin", "https://api.linkedin.com.evil.test"),
        ("linkedin", "https://api.linkedin.com@evil.test"),
        ("indeed", "https://169.254.169.254"),
        ("indeed", "http://apis.indeed.com"),
    ],
)
def test_any_other_host_is_refused_unless_it_is_named(provider: str, url: str) -> None:
    settings = read({**REAL, provider: url})
    assert {key.partition(".")[0] for key, _ in foreign(settings)} == {provider}
    with pytest.raises(ConfigurationError, match=rf"^{provider}\.api_url: .* \[egress\] provider_hosts$"):
        refuse_foreign(settings)
    refuse_foreign(read({**REAL, provider: url}, provider_hosts=[host for _, host in foreign(settings)]))


def test_simulated_boards_may_be_anywhere() -> None:
    refuse_foreign(read(SIMULATED))


def test_a_private_host_of_notifications_is_allowed_by_name_alone() -> None:
    settings = read(REAL, private_hosts=["Hooks.corp.test", "10.1.2.3", "::1"])
    for host in ("hooks.corp.test", "HOOKS.corp.test", "10.1.2.3", "::1", "[::1]"):
        assert may_be_private(settings, host)
    for host in ("corp.test", "x.hooks.corp.test", "10.1.2.4", "localhost", "127.0.0.1", ""):
        assert not may_be_private(settings, host)


def test_beside_simulated_boards_this_machine_may_be_told_by_its_own_names() -> None:
    settings = read(SIMULATED)
    for host in ("localhost", "127.0.0.1", "::1"):
        assert may_be_private(settings, host)
    for host in ("10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "2130706433", "hooks.example.com"):
        assert not may_be_private(settings, host)


def test_a_customers_own_addresses_count_too() -> None:
    raw = raw_settings(REAL)
    raw["customers"][1]["icims"] |= {
        "api_url": "https://api-eu.icims.com",
        "token_url": "https://login.evil.test/token",
    }
    settings = parse_settings(raw, {}, base=Path())
    assert list(foreign(settings)) == [("customers[1].icims.token_url", "login.evil.test")]
    raw = raw_settings(SIMULATED)
    assert parse_settings(raw, {}, base=Path()).simulated
    raw["customers"][1]["icims"]["api_url"] = "https://api.icims.com"
    assert not parse_settings(raw, {}, base=Path()).simulated
