"""What runs out on a day that is known, and is warned of ahead: secrets, LinkedIn's API version, a certificate."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from prometheus_client import Gauge

from config.settings import Settings

logger = logging.getLogger(__name__)

VERSION, SECRET, CERTIFICATE = "linkedin_version", "secret", "certificate"
WARNED_OF: Mapping[str, timedelta] = {
    VERSION: timedelta(days=90),
    SECRET: timedelta(days=30),
    CERTIFICATE: timedelta(days=14),
}
"""How long ahead; whoever renews certificates by itself does so 30 days ahead."""
YEARS_OF_A_VERSION = 2
"""Each version of LinkedIn's Talent APIs lives at least so long (docs/providers/linkedin.md, Versioning)."""
CERTIFICATE_EVERY = 6 * 3600.0
WITHIN = 10.0

EXPIRES = Gauge(
    "boardsync_expires_timestamp_seconds", "When a secret, an API version or a certificate runs out", ("what", "of")
)


@dataclass(frozen=True, slots=True)
class Expiry:
    """One thing that runs out."""

    what: str
    of: str
    """The section of the configuration, or the host."""
    at: datetime

    def is_near(self, now: datetime) -> bool:
        """Return whether somebody should act by now."""
        return self.at - now < WARNED_OF[self.what]


def expiries(settings: Settings) -> Iterator[Expiry]:
    """Return what the configuration itself tells."""
    if (version := settings.linkedin.version) is not None and (sunset := sunset_of(version)) is not None:
        yield Expiry(VERSION, version, sunset)
    sections = [(f"{each.id} {name}", getattr(each, name)) for each in settings.customers for name in _SECTIONS]
    rules = [
        (f"{each.id} indeed.rules[{at}]", rule)
        for each in settings.customers
        for at, rule in enumerate(each.indeed.rules if each.indeed is not None else ())
    ]
    for name, section in [*sections, *rules, ("linkedin.parent", settings.linkedin.parent)]:
        if section is not None and section.client_secret_expires is not None:
            yield Expiry(SECRET, name, _begin_of(section.client_secret_expires))


_SECTIONS = ("icims", "linkedin", "indeed")


def sunset_of(version: str) -> datetime | None:
    """Return from when LinkedIn may refuse a version, `YYYYMM`; None where it names no month."""
    year, month = int(version[:4]), int(version[4:6])
    if not (1 <= month <= 12 and 1 <= year <= 9000):
        return None
    return _begin_of(date(year + YEARS_OF_A_VERSION, month, 1))


async def certificate_of(host: str, port: int = 443) -> Expiry:
    """Return until when a host's certificate is good.

    Raises OSError, ssl.SSLError among them, where the host does not show one that is.
    """
    async with asyncio.timeout(WITHIN):
        _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    try:
        shown = writer.get_extra_info("peercert") or {}
    finally:
        writer.close()
    return Expiry(CERTIFICATE, host, datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC))


def public_host(settings: Settings) -> tuple[str, int] | None:
    """Return where the gateway is reached by https from outside, if it is."""
    url = settings.gateway.public_url
    if url is None or url.scheme != "https" or url.host is None:
        return None
    return url.host.strip("[]"), url.port or 443


def show(settings: Settings) -> None:
    """Tell Prometheus what the configuration tells; of what is no longer there, nothing."""
    _show({each.of: each for each in expiries(settings)}, (VERSION, SECRET))


def _show(found: Mapping[str, Expiry], kinds: tuple[str, ...]) -> None:
    for labels in [tuple(each) for each in _shown if each[0] in kinds]:
        _shown.discard(labels)
        EXPIRES.remove(*labels)
    for each in found.values():
        _shown.add((each.what, each.of))
        EXPIRES.labels(each.what, each.of).set(each.at.timestamp())


_shown: set[tuple[str, str]] = set()


async def watch_certificate(
    settings: Callable[[], Settings], *, read: Callable[[str, int], Awaitable[Expiry]] = certificate_of
) -> None:
    """Look at the gateway's certificate again and again, as whoever sends events sees it; never returns."""
    while True:
        if (where := public_host(settings())) is not None:
            try:
                found = await read(*where)
                _show({found.of: found}, (CERTIFICATE,))
            except (OSError, TimeoutError, KeyError, ValueError) as error:
                logger.warning("the certificate of %s could not be read: %s", where[0], error)
        await asyncio.sleep(CERTIFICATE_EVERY)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
