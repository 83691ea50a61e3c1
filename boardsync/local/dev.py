"""`make dev`: the whole product on this machine until Ctrl-C."""

import os
import shlex
import sys
from pathlib import Path

from rich.console import Console

from boardsync.events import icims_example as sample
from boardsync.jobs.filters import filter_url, filters
from boardsync.local.alone import alone
from boardsync.local.ports import choose_ports
from boardsync.local.processes import Supervisor
from boardsync.local.stack import WEBHOOK_SECRET, WEBHOOK_USER, Stack, start
from runtime.process import stop_signal

SHOWN = ("needs a person", "being taken down", "closed today")
COLOURS = {"temporal": "magenta", "sandbox": "cyan", "worker": "green", "gateway": "yellow", "console": "blue"}


async def run_dev(console: Console) -> None:
    """Start everything, print where it is, and log what the parts say.

    Raises AlreadyRunning, NoPortFree, ChildFailed and TemporalNotInstalled.
    """
    stack = Stack(choose_ports())
    told = {"ui": stack.ui_url, "gateway": f"{stack.gateway_url}/webhooks/icims", "process": os.getpid()}
    with alone(stack.state / "dev.lock", told):
        await _run(console, stack)


async def _run(console: Console, stack: Stack) -> None:
    for line in stack.ports.moved():
        console.print(line, style="yellow")
    stopping = False

    def log(name: str, line: str) -> None:
        # What Temporal says of its own end is of no use to anybody.
        if not (stopping and name == "temporal"):
            _log(console, name, line)

    supervisor = Supervisor(log)
    try:
        await start(stack, supervisor)
        console.print(welcome(stack), highlight=False, markup=False, soft_wrap=True)
        await stop_signal()
        stopping = True
        console.print("Stopping …")
    finally:
        await supervisor.stop()


def _log(console: Console, name: str, line: str) -> None:
    console.print(f"[{COLOURS[name]}]{name:>8}[/] │ ", end="")
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def welcome(stack: Stack) -> str:
    """Write where everything is, and what to try first."""
    body = "".join(sample.BODY.split())
    told = ("BOARDSYNC_CONFIG", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
    environment = " ".join(f"{name}={shlex.quote(stack.environment[name])}" for name in told)
    commands = shlex.quote(str(Path(sys.executable).parent))
    lists = "\n".join(
        f"    {name:<20}{filter_url(stack.ui_url, query)}" for name, query in filters().items() if name in SHOWN
    )
    job = f"{sample.CUSTOMER_ID}/{sample.JOB_ID}"
    return f"""
Boardsync is up. Ctrl-C stops it; what Temporal knows stays in {stack.database} for the next time.

  Console           {stack.console_url}
  Temporal Web UI   {stack.ui_url}
{lists}
  Webhook gateway   {stack.gateway_url}/webhooks/icims
  Simulated boards  {stack.control_url} (jobs and faults: docs/sandbox.md)
  Configuration     BOARDSYNC_CONFIG=.boardsync/dev.toml

In another terminal, here, for the command line (docs/command-line.md):

  export PATH={commands}:"$PATH" {environment}

That is for `boardsync` and `temporal`, and for this stack alone: open a new terminal for anything else.

  boardsync doctor                      is everything as it should be?
  boardsync send unpost {job}       unpost a job as iCIMS would
  boardsync jobs --closed               what is known of all jobs
  boardsync show {job}              what happened to one
  boardsync attention                   what needs a person

Or unpost a job without it:

  curl -u {WEBHOOK_USER}:{WEBHOOK_SECRET} -H 'Content-Type: application/json' -d '{body}' \\
    {stack.gateway_url}/webhooks/icims
"""
