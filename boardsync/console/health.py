"""`GET /configuration`: whether configuration, Temporal and store are as they should be, and what is configured."""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from boardsync.console.context import Context
from boardsync.console.kept import Kept
from boardsync.console.overview import paused
from boardsync.console.rendering import reply
from boardsync.doctor.configuration import BROKEN, CHECK, REMEDY, check_settings, recalled_customers
from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.doctor.store import check_store
from boardsync.doctor.temporal import check_client
from config.customers import Customer

KEPT = 20.0
WITHIN = 20.0
TONES: Mapping[Level, str] = {Level.OK: "done", Level.WARN: "busy", Level.FAIL: "alarm"}
WORDS: Mapping[Level, str] = {Level.OK: "As it should be", Level.WARN: "To look at", Level.FAIL: "Wrong"}


class ConfigurationPage:
    """Configuration health."""

    def __init__(self, context: Context) -> None:
        """Check by what this console has: a fault that only other processes have is theirs to tell."""
        self._context = context
        self._findings = Kept(self._check, KEPT)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with findings, the worst first, and the customers."""
        findings = await self._findings.get()
        worst = sorted(findings, key=lambda each: list(Level).index(each.level), reverse=True)
        settings = self._context.settings
        return reply(
            request,
            "configuration.html",
            wrong=[each for each in worst if each.level is not Level.OK],
            sound=[each for each in findings if each.level is Level.OK],
            tones=TONES,
            words=WORDS,
            paused=paused(settings),
            customers=[customer_line(each) for each in settings.customers],
            console=settings.console,
        )

    async def _check(self) -> list[Finding]:
        settings = self._context.settings
        temporal, store = await asyncio.gather(check_client(self._context.client), check_store(settings))
        customers = len(settings.customers)
        return [
            good(CHECK, f"in use, for {customers} customer{'s' * (customers != 1)}"),
            *[
                bad(CHECK, f"{each.place}: {each.message}", means=BROKEN, remedy=REMEDY)
                for each in self._context.troubles
            ],
            *recalled_customers(self._context.recalled),
            *check_settings(settings),
            *temporal,
            *store,
        ]


def customer_line(customer: Customer) -> Mapping[str, object]:
    """Return what is configured of a customer, without any secret."""
    boards: Sequence[str] = [board.label for board in customer.boards]
    statuses = ", ".join(customer.closing_statuses)
    return {
        "id": customer.id,
        "name": customer.name,
        "boards": ", ".join(boards),
        "auth": customer.icims.webhook_auth,
        "hires": f"{customer.close_when}, on status {statuses}".replace("_", " ") if statuses else "no",
        "report": "yes" if customer.icims.report else "no",
    }
