"""`make dev`: the whole product on this machine until Ctrl-C."""

from rich.console import Console

from boardsync import sample
from boardsync.ports import choose_ports
from boardsync.processes import Supervisor
from boardsync.stack import WEBHOOK_SECRET, WEBHOOK_USER, Stack, start
from config.signals import stop_signal

COLOURS = {"temporal": "magenta", "sandbox": "cyan", "worker": "green", "gateway": "yellow"}


async def run_dev(console: Console) -> None:
    """Start everything, print where it is, and log what the parts say.

    Raises NoPortFree, ChildFailed and TemporalNotInstalled.
    """
    stack = Stack(choose_ports())
    for line in stack.ports.moved():
        console.print(line, style="yellow")
    supervisor = Supervisor(lambda name, line: _log(console, name, line))
    try:
        await start(stack, supervisor)
        console.print(_welcome(stack), highlight=False, markup=False, soft_wrap=True)
        await stop_signal()
        console.print("Stopping …")
    finally:
        await supervisor.stop()


def _log(console: Console, name: str, line: str) -> None:
    console.print(f"[{COLOURS[name]}]{name:>8}[/] │ ", end="")
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _welcome(stack: Stack) -> str:
    body = "".join(sample.BODY.split())
    return f"""
Boardsync is up. Ctrl-C stops it; what Temporal knows stays in {stack.database} for the next time.

  Temporal Web UI   {stack.ui_url}
  Webhook gateway   {stack.gateway_url}/webhooks/icims
  Simulated boards  {stack.control_url} (jobs and faults: docs/sandbox.md)
  Configuration     BOARDSYNC_CONFIG=.boardsync/dev.toml

Unpost a job as iCIMS would:

  curl -u {WEBHOOK_USER}:{WEBHOOK_SECRET} -H 'Content-Type: application/json' -d '{body}' \\
    {stack.gateway_url}/webhooks/icims
"""
