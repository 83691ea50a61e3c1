"""Check that the configuration is whole, and its own secrets strong."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from boardsync.configuration.checking import check as find_faults
from boardsync.doctor.findings import Finding, Level, bad, good
from config.egress import foreign
from config.live import Live
from config.loading import ConfigurationError, load_settings, located
from config.settings import Settings
from config.strength import weaknesses
from runtime.encryption import key_id
from runtime.expiries import CERTIFICATE, SECRET, VERSION, Expiry, expiries
from store.good_customers import SERVED_FOR
from store.recalling import recall
from store.sealing import Sealer

CHECK = "configuration"
REMEDY = "Correct what is named; docs/configuration.md has every key."
BROKEN = (
    "A process that runs goes on with what was good last; one that starts now, too, where the store keeps that, else "
    "it leaves this out."
)
SHORTEST, FEWEST = 32, 10
"""Characters of a strong secret, and how many different ones."""


def check_configuration() -> tuple[Settings | None, list[Finding]]:
    """Load the configuration; None where it cannot be used."""
    try:
        settings = load_settings()
        _, faults = find_faults(located(os.environ), os.environ)
    except ConfigurationError as error:
        means = "Neither gateway nor worker starts with it; what depends on it was not checked."
        return None, [bad(CHECK, str(error), means=means, remedy=REMEDY)]
    customers = len(settings.customers)
    return settings, [
        good(CHECK, f"{'complete' if not faults else 'usable'}, for {customers} customer{'s' * (customers != 1)}"),
        *[bad(CHECK, fault, means=BROKEN, remedy=REMEDY) for fault in faults],
        *check_settings(settings),
    ]


def check_settings(settings: Settings) -> list[Finding]:
    """Check what is configured; that it can be read is given."""
    return [
        *_link_secret(settings),
        *_weak(settings),
        *_foreign(settings),
        *_unauthenticated(settings),
        *_encryption(settings),
        *_expiring(settings),
    ]


def _weak(settings: Settings) -> list[Finding]:
    if settings.simulated:
        return []
    return [
        bad(
            f"{CHECK}.secrets.{each.key}",
            each.words,
            means="Neither gateway nor worker starts with it.",
            remedy="Set one made by `boardsync keys new`, or have the provider make a new one where it is theirs.",
        )
        for each in weaknesses(settings)
    ]


async def check_recalled() -> list[Finding]:
    """Look whom a process that starts now serves from the last good version that the store keeps.

    Raises ConfigurationError where the configuration cannot be used.
    """
    live = Live.open()
    kept = live.settings.store
    await recall(live, kept.url, Sealer(kept.sealing_key, previous=kept.opening_keys))
    return recalled_customers(live.recalled)


def recalled_customers(good_at: Mapping[str, datetime]) -> list[Finding]:
    """Say who is served, or is by who starts now, from the last good version that the store keeps."""
    return [
        bad(
            f"{CHECK}.recalled.{id_}",
            f"customer {id_} is served as its configuration was good last, at {at:%F %R} UTC",
            means=f"Changes since are not followed; who starts after {at + SERVED_FOR:%F %R} UTC leaves it out.",
            remedy="Mend the customer's file: `boardsync config check` says what is wrong.",
            level=Level.WARN,
        )
        for id_, at in sorted(good_at.items())
    ]


def _foreign(settings: Settings) -> list[Finding]:
    return [
        bad(
            f"{CHECK}.{key}",
            f"{key}: {host} is not a host of the provider by https",
            means="Credentials would go there, so neither gateway nor worker starts.",
            remedy="Correct it, or name the host in [egress] provider_hosts where it is a proxy of yours.",
        )
        for key, host in foreign(settings)
    ]


def _unauthenticated(settings: Settings) -> list[Finding]:
    return [
        bad(
            f"{CHECK}.webhook_auth.{each.id}",
            f'webhook_auth is "none" for customer {each.id}: its events are taken from anybody',
            means="Who knows the address and a job's number takes that job off all boards, or puts it back.",
            remedy='Set webhook_auth to "hmac", "oauth" or "basic" here and in iCIMS, and restart the gateways.',
            level=Level.WARN,
        )
        for each in settings.unauthenticated
    ]


def _encryption(settings: Settings) -> list[Finding]:
    check, keys = f"{CHECK}.encryption", settings.temporal.key_bytes
    if keys and settings.temporal.encrypt:
        return [good(check, f"what Temporal keeps is encrypted with the key {key_id(keys[0])}")]
    if settings.simulated:
        return []
    found = "[temporal] encrypt is false" if keys else "[temporal] encryption_keys is not set"
    return [
        bad(
            check,
            f"{found}: what Temporal keeps is not encrypted",
            means="Who can read Temporal's database or Web UI reads every job's evidence and what people wrote.",
            remedy="Follow docs/encryption.md: one key for gateways, workers and the command line.",
            level=Level.WARN,
        )
    ]


def _expiring(settings: Settings) -> list[Finding]:
    return [expiring(f"{CHECK}.{each.what}.{each.of.replace(' ', '.')}", each) for each in expiries(settings)]


def expiring(check: str, expiry: Expiry) -> Finding:
    """Say when something runs out, and warn of it where that is near."""
    now = datetime.now(UTC)
    names, means, remedy = RUNS_OUT[expiry.what]
    said = f"{names.format(of=expiry.of)} {'ran' if expiry.at <= now else 'runs'} out on {expiry.at:%F}"
    if not expiry.is_near(now):
        return good(check, said)
    return bad(check, said, means=means, remedy=remedy, level=Level.FAIL if expiry.at <= now else Level.WARN)


RUNS_OUT = {
    VERSION: (
        "LinkedIn's API version {of}",
        "LinkedIn keeps a version for two years at least; after that it may refuse every call.",
        "Read LinkedIn's release notes since then, and set [linkedin] version to a newer one.",
    ),
    SECRET: (
        "the client secret of {of}",
        "Once it is refused, every job of the customer waits there.",
        "Have the provider make a new one, enter it, and set client_secret_expires anew.",
    ),
    CERTIFICATE: (
        "the certificate of {of}",
        "iCIMS and LinkedIn send nothing to a host whose certificate is not good.",
        "Renew it at the proxy before the gateway, and see why it does not do so by itself.",
    ),
}


def _link_secret(settings: Settings) -> list[Finding]:
    secret = settings.gateway.link_secret
    if secret is None:
        return []
    text, check = secret.get_secret_value(), f"{CHECK}.link_secret"
    if len(text) >= SHORTEST and len(set(text)) >= FEWEST:
        return [good(check, f"{len(text)} characters")]
    return [
        bad(
            check,
            f"gateway.link_secret is weak: {len(text)} characters, {len(set(text))} of them different",
            means="Who guesses it can open every job's page and send events with tokens of their own making.",
            remedy="Set one made by: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'. "
            "Links sent before then stop working.",
            level=Level.WARN,
        )
    ]
