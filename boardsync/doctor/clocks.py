"""Check that the clocks agree: every reply that the other checks got tells its sender's time."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from boardsync.doctor.findings import Finding, Level, bad, good
from config.settings import Settings
from webhook_gateway.icims.signature import MAX_SKEW
from webhook_gateway.icims.tokens import CLOCK_SKEW

CHECK = "clock"


class Clocks:
    """Compare the `Date` of replies with this machine's clock."""

    def __init__(self, settings: Settings, listening: str) -> None:
        """Name the machines that are asked."""
        self._names = {
            _host(url): name
            for name, url in (
                *(("icims", each.icims.api_url) for each in settings.customers if each.icims.api_url is not None),
                ("icims", settings.icims.api_url),
                ("linkedin", settings.linkedin.api_url),
                ("indeed", settings.indeed.api_url),
                ("gateway", settings.gateway.public_url or listening),
                ("gateway", listening),
            )
        }
        self._off: dict[str, timedelta] = {}

    async def note(self, reply: httpx.Response) -> None:
        """Take a reply's date; the smallest difference counts, as a reply may have been long under way."""
        name = self._names.get(_host(str(reply.request.url)))
        try:
            off = parsedate_to_datetime(reply.headers["Date"]) - datetime.now(UTC)
        except (KeyError, ValueError, TypeError):
            return
        if name is not None and abs(off) < abs(self._off.get(name, timedelta.max)):
            self._off[name] = off

    def findings(self) -> list[Finding]:
        """Judge every clock that was seen."""
        return [_judge(f"{CHECK}.{name}", off) for name, off in sorted(self._off.items())]


def _judge(check: str, off: timedelta) -> Finding:
    seconds = abs(off).total_seconds()
    words = f"{seconds:.0f} s {'ahead of' if off > timedelta(0) else 'behind'} this machine's clock"
    if abs(off) <= CLOCK_SKEW:
        return good(check, f"within {CLOCK_SKEW.seconds} s of this machine's clock")
    limit = MAX_SKEW // timedelta(minutes=1)
    means = "Tokens may be refused before or after their time."
    if abs(off) > MAX_SKEW:
        means = f"iCIMS's HMAC signatures are refused: they may be {limit} minutes off at most."
    return bad(
        check,
        words,
        means=means,
        remedy="Have both machines keep time by NTP (timedatectl tells whether they do).",
        level=Level.FAIL if abs(off) > MAX_SKEW else Level.WARN,
    )


def _host(url: object) -> str:
    return httpx.URL(str(url)).netloc.decode()
