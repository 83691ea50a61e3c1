"""The whole product for a run: two gateways, two workers of two builds, Temporal, the store, the simulated boards.

Each reaches each other over a line of its own, and a process's clock, disk and life can be had at.
"""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client
from temporalio.service import RPCError

from benchmarks.chaos.disk import Disk, can_mount, disk
from benchmarks.chaos.parts import Part, Parts
from benchmarks.chaos.plan import BUILDS, GATEWAYS, STORE, TEMPORAL, WORKERS, Ability, lines
from benchmarks.soak_faults import PROVIDERS
from boardsync.local.processes import python
from runtime.build import BUILD_VARIABLE
from runtime.deployments import read_deployment
from store.admin import migrate
from store.errors import StoreUnavailable
from store.ledger.notes import SigningKey
from tests.support.boards import Boards
from tests.support.lifecycles import eventually
from tests.support.lines import Line, lines_to
from tests.support.postgresql import make_cluster, programs, server_user
from tests.support.postgresql import server_command as postgres_command
from tests.support.processes import HOST, free_port, running_sandbox
from tests.support.settings import write_toml
from tests.support.temporal import client_of, server_command
from tests.support.webhooks import webhook_settings

LEDGER_KEY = SigningKey("chaos.example.com", b"c" * 32)
SEALING_KEY = "c2FuZGJveC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW4="
DAILY_QUOTA = 10_000_000
HIRED = "Hired"
START_WITHIN = 180.0


@dataclass
class Stack:
    """What runs."""

    folder: Path
    parts: Parts
    lines: dict[str, Line]
    disks: dict[str, Disk]
    clock: Path | None
    """The file that says by how much the second worker's clock is wrong."""
    boards: Boards
    client: Client
    """Reaches Temporal directly, as an auditor does."""
    store_url: str
    """Reaches the store directly."""
    gateways: tuple[str, ...]
    urls: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)


def abilities() -> frozenset[Ability]:
    """Return what this machine can do."""
    found = {
        Ability.POSTGRESQL: programs() is not None and server_user() != "",
        Ability.DISK: can_mount(),
        Ability.CLOCK: bool(libfaketime()),
    }
    return frozenset(each for each, able in found.items() if able)


def libfaketime() -> str:
    """Return the library that gives a process another clock; empty where it is not installed."""
    return next((str(each) for each in sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), "")


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bs-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        (folder / "logs").mkdir()
        yield folder


@asynccontextmanager
async def running_stack(able: frozenset[Ability], *, history: int) -> AsyncIterator[Stack]:
    """Run everything for the length of a block; workflows go on in new runs after so many events of their history."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder())
        user = server_user() if Ability.POSTGRESQL in able else None
        disks = {
            TEMPORAL: stack.enter_context(disk(folder / TEMPORAL)),
            STORE: stack.enter_context(disk(folder / STORE, user=user)),
        }
        urls = await stack.enter_async_context(running_sandbox())
        parts = Parts()
        stack.push_async_callback(parts.stop)
        temporal, store_url = f"{HOST}:{free_port()}", f"sqlite:///{disks[STORE].folder}/store.db"
        targets = {f"workers:{name}": urls[name] for name in PROVIDERS}
        if Ability.POSTGRESQL in able:
            address = await _start_postgresql(parts, disks[STORE].folder, folder / "logs")
            store_url = f"postgresql://boardsync@{address}/postgres"
            targets |= {each: address for each in lines(able) if each.endswith(f":{STORE}")}
        else:
            await migrate(store_url)
        targets |= {each: temporal for each in lines(able) if each.endswith(f":{TEMPORAL}")}
        client = await _start_temporal(parts, temporal, disks[TEMPORAL].folder, folder / "logs", history)
        connected = await stack.enter_async_context(lines_to(targets, lines(able)))
        control = await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=60)
        )
        running = Stack(
            folder, parts, connected, disks, None, Boards(control), client, store_url, gateways=(), urls=urls
        )
        await _start_ours(running, able)
        yield running


async def _start_postgresql(parts: Parts, folder: Path, logs: Path) -> str:
    port = free_port()
    make_cluster(folder / "data")
    part = Part(STORE, postgres_command(folder / "data", port), logs / "store.log", ours=False)
    await parts.add(part).start()
    address = f"{HOST}:{port}"
    await eventually(lambda: _migrated(f"postgresql://boardsync@{address}/postgres"), bool, within=START_WITHIN)
    return address


async def _migrated(url: str) -> bool:
    try:
        await migrate(url)
    except StoreUnavailable:
        return False
    return True


async def _start_temporal(parts: Parts, address: str, folder: Path, logs: Path, history: int) -> Client:
    port = int(address.rpartition(":")[2])
    command = server_command(
        port,
        database=folder / "temporal.db",
        dynamic_config=[f"limit.historyCount.suggestContinueAsNew={history}"],
    )
    await parts.add(Part(TEMPORAL, command, logs / "temporal.log", ours=False)).start()
    return await client_of(address)


async def _start_ours(running: Stack, able: frozenset[Ability]) -> None:
    running.raw = settings_of(running)
    if Ability.CLOCK in able:
        running.clock = running.folder / "clock"
        running.clock.write_text("+0\n", encoding="ascii")
    ports = {name: free_port() for name in GATEWAYS}
    running.gateways = tuple(f"http://{HOST}:{port}" for port in ports.values())
    for name in (*GATEWAYS, *WORKERS):
        raw = {**running.raw, "store": {**running.raw["store"], "url": _store_url_of(running, name)}}
        if name in ports:
            raw["gateway"] = {**raw["gateway"], "listen": f"{HOST}:{ports[name]}"}
        config = running.folder / f"{name}.toml"
        write_toml(config, raw)
        command = python("-m", "webhook_gateway") if name in GATEWAYS else python("worker.py")
        part = Part(name, command, running.folder / "logs" / f"{name}.log", _environment(running, name, config))
        await running.parts.add(part).start()
    await eventually(lambda: _ready(running), bool, within=START_WITHIN, every=1.0)
    await _set_up_boards(running.boards, running.gateways[0])


def settings_of(running: Stack) -> dict[str, Any]:
    """Return the configuration that all share: the boards are reached over lines, and everything is told and signed."""
    urls = {**running.urls, **{name: running.lines[f"workers:{name}"].url for name in PROVIDERS}}
    # A board that took a write and did not carry it out is asked about while the run lasts.
    raw = webhook_settings(urls, report_every="2s", call_timeout="20s", confirm_within="2m")
    raw["icims"]["daily_quota"] = DAILY_QUOTA
    raw["store"] = {"url": running.store_url, "key": SEALING_KEY}
    raw["ledger"] = {"key": LEDGER_KEY.text()}
    raw["worker"] = {"versioning": True}
    raw["customers"][0]["icims"]["report"] = True
    raw["customers"][0]["linkedin"]["on_post"] = "create"
    raw["customers"][0]["linkedin"]["workplace_type"] = "hybrid"
    raw["customers"][0]["closing_statuses"] = [HIRED]
    return raw


def _store_url_of(running: Stack, name: str) -> str:
    line = running.lines.get(f"{name}:{STORE}")
    return running.store_url if line is None else f"postgresql://boardsync@{line.address}/postgres"


def _environment(running: Stack, name: str, config: Path) -> dict[str, str]:
    env = {
        "BOARDSYNC_CONFIG": str(config),
        "TEMPORAL_ADDRESS": running.lines[f"{name}:{TEMPORAL}"].address,
        "PYTHONPATH": ".",
    }
    if name in BUILDS:
        env[BUILD_VARIABLE] = BUILDS[name]
    if name == WORKERS[1] and running.clock is not None:
        env |= {
            "LD_PRELOAD": libfaketime(),
            "FAKETIME_TIMESTAMP_FILE": str(running.clock),
            "FAKETIME_CACHE_DURATION": "1",
            # A clock that is set does not change how long a second lasts.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
    return env


async def _ready(running: Stack) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in running.gateways:
            try:
                if (await http.get(f"{url}/readyz")).status_code != 200:
                    return False
            except httpx.HTTPError:
                return False
    try:
        found = await read_deployment(running.client)
    except RPCError:  # two workers that set it up at the same time are asked to wait
        return False
    return found.current is not None and {each.build_id for each in found.builds} >= set(BUILDS.values())


async def _set_up_boards(boards: Boards, gateway: str) -> None:
    """Have the boards send their own webhooks, some twice and some late."""
    mishaps = {"webhook_duplicate_every": 3, "webhook_late_every": 4, "webhook_late_seconds": 2.0}
    urls = {board: f"{gateway}/webhooks/{board}" for board in ("linkedin", "indeed")}
    await boards.set(
        icims__daily_quota=DAILY_QUOTA,
        **{f"{board}__webhook_url": url for board, url in urls.items()},
        **{f"{board}__{name}": value for board in urls for name, value in mishaps.items()},
    )
