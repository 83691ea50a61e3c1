"""`doctor` finds each planted fault and names it, and nothing else beside it.

Every fault is real: in the configuration, in Temporal, at the simulated boards or in a running gateway.
"""

import base64
import copy
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from temporalio.api.enums.v1 import IndexedValueType

from boardsync.doctor import gateway as doctors_gateway
from models.temporal import FAILING, Queue
from runtime.connection import connect
from store.ledger.notes import SigningKey
from tests.cli.installation import (
    STRONG,
    Installation,
    gateway,
    point_at,
    retype,
    serving,
    set_limits,
    temporal_with_workers,
)
from tests.support.boards import Boards, control_of
from tests.support.cli import Cli, Said
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, free_port
from tests.support.settings import write_toml
from tests.support.webhooks import webhook_settings

Fault = Callable[[Installation], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="module")
async def healthy(sandbox_urls: dict[str, str]) -> AsyncIterator[Installation]:
    """Run Temporal, workers on every queue and a gateway, all as they should be."""
    raw = webhook_settings(sandbox_urls)
    raw["gateway"]["link_secret"] = STRONG
    raw["store"]["key"] = base64.b64encode(b"k" * 32).decode()
    raw["ledger"] = {"key": SigningKey.new("ledger.example.com").text()}
    async with control_of(sandbox_urls) as http:
        installation = Installation(raw, None, Boards(http))  # type: ignore[arg-type]
        async with temporal_with_workers(installation.settings(), list(Queue)) as (address, client):
            installation.client = client
            installation.environment["TEMPORAL_ADDRESS"] = address
            async with serving(gateway(client, installation.settings())) as url:
                point_at(raw, url)
                yield installation


@pytest.fixture
async def installation(healthy: Installation, boards: Boards) -> Installation:
    """Return a copy whose configuration may be spoiled; the boards are as new."""
    # Many checks in a row, each as a caller of its own: what they ask for together is no fault.
    await boards.set(indeed__finds_per_second=1000)
    return Installation(copy.deepcopy(healthy.raw), healthy.client, boards, dict(healthy.environment))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a loaded machine take longer for a challenge than LinkedIn would wait."""
    monkeypatch.setattr(doctors_gateway, "CHALLENGE_WITHIN", 60.0)


async def examine(installation: Installation, folder: Path, *words: str) -> Said:
    config = folder / "boardsync.toml"
    write_toml(config, installation.raw)
    environment = {"TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config), **installation.environment}
    return await Cli(environment)("doctor", *words)


async def test_a_healthy_installation_is_found_healthy(installation: Installation, tmp_path: Path) -> None:
    said = await examine(installation, tmp_path, "--json")
    assert [each for each in said.json["findings"] if each["level"] != "ok"] == []
    assert (said.code, said.json["healthy"], said.stderr) == (0, True, "")
    checks = {each["check"] for each in said.json["findings"]}
    assert checks >= {
        "configuration", "configuration.link_secret", "store", "store.inbox", "store.key", "ledger.key",
        "temporal", "temporal.namespace", "temporal.search_attributes", "temporal.workflows",
        "temporal.worker.job-postings", "icims.1234", "linkedin.5678", "indeed.1234",
        "linkedin.parent", "gateway.alive", "gateway.ready", "gateway.public_url", "linkedin.webhook.234",
        "linkedin.webhook.100", "clock.gateway", "clock.icims", "clock.linkedin", "clock.indeed",
    }  # fmt: skip
    text = (await examine(installation, tmp_path)).stdout
    assert f"{len(said.json['findings'])} ok, 0 to look at, 0 failed" in text
    assert "secret-" not in text


@asynccontextmanager
async def unknown_key(it: Installation) -> AsyncIterator[None]:
    it.raw["timing"]["confirm_fisrt"] = "1s"
    yield


@asynccontextmanager
async def missing_environment(it: Installation) -> AsyncIterator[None]:
    it.customer["linkedin"]["client_secret"] = "env:BOARDSYNC_TEST_NOT_SET"
    yield


@asynccontextmanager
async def weak_link_secret(it: Installation) -> AsyncIterator[None]:
    it.raw["gateway"]["link_secret"] = "swordfish"
    yield


@asynccontextmanager
async def no_store_keys(it: Installation) -> AsyncIterator[None]:
    del it.raw["store"]["key"], it.raw["ledger"]
    yield


@asynccontextmanager
async def no_store(it: Installation) -> AsyncIterator[None]:
    it.raw["store"]["url"] = "sqlite:////nowhere/at/all/store.db"
    yield


@asynccontextmanager
async def store_without_tables(it: Installation) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        sqlite3.connect(file).close()
        it.raw["store"]["url"] = f"sqlite:///{file}"
        file.touch()
        yield


@asynccontextmanager
async def no_temporal(it: Installation) -> AsyncIterator[None]:
    it.environment["TEMPORAL_ADDRESS"] = f"{HOST}:{free_port()}"
    yield


@asynccontextmanager
async def unknown_namespace(it: Installation) -> AsyncIterator[None]:
    it.environment["TEMPORAL_NAMESPACE"] = "nowhere"
    yield


def attribute(kind: IndexedValueType.ValueType | None) -> Fault:
    @asynccontextmanager
    async def plant(it: Installation) -> AsyncIterator[None]:
        await retype(it.client, "Attention", IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, kind)
        yield
        await retype(it.client, "Attention", kind, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)

    return plant


@asynccontextmanager
async def no_worker_on_a_queue(it: Installation) -> AsyncIterator[None]:
    # A server of its own: one remembers for minutes who polled.
    others = [queue for queue in Queue if queue is not Queue.OPERATIONS]
    async with temporal_with_workers(it.settings(), others) as (address, _):
        it.environment["TEMPORAL_ADDRESS"] = address
        yield


@asynccontextmanager
async def paused_queue(it: Installation) -> AsyncIterator[None]:
    await set_limits(it.client, Queue.JOB_POSTINGS, queue=0)
    yield
    await set_limits(it.client, Queue.JOB_POSTINGS, queue=None)


def wrong_value(section: str, **values: str | list[str]) -> Fault:
    @asynccontextmanager
    async def plant(it: Installation) -> AsyncIterator[None]:
        it.customer[section].update(values)
        yield

    return plant


@asynccontextmanager
async def linkedin_forbids(it: Installation) -> AsyncIterator[None]:
    body = {"message": "Not enough permissions to access: GET /jobPostingStatus", "status": 403}
    await it.boards.fault("linkedin", "status", "http", status=403, body=body, customer_id="1234", times=None)
    yield


@asynccontextmanager
async def indeed_lacks_a_scope(it: Installation) -> AsyncIterator[None]:
    words = {"code": "FORBIDDEN", "message": "Unauthorized client"}
    await it.boards.fault("indeed", "find", "graphql_error", customer_id="1234", times=None, **words)
    yield


@asynccontextmanager
async def dead_gateway(it: Installation) -> AsyncIterator[None]:
    it.raw["gateway"]["listen"] = f"{HOST}:{free_port()}"
    yield


@asynccontextmanager
async def wrong_public_url(it: Installation) -> AsyncIterator[None]:
    async with serving(web.Application()) as url:
        it.raw["gateway"]["public_url"] = url
        yield


@asynccontextmanager
async def gateway_without_temporal(it: Installation) -> AsyncIterator[None]:
    unreachable = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    async with serving(gateway(unreachable, it.settings())) as url:
        it.raw["gateway"]["listen"] = url.removeprefix("http://")
        yield


@asynccontextmanager
async def gateway_with_another_secret(it: Installation) -> AsyncIterator[None]:
    raw = copy.deepcopy(it.raw)
    raw["linkedin"]["parent"]["client_secret"] = "the-one-before"
    running = Installation(raw, it.client, it.boards).settings()
    async with serving(gateway(it.client, running)) as url:
        point_at(it.raw, url)
        yield


@asynccontextmanager
async def gateway_in_another_time(it: Installation) -> AsyncIterator[None]:
    app = gateway(it.client, it.settings())

    async def late(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(datetime.now(UTC) - timedelta(minutes=20), usegmt=True)

    app.on_response_prepare.append(late)
    async with serving(app) as url:
        point_at(it.raw, url)
        yield


@asynccontextmanager
async def blocked_webhook(it: Installation) -> AsyncIterator[None]:
    await it.boards.set(linkedin__webhook_url=f"http://{HOST}:{free_port()}")
    for _ in range(2):
        await it.boards.validate_linkedin()
    yield


@asynccontextmanager
async def steps_fail(it: Installation) -> AsyncIterator[None]:
    """Have a workflow of a type that no worker knows, as an older worker would a newer one's."""
    run = await it.client.start_workflow("NoSuchType", id="job-1234-404", task_queue=Queue.JOB_POSTINGS.value)
    await eventually(lambda: it.client.count_workflows(FAILING), lambda found: found.count == 1)
    yield
    await run.terminate()
    await eventually(lambda: it.client.count_workflows(FAILING), lambda found: found.count == 0)


FAULTS: dict[str, tuple[Fault, dict[str, str], tuple[str, ...]]] = {
    "unknown key": (unknown_key, {"configuration": "fail"}, ("timing.confirm_fisrt: unknown key",)),
    "missing environment secret": (
        missing_environment,
        {"configuration": "fail"},
        ("customers[0].linkedin.client_secret", "BOARDSYNC_TEST_NOT_SET"),
    ),
    "weak link secret": (
        weak_link_secret, {"configuration.link_secret": "warn"}, ("gateway.link_secret is weak: 9 characters",)
    ),
    "no keys for the store": (
        no_store_keys,
        {"store.key": "warn", "ledger.key": "warn"},
        ("boardsync store key", "boardsync ledger key new", "unsigned"),
    ),
    "store away": (no_store, {"store": "fail"}, ("there is no store yet", "boardsync store migrate")),
    "store without tables": (store_without_tables, {"store": "fail"}, ("boardsync store migrate",)),
    "Temporal down": (no_temporal, {"temporal": "fail"}, ("cannot reach Temporal at", "TEMPORAL_ADDRESS")),
    "unknown namespace": (
        unknown_namespace, {"temporal.namespace": "fail"}, ("nowhere", "temporal operator namespace create")
    ),
    "search attribute missing": (
        attribute(None),
        {"temporal.search_attributes.Attention": "fail"},
        ("Attention is not registered", "--name Attention --type Keyword"),
    ),
    "search attribute of another type": (
        attribute(IndexedValueType.INDEXED_VALUE_TYPE_TEXT),
        {"temporal.search_attributes.Attention": "fail"},
        ("Attention has the type Text, not Keyword", "search-attribute remove"),
    ),
    "no worker on a queue": (
        no_worker_on_a_queue,
        {"temporal.worker.operations": "fail"},
        ("no worker has polled the queue operations", "python worker.py --queues operations"),
    ),
    "queue paused": (
        paused_queue,
        {"temporal.limit.job-postings": "fail"},
        ("the queue job-postings is paused", "incident", "--task-queue job-postings"),
    ),
    "wrong iCIMS secret": (
        wrong_value("icims", client_secret="wrong"),
        {"icims.1234": "fail"},
        ("The client id and secret were refused", "Correct client_id and client_secret"),
    ),
    "iCIMS denied": (
        wrong_value("icims", client_id="icims-5678", client_secret="icims-secret-5678"),
        {"icims.1234": "fail"},
        ("iCIMS does not let Boardsync read", "integration user"),
    ),
    "wrong LinkedIn secret": (
        wrong_value("linkedin", client_secret="wrong"),
        # The gateway runs with the right one, so its answer to LinkedIn's challenge is not this configuration's.
        {"linkedin.1234": "fail", "linkedin.webhook.234": "fail"},
        ("The client id and secret were refused",),
    ),
    "LinkedIn forbids": (linkedin_forbids, {"linkedin.1234": "fail"}, ("may not post jobs", "child application")),
    "wrong Indeed secret": (
        wrong_value("indeed", client_secret="wrong"),
        {"indeed.1234": "fail"},
        ("The client id and secret were refused",),
    ),
    "wrong Indeed advertiser": (
        wrong_value("indeed", advertiser_id="advertiser-5678"),
        {"indeed.1234": "fail"},
        ("Indeed gives no token for this advertiser_id", "Check advertiser_id"),
    ),
    "Indeed scope missing": (indeed_lacks_a_scope, {"indeed.1234": "fail"}, ("does not authorise", "scopes")),
    "an Indeed source that lists nothing": (
        wrong_value("indeed", legacy_source_id="no-such-source"),
        {"indeed.1234": "warn"},
        ("lists no job at all", "legacy_source_id"),
    ),
    "feed types that list nothing": (
        wrong_value("indeed", feed_types=["HOSTED_ON_INDEED"]),
        {"indeed.1234": "warn"},
        ("lists no job at all", "feed_types"),
    ),
    "job_posting_id that matches nothing": (
        wrong_value("indeed", job_posting_id="CBA-{job_id}"),
        {"indeed.1234": "warn"},
        ("none of the newest has a jobPostingId of the form", "job_posting_id"),
    ),
    "a workflow whose steps fail": (
        steps_fail, {"temporal.workflows": "fail"}, ("each step of 1 workflow(s) fails: job-1234-404",)
    ),
    "dead gateway": (dead_gateway, {"gateway.alive": "fail"}, ("nothing answers at", "python -m webhook_gateway")),
    "wrong public_url": (
        wrong_public_url, {"gateway.public_url": "fail"}, ("is not the gateway: HTTP 404", "gateway.public_url")
    ),
    "gateway without Temporal": (
        gateway_without_temporal, {"gateway.ready": "warn"}, ("events are kept until it takes them", "TEMPORAL_*")
    ),
    "gateway with another LinkedIn secret": (
        gateway_with_another_secret,
        {"linkedin.webhook.100": "fail"},
        ("answered wrongly: the challengeResponse is not the one", "Restart the gateway"),
    ),
    "clock skew": (gateway_in_another_time, {"clock.gateway": "fail"}, ("behind this machine's clock", "NTP")),
    "webhook blocked": (blocked_webhook, {"linkedin.parent": "fail"}, ("has blocked 2 webhooks", "developer portal")),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found_and_named(installation: Installation, tmp_path: Path, name: str) -> None:
    plant, expected, words = FAULTS[name]
    async with plant(installation):
        said = await examine(installation, tmp_path, "--json")
    wrong = [each for each in said.json["findings"] if each["level"] != "ok"]
    assert {each["check"]: each["level"] for each in wrong} == expected, wrong
    told = " ".join(f"{each['found']} {each['remedy']}" for each in wrong)
    for word in words:
        assert word in told
    assert all(each["means"] and each["remedy"] for each in wrong)
    assert said.code == (3 if "fail" in expected.values() else 0)
    assert said.json["healthy"] is (said.code == 0)


async def test_findings_read_as_what_is_wrong_what_it_means_and_what_to_do(
    installation: Installation, tmp_path: Path
) -> None:
    installation.customer["icims"]["client_secret"] = "wrong"
    said = await examine(installation, tmp_path)
    assert said.code == 3
    text = " ".join(said.stdout.split())
    assert (
        "fail icims.1234 The client id and secret were refused. HTTP 401 invalid_client What it means: Jobs of "
        "customer 1234" in text
    )
    assert "What to do: Correct client_id and client_secret" in text
    assert "0 to look at, 1 failed" in text


async def test_the_gateways_address_inside_can_be_named(installation: Installation, tmp_path: Path) -> None:
    listening = f"http://{installation.raw['gateway']['listen']}"
    installation.raw["gateway"]["listen"] = f"{HOST}:{free_port()}"
    said = await examine(installation, tmp_path, "--gateway", listening, "--json")
    assert (said.code, said.json["healthy"]) == (0, True)


async def test_a_challenge_that_is_answered_too_late_is_found(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctors_gateway, "CHALLENGE_WITHIN", 0.0)
    said = await examine(installation, tmp_path, "--json")
    wrong = {each["check"] for each in said.json["findings"] if each["level"] == "fail"}
    assert wrong == {"linkedin.webhook.100", "linkedin.webhook.234", "linkedin.webhook.567"}
    assert said.code == 3
