"""A server with workers of every kind, simulated boards and somebody who is notified; all that ran there is kept."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client, WorkflowHistory

from activities.indeed.pacing import shared_out
from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent
from runtime.provisioning import register_search_attributes
from store.admin import migrate
from store.ledger.notes import SigningKey
from tests.support.boards import CUSTOMER, Boards, control_of
from tests.support.lifecycles import Handle, send
from tests.support.processes import ROOT
from tests.support.receiver import SIGNING_KEY, Receiver, receiving
from tests.support.temporal import client_of, running_temporal
from tests.support.webhooks import webhook_settings
from tests.support.workers import running_workers

SHORT = "limit.historyCount.suggestContinueAsNew=24"
LEDGER_KEY = SigningKey("ledger.example.com", b"k" * 32)
TIMING = {
    "confirm_within": "1500ms",
    "attention_after": "3s",
    "probe_every": "2s",
    "recheck_after": ["100ms", "200ms"],
    "notify_again": ["50ms", "50ms"],
}


@dataclass
class World:
    """Where scenarios run; each names the jobs that it is about, so that their histories bear its name."""

    client: Client
    boards: Boards
    settings: Settings
    control: httpx.AsyncClient
    short: bool
    """Whether histories stay short here, so that whatever may go on in a new run does."""
    scenarios: dict[str, str] = field(default_factory=dict)
    """The scenario of each job."""

    async def job(self, scenario: str) -> str:
        """Put a new job on the boards."""
        job_id = str(700_001 + len(self.scenarios))
        self.scenarios[job_id] = scenario
        await self.boards.add_job(job_id)
        return job_id

    async def send(self, job_id: str, intent: Intent = Intent.UNPOSTED) -> Handle:
        """Hand in an event of the ATS."""
        return await send(self.client, self.settings, job_id, intent)

    def configured(self, **changes: Any) -> Settings:
        """Return the settings with changes of the first customer's section of iCIMS."""
        first, *others = self.settings.customers
        changed = first.model_copy(update={"icims": first.icims.model_copy(update=changes)})
        return self.settings.model_copy(update={"customers": (changed, *others)})

    async def histories(self) -> list[tuple[str, WorkflowHistory]]:
        """Return every run of every workflow, oldest first, by its type and scenario."""
        runs = [each async for each in self.client.list_workflows()]
        runs.sort(key=lambda each: (each.id, each.start_time, each.run_id))
        return [
            (self._name(each.workflow_type, each.id), await self._history(each.id, each.run_id))
            for each in runs
            if not each.id.startswith("temporal-")
        ]

    async def _history(self, id_: str, run_id: str) -> WorkflowHistory:
        return await self.client.get_workflow_handle(id_, run_id=run_id).fetch_history()

    def _name(self, kind: str, id_: str) -> str:
        named = next((self.scenarios[word] for word in id_.split("-") if word in self.scenarios), None)
        if named is None:
            words = [each for each in re.split(r"[-.]", id_.lower()) if each.isalpha() and each != kind.lower()]
            named = "-".join(words) or "run"
        return f"{kind}-{named}"


@asynccontextmanager
async def running_world(urls: dict[str, str], folder: Path, *, short: bool) -> AsyncIterator[World]:
    """Run all of it; the store is a file in a folder."""
    dynamic_config = [SHORT] if short else []
    async with AsyncExitStack() as stack:
        client = await client_of(await stack.enter_async_context(running_temporal(dynamic_config=dynamic_config)))
        await register_search_attributes(client)
        control = await stack.enter_async_context(control_of(urls))
        boards = Boards(control)
        await boards.reset()
        receiver = await stack.enter_async_context(receiving())
        receiver.answers = (500, 204)
        settings = _settings(urls, folder, receiver)
        await migrate(settings.store.url)
        workers = running_workers(client, settings, shared_out=shared_out(client))
        await stack.enter_async_context(workers)
        yield World(client, boards, settings, control, short)


def _settings(urls: dict[str, str], folder: Path, receiver: Receiver) -> Settings:
    raw = webhook_settings(urls)
    raw["timing"] |= TIMING
    raw["store"]["url"] = f"sqlite:///{folder}/store.db"
    raw["ledger"] = {"key": LEDGER_KEY.text()}
    raw["notifications"] = [{"name": "ops", "url": receiver.url, "secret": SIGNING_KEY}]
    assert raw["customers"][0]["id"] == CUSTOMER
    return parse_settings(raw, {}, base=ROOT)
