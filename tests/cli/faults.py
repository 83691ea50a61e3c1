"""Faults that are planted in a healthy installation, and what `doctor` says of each."""

import copy
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web
from temporalio.api.enums.v1 import IndexedValueType

from models.temporal import FAILING, Queue
from runtime.connection import connect
from tests.cli.installation import (
    Installation,
    gateway,
    point_at,
    retype,
    serving,
    set_limits,
    temporal_with_workers,
)
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, free_port
from tests.support.temporal import FAILS_AGAIN_AFTER

Fault = Callable[[Installation], AbstractAsyncContextManager[None]]


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
    run = await it.client.start_workflow(
        "NoSuchType", id="job-1234-404", task_queue=Queue.JOB_POSTINGS.value, task_timeout=FAILS_AGAIN_AFTER
    )
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
