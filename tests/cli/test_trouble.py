"""What can be foreseen to go wrong is one line, an exit code, and never a stack trace."""

import asyncio
import os
import pty
import signal
import threading
from asyncio.subprocess import PIPE
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle

from boardsync.jobs import lifecycles
from boardsync.jobs import waiting as standing
from boardsync.local.processes import python
from config.settings import Settings
from models.lifecycle import Lifecycle, Receipt
from models.states import Intent
from models.temporal import Queue
from tests.support.cli import Cli
from tests.support.lifecycles import eventually, send
from tests.support.processes import HOST, ROOT, free_port, spawn
from tests.support.temporal import FAILS_AGAIN_AFTER
from tests.support.webhooks import signals
from tests.support.workers import running_workers


@pytest.mark.parametrize(
    "words", [("jobs",), ("show", "1234/1"), ("retry", "1234/1"), ("attention",), ("receipt", "1234/1")]
)
async def test_without_temporal_one_line_says_so(cli: Cli, words: tuple[str, ...]) -> None:
    address = f"{HOST}:{free_port()}"
    said = await cli(*words, "--json", TEMPORAL_ADDRESS=address)
    assert (said.code, said.stdout) == (1, "")
    assert len(said.stderr.strip().splitlines()) == 1
    assert said.stderr.startswith(f"boardsync: cannot reach Temporal at {address}: start it, or set TEMPORAL_ADDRESS")


@pytest.mark.parametrize("words", [("jobs",), ("show", "1234/1"), ("attention",), ("receipt", "1234/1")])
async def test_an_unknown_namespace_is_a_matter_of_configuration(cli: Cli, words: tuple[str, ...]) -> None:
    said = await cli(*words, TEMPORAL_NAMESPACE="nowhere")
    assert (said.code, said.stdout) == (2, "")
    assert "check TEMPORAL_NAMESPACE" in said.stderr


async def test_settings_of_temporal_that_cannot_be_used_are_named(cli: Cli) -> None:
    said = await cli("jobs", TEMPORAL_PROFILE="nowhere")
    assert (said.code, said.stdout) == (2, "")
    assert "the TEMPORAL_* settings cannot be used: Profile 'nowhere' not found" in said.stderr


async def test_a_close_of_an_unknown_job_needs_the_configuration(cli: Cli) -> None:
    said = await cli("close", "1234/888888", BOARDSYNC_CONFIG=None)
    assert said.code == 1
    assert "name the configuration by --config" in said.stdout
    said = await cli("close", "99/888888")
    assert said.code == 1
    assert "customer 99 is not in the configuration" in said.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["retry"], "expected jobs, or --from, or one or more of --query"),
        (["retry", "1234/1", "--query", "Phase = 'open'"], "expected jobs, or --from"),
        (["retry", "1234/x"], "'1234/x' is no job"),
        (["retry", "1234"], "'1234' is no job"),
        (["retry", "--from", "no/such/file"], "--from: cannot read no/such/file"),
        (["retry", "1234/1", "--reason", "x" * 2001], "reason: String should have at most 2000 characters"),
        (["update", "1234/1"], "nothing to set"),
        (["update", "1234/1", "--set", "titel=x"], "unknown 'titel' in fields; known: url, campaign_categories"),
        (["update", "1234/1", "--set", "title"], "'title' is no FIELD=TEXT"),
        (["update", "1234/1", "--set", "salary:={"], "--set salary: not valid JSON"),
        (["update", "1234/1", "--set", "titel=Chef"], "unknown 'titel' in fields; known: url, campaign_categories"),
        (["update", "1234/1", "--set", "salary=much"], "fields.salary: Input should be a valid dictionary"),
        (["retry", "--attention", "no_such_category"], "no_such_category"),
        (["jobs", "--customer", "x' OR 'a"], "expected an iCIMS customer id"),
        (["jobs", "--older-than", "soon"], "'soon' is no time"),
        (["receipt"], "expected either a job or --all"),
        (["receipt", "1234/1", "--since", "2d"], "--customer and --since go with --all"),
    ],
)
async def test_a_wrong_command_line_says_what_was_expected(cli: Cli, words: list[str], expected: str) -> None:
    said = await cli(*words)
    assert (said.code, said.stdout) == (2, "")
    assert expected in " ".join(said.stderr.replace("│", " ").split())


async def test_a_wrong_line_of_a_list_is_named_and_nothing_is_sent(cli: Cli) -> None:
    said = await cli("retry", "--from", "-", "--yes", stdin="1234/1\n1234/2 1234/3\n")
    assert (said.code, said.stdout) == (2, "")
    assert "line 2: expected one job" in said.stderr


async def test_a_query_that_temporal_does_not_understand_is_a_usage_error(cli: Cli) -> None:
    said = await cli("jobs", "--query", "Fhase = 'open'", "--json")
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr.startswith("boardsync: Temporal does not understand the request")
    assert len(said.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("command", "what"), [("show", "no lifecycle"), ("receipt", "no receipt")])
async def test_a_job_that_boardsync_never_heard_of_is_said_to_be_so(cli: Cli, command: str, what: str) -> None:
    said = await cli(command, "1234/999999", "--json")
    assert (said.code, said.stdout) == (1, "")
    assert f"job 1234/999999 has {what}" in said.stderr


async def test_a_job_is_shown_without_a_worker_as_far_as_it_is_known(
    client: Client, settings: Settings, cli: Cli, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycles, "QUERY_WITHIN", timedelta(seconds=0.3))
    monkeypatch.setattr(standing, "LOOKS_IN_VAIN", 2)
    lifecycle = await send(client, settings, job, Intent.POSTED)
    shown = await cli("show", f"1234/{job}", "--json")
    assert shown.code == 0
    assert shown.json["lifecycle"] is None
    assert "start a worker on the queue job-postings" in shown.json["remark"]
    assert shown.json["row"]["phase"] == "updating"
    waited = await cli("confirm", f"1234/{job}", "--wait")
    assert waited.code == 1
    assert "start a worker" in waited.stdout
    await lifecycle.terminate()


async def test_a_lifecycle_whose_steps_fail_is_said_to_be_so(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    run = await client.start_workflow(
        "NoSuchType", id=f"job-1234-{job}", task_queue=Queue.JOB_POSTINGS.value, task_timeout=FAILS_AGAIN_AFTER
    )
    async with running_workers(client, settings, [Queue.JOB_POSTINGS]):

        async def tries() -> int:
            return (await run.describe()).raw_description.pending_workflow_task.attempt

        await eventually(tries, lambda count: count >= 3)
        shown = await cli("show", f"1234/{job}", "--json")
    assert "each of its steps fails" in shown.json["remark"]
    await run.terminate()


async def test_a_wait_goes_on_where_a_worker_comes_back(
    client: Client, settings: Settings, cli: Cli, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycles, "QUERY_WITHIN", timedelta(seconds=0.3))
    monkeypatch.setattr(standing, "LOOKS_IN_VAIN", 1000)
    unanswered = threading.Event()

    async def query(handle: WorkflowHandle[Any, Receipt]) -> Lifecycle:
        try:
            return await lifecycles.query_lifecycle(handle)
        except lifecycles.NoAnswer:
            unanswered.set()
            raise

    monkeypatch.setattr(standing, "query_lifecycle", query)
    lifecycle = await send(client, settings, job, Intent.POSTED)
    waiting = asyncio.create_task(cli("confirm", f"1234/{job}", "--wait", "--json"))
    await eventually(lambda: asyncio.to_thread(unanswered.is_set), bool)
    monkeypatch.setattr(lifecycles, "QUERY_WITHIN", timedelta(seconds=30))
    async with running_workers(client, settings):
        said = await waiting
    assert (said.code, said.json["results"][0]["standing"]["phase"]) == (0, "open")
    await lifecycle.terminate()


async def test_a_person_at_the_terminal_is_asked(client: Client, settings: Settings, cli: Cli, job: str) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    master, terminal = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *python("-m", "boardsync", "confirm", f"1234/{job}", "1234/999999", "--by", "Ana"),
        cwd=ROOT, env={**os.environ, **cli.environment}, stdin=terminal, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    os.close(terminal)
    os.write(master, b"y\n")
    stdout, stderr = await asyncio.wait_for(process.communicate(), 60)
    os.close(master)
    assert process.returncode == 3, stderr.decode()
    assert b"Send `confirm` to these 2 jobs? [y/N]" in stderr
    assert b"1234/999999" in stdout
    assert b"failed" in stdout
    assert len(await signals(client, lifecycle.id, "confirm")) == 1
    await lifecycle.terminate()


async def test_an_interrupted_wait_prints_what_was_sent_and_exits_130(
    client: Client, settings: Settings, cli: Cli, job: str
) -> None:
    # No worker: the wait would last.
    lifecycle = await send(client, settings, job, Intent.POSTED)
    command = python("-m", "boardsync", "confirm", f"1234/{job}", "--wait", "--json")
    process = await spawn(command, env=cli.environment, stdout=PIPE, stderr=PIPE)
    await eventually(lambda: signals(client, lifecycle.id, "confirm"), bool)
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 130, (stdout + stderr).decode()
    assert f'"job": "1234/{job}"'.encode() in stdout
    assert stderr.decode() == "boardsync: interrupted\n"
    await lifecycle.terminate()


async def test_the_completion_of_a_shell_can_be_installed() -> None:
    process = await spawn(
        python("-m", "boardsync"),
        env={"_BOARDSYNC_COMPLETE": "complete_bash", "COMP_WORDS": "boardsync rec", "COMP_CWORD": "1"},
        stdout=PIPE,
    )
    stdout, _ = await asyncio.wait_for(process.communicate(), 60)
    assert stdout.decode().split() == ["receipt", "reconcile"]
