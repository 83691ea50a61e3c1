"""What runs out is known ahead, and told as long as it is there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from boardsync.doctor.configuration import expiring
from boardsync.doctor.findings import Level
from config.settings import Settings
from runtime import expiries
from runtime.expiries import CERTIFICATE, SECRET, VERSION, Expiry, sunset_of
from tests.support.settings import raw_settings

URLS = {name: f"http://{name}.example" for name in ("icims", "linkedin", "indeed", "control")}


def settings(**linkedin: object) -> Settings:
    raw = raw_settings(URLS)
    raw["linkedin"] |= linkedin
    raw["customers"][0]["linkedin"]["client_secret_expires"] = date(2027, 3, 1)
    return Settings.model_validate(raw)


def shown(what: str, of: str) -> float | None:
    return REGISTRY.get_sample_value("boardsync_expires_timestamp_seconds", {"what": what, "of": of})


def test_a_version_ends_two_years_after_its_month_and_a_secret_on_its_day() -> None:
    found = {each.what: each for each in expiries.expiries(settings(version="202508.02"))}
    assert found[VERSION].at == datetime(2027, 8, 1, tzinfo=UTC)
    assert (found[SECRET].of, found[SECRET].at) == ("1234 linkedin", datetime(2027, 3, 1, tzinfo=UTC))
    assert sunset_of("202513") is None


def test_what_is_told_is_what_is_configured_by_now() -> None:
    expiries.show(settings(version="202508"))
    assert shown(VERSION, "202508") == datetime(2027, 8, 1, tzinfo=UTC).timestamp()
    expiries.show(settings(version="202604"))
    assert shown(VERSION, "202508") is None
    assert shown(VERSION, "202604") is not None
    assert shown(SECRET, "1234 linkedin") is not None


@pytest.mark.parametrize(
    ("what", "days", "level"),
    [
        (VERSION, 89, Level.WARN),
        (VERSION, 91, Level.OK),
        (SECRET, 29, Level.WARN),
        (SECRET, 31, Level.OK),
        (CERTIFICATE, 13, Level.WARN),
        (CERTIFICATE, 15, Level.OK),
        (CERTIFICATE, -1, Level.FAIL),
    ],
)
def test_doctor_warns_ahead_and_fails_once_it_has_run_out(what: str, days: int, level: Level) -> None:
    found = expiring("check", Expiry(what, "it", datetime.now(UTC) + timedelta(days=days)))
    assert found.level is level
