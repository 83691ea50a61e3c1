"""A whole lifecycle with encrypted payloads: Temporal holds nothing readable, and a missing key loses nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from boardsync.jobs import attention as needs
from boardsync.jobs.lifecycles import NoAnswer, query_lifecycle
from config.settings import Settings
from models.states import Intent, Outcome, Phase
from models.temporal import CUSTOMER_ID, PHASE
from runtime.connection import connect
from runtime.encryption import Undecryptable, key_id
from runtime.schedules import RECHECK_SCHEDULE, schedule_sweeps
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.encryption import NEW, OLD, encoded, encrypting, temporal_with
from tests.support.lifecycles import Handle, eventually, handle, linkedin_of, send, state
from tests.support.settings import raw_settings, write_toml
from tests.support.workers import running_workers

NO_SLOTS = "Insufficient job slots for contract = urn:li:contract:91011, ask jane.doe@example.com"


PLAIN_WORDS = ("Example Health", "Insufficient job slots", "slots bought", "jane.doe", "Read LinkedIn", "received_at")


async def raw_history(client: Client, workflow_id: str) -> bytes:
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return b"".join(event.SerializeToString() for event in history.events)


async def test_a_closes_history_holds_nothing_readable_and_the_cli_reads_it(
    client: Client,
    temporal: str,
    settings: Settings,
    boards: Boards,
    job: str,
    sandbox_urls: dict[str, str],
    tmp_path: Path,
) -> None:
    sealing = await connect(temporal_with(NEW), address=temporal)
    await boards.fault("linkedin", "submit", "http", job_id=job, status=402, body={"message": NO_SLOTS}, times=2)
    async with running_workers(sealing, encrypting(settings, NEW)):
        lifecycle = await send(sealing, settings, job)
        await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.ATTENTION)
        await lifecycle.signal("retry", {"by": "Ana", "reason": "slots bought"})
        await eventually(lambda: state(lifecycle), lambda seen: bool(seen.received))
        await boards.clear_faults()
        await lifecycle.signal("retry", {"by": "Ana", "reason": "slots bought"})
        receipt = await lifecycle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED

    raw = await raw_history(client, lifecycle.id)
    assert key_id(NEW).encode() in raw
    for told in PLAIN_WORDS:
        assert told.encode() not in raw
    with pytest.raises(Undecryptable, match=key_id(NEW)):
        await handle(client, job).result()

    config = tmp_path / "boardsync.toml"
    cli = Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})
    write(config, sandbox_urls, NEW)
    shown = await cli("show", f"1234/{job}")
    assert shown.code == 0, shown.stderr
    for told in ("Read LinkedIn back", "slots bought", "job slot", "Closed on LinkedIn"):
        assert told in shown.stdout
    write(config, sandbox_urls, OLD)
    refused = await cli("show", f"1234/{job}")
    assert refused.code == 1
    assert f"was encrypted with the key {key_id(NEW)}" in refused.stderr
    assert "[temporal] encryption_keys" in refused.stderr


@pytest.fixture
def cli(temporal: str, sandbox_urls: dict[str, str], tmp_path: Path) -> Cli:
    """Return a command line that has no key."""
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw_settings(sandbox_urls))
    return Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})


async def test_one_receipt_that_cannot_be_read_leaves_the_others_to_be_exported(
    client: Client, temporal: str, settings: Settings, job_ids: Iterator[str], cli: Cli
) -> None:
    readable, sealed = next(job_ids), next(job_ids)
    sealing = await connect(temporal_with(NEW), address=temporal)
    async with running_workers(client, settings):
        await (await send(client, settings, readable)).result()
    async with running_workers(sealing, encrypting(settings, NEW)):
        await (await send(sealing, settings, sealed)).result()
    said = await eventually(
        lambda: cli("receipt", "--all", "--since", "1m", "--json"), lambda said: sealed in said.stderr
    )
    assert said.code == 3
    assert readable in [each["job_id"] for each in said.json["receipts"]]
    assert f"was encrypted with the key {key_id(NEW)}" in said.stderr
    assert (await cli("confirm", f"1234/{sealed}", "--wait", "--json")).code == 1


async def test_what_asks_for_a_person_in_words_that_cannot_be_read_is_listed_all_the_same(
    client: Client, temporal: str, job: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "QUERY_WITHIN", timedelta(milliseconds=500))
    sealing = await connect(temporal_with(NEW), address=temporal)
    attributes = TypedSearchAttributes(
        [SearchAttributePair(PHASE, "attention"), SearchAttributePair(CUSTOMER_ID, "78")]
    )  # fmt: skip
    for each in (sealing, client):
        await each.start_workflow(
            "NoSuchType", id=f"asks-{job}-{each is sealing}", task_queue=f"nobody-{job}",
            search_attributes=attributes, static_details="An import.",
        )  # fmt: skip
    said = await eventually(
        lambda: cli("attention", "--customer", "78", "--json"), lambda said: len(said.json["attention"]) == 2
    )
    unreadable, plain = sorted((each["reason"] for each in said.json["attention"]), key="An import.".__eq__)
    assert plain == "An import."
    assert f"was encrypted with the key {key_id(NEW)}" in unreadable
    for sealed in (True, False):
        await client.get_workflow_handle(f"asks-{job}-{sealed}").terminate()


def write(config: Path, urls: dict[str, str], *keys: bytes) -> None:
    raw: dict[str, Any] = raw_settings(urls)
    write_toml(config, {**raw, "temporal": {"encryption_keys": [encoded(each) for each in keys]}})


async def test_the_same_words_are_there_without_keys(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    async with running_workers(client, settings):
        await (await send(client, settings, job)).result()
    raw = await raw_history(client, handle(client, job).id)
    for told in ("Example Health", "Read LinkedIn", "received_at"):
        assert told.encode() in raw


async def test_a_worker_without_the_key_stops_at_it_and_one_with_both_goes_on(
    client: Client, temporal: str, settings: Settings, boards: Boards, job: str
) -> None:
    before = await connect(temporal_with(OLD), address=temporal)
    await send(before, settings, job, Intent.POSTED)
    new_only = await connect(temporal_with(NEW), address=temporal)
    async with running_workers(new_only, encrypting(settings, NEW)):
        found = await eventually(lambda: failed_tasks(client, job), bool)
    assert found
    rotated = await connect(temporal_with(NEW, OLD), address=temporal)
    async with running_workers(rotated, encrypting(settings, NEW, OLD)):
        lifecycle = handle(rotated, job)
        # The task that failed is tried again after a while; until then Temporal answers no query.
        await eventually(lambda: phase_of(lifecycle), lambda phase: phase is Phase.OPEN)
        with pytest.raises(NoAnswer, match=key_id(NEW)):
            await query_lifecycle(handle(before, job))
        await send(before, settings, job)
        receipt = await lifecycle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED


async def phase_of(lifecycle: Handle) -> Phase | None:
    try:
        return (await state(lifecycle)).phase
    except RPCError:
        return None


async def failed_tasks(client: Client, job: str) -> list[Any]:
    history = await handle(client, job).fetch_history()
    kind = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return [each for each in history.events if each.event_type == kind]


async def test_what_a_schedule_starts_is_encrypted_and_read(
    client: Client, temporal: str, settings: Settings, boards: Boards
) -> None:
    sealing = await connect(temporal_with(NEW), address=temporal)
    await schedule_sweeps(client, settings)
    await schedule_sweeps(sealing, settings)
    try:
        await starts_encrypted(client, sealing, settings)
    finally:
        async for each in await client.list_schedules():
            await client.get_schedule_handle(each.id).delete()


async def starts_encrypted(client: Client, sealing: Client, settings: Settings) -> None:
    schedule = sealing.get_schedule_handle(RECHECK_SCHEDULE)
    async with running_workers(sealing, encrypting(settings, NEW)):
        # It may have come due by itself before it was made to encrypt.
        before = len((await schedule.describe()).info.recent_actions)
        await schedule.trigger()

        async def done() -> str | None:
            for each in reversed((await schedule.describe()).info.recent_actions[before:]):
                assert isinstance(each.action, ScheduleActionExecutionStartWorkflow)
                run = client.get_workflow_handle(each.action.workflow_id)
                try:
                    found = await run.describe()
                except RPCError:
                    return None
                if found.status is not None and found.status.name == "COMPLETED":
                    return found.id
            return None

        ran = await eventually(done, lambda id_: id_ is not None)
    assert ran is not None
    started = await raw_history(client, ran)
    assert key_id(NEW).encode() in started
    assert b"closed jobs still off" not in started
