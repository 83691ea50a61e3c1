"""Settings that point at the sandbox."""

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

from config.loading import parse_settings
from config.settings import Settings

FAST = {
    "linkedin_task_after": "100ms",
    "confirm_first": "100ms",
    "confirm_max": "300ms",
    # No person is asked only because the machine is slow: a test that is about lasting failures sets its own.
    "confirm_within": "10m",
    "attention_after": "10m",
    "write_again_after": "2s",
}

STORE = Path(tempfile.mkdtemp(prefix="boardsync-store-"))
"""One store for each process that runs tests: none of them writes into the repository."""
atexit.register(shutil.rmtree, STORE, ignore_errors=True)


def raw_settings(urls: dict[str, str], **timing: str) -> dict[str, Any]:
    """Return the configuration as a file would hold it."""
    return {
        "gateway": {
            "temporal_ui_url": "http://ui.example.com",
            "public_url": "https://hooks.example.com",
            "link_secret": "a-secret-for-links-in-tests",
        },
        "icims": {"api_url": urls["icims"], "token_url": f"{urls['icims']}/oauth/token"},
        "linkedin": {"api_url": urls["linkedin"], "token_url": f"{urls['linkedin']}/oauth/v2/accessToken"},
        "indeed": {"api_url": f"{urls['indeed']}/graphql", "token_url": f"{urls['indeed']}/oauth/v2/tokens"},
        "store": {"url": f"sqlite:///{STORE / 'store.db'}"},
        "timing": {**FAST, **timing},
        "customers": [
            customer("1234", "Example Health", application=234, organization=5678, contract=91011),
            {**customer("5678", "Other Clinics", application=567, organization=8765, contract=11019)},
        ],
    }


def customer(id_: str, name: str, *, application: int, organization: int, contract: int) -> dict[str, Any]:
    """Return one customer, with the sandbox's predictable credentials."""
    return {
        "id": id_,
        "name": name,
        "boards": ["linkedin", "indeed"],
        "icims": {
            "webhook_auth": "basic",
            "webhook_user": f"icims-{id_}",
            "webhook_secret": f"webhook-secret-{id_}",
            "job_distributor_id": "D90005",
            "report": False,
            "client_id": f"icims-{id_}",
            "client_secret": f"icims-secret-{id_}",
        },
        "linkedin": {
            "client_id": f"linkedin-{id_}",
            "client_secret": f"linkedin-secret-{id_}",
            "application_urn": f"urn:li:developerApplication:{application}",
            "organization_urn": f"urn:li:organization:{organization}",
            "contract_urn": f"urn:li:contract:{contract}",
            "listing_type": "PREMIUM",
        },
        "indeed": {
            "client_id": f"indeed-{id_}",
            "client_secret": f"indeed-secret-{id_}",
            "advertiser_id": f"advertiser-{id_}",
            "tracking_url": "https://example.com/jobs/{job_id}?utm_source=indeed",
            "campaign_categories": ["default"],
        },
    }


def sandbox_settings(urls: dict[str, str], **timing: str) -> Settings:
    """Return the settings, validated as at start."""
    return parse_settings(raw_settings(urls, **timing), {}, base=Path())


def reporting_settings(urls: dict[str, str], **timing: str) -> Settings:
    """Return settings under which iCIMS is told."""
    settings = sandbox_settings(urls, **timing)
    customers = tuple(
        each.model_copy(update={"icims": each.icims.model_copy(update={"report": True})}) for each in settings.customers
    )
    return settings.model_copy(update={"customers": customers})


def without_store(settings: Settings) -> Settings:
    """Return settings whose store is away for good."""
    away = settings.store.model_copy(update={"url": "sqlite:////dev/null/store.db"})
    return settings.model_copy(update={"store": away})


def write_toml(path: Path, raw: dict[str, Any]) -> None:
    """Write the configuration as a file."""
    path.write_text(_toml(raw), encoding="utf-8")


def _toml(table: dict[str, Any], prefix: str = "") -> str:
    plain = "".join(f"{key} = {_value(value)}\n" for key, value in table.items() if not _is_table(value))
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            plain += f"[{name}]\n{_toml(value, name + '.')}"
        elif _is_table(value):
            plain += "".join(f"[[{name}]]\n{_toml(each, name + '.')}" for each in value)
    return plain


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
