"""`make demo`: send iCIMS's own example request and watch the job being closed and proved."""

import asyncio
import time

import httpx
from rich.console import Console
from rich.live import Live
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from boardsync.events import icims_example as sample
from boardsync.jobs.lifecycle_view import lifecycle_view, receipt_view, transition
from boardsync.local.ports import choose_ports
from boardsync.local.processes import Supervisor
from boardsync.local.stack import WEBHOOK_SECRET, WEBHOOK_USER, Stack, start
from models.base import workflow_id
from models.lifecycle import Lifecycle, Receipt
from models.states import ENDED
from models.temporal import LIFECYCLE
from models.words import board_words
from runtime.process import stop_signal

CLOSED_WITHIN = 60.0
LINES_SHOWN = 40


class DemoFailed(Exception):  # noqa: N818 -- told to the user as it is
    """The job did not close."""


async def run_demo(console: Console) -> None:
    """Run the main job once; in a terminal stay up until Ctrl-C, so that the Web UI can be looked at.

    Raises DemoFailed, NoPortFree, ChildFailed and TemporalNotInstalled.
    """
    stack = Stack(choose_ports(), database="demo.db", store="demo-store.db", config="demo.toml")
    for left_over in (*stack.state.glob("demo.db*"), *stack.state.glob("demo-store.db*")):
        left_over.unlink()
    said: list[str] = []
    supervisor = Supervisor(lambda name, line: said.append(f"{name}: {line}"))
    try:
        with console.status("Starting Temporal, the simulated boards, a worker and the gateway …"):
            await start(stack, supervisor, console=False)
        await _close_the_job(console, stack)
        if console.is_terminal:
            console.print("\nCtrl-C stops everything.")
            await stop_signal()
    except BaseException:
        console.print("\n".join(said[-LINES_SHOWN:]), style="dim", markup=False, highlight=False)
        raise
    finally:
        await supervisor.stop()


async def _close_the_job(console: Console, stack: Stack) -> None:
    console.print(f"\n[bold]iCIMS says that job {sample.JOB_ID} is unposted[/] (the example of iCIMS's own page):")
    console.print(sample.BODY, style="dim", markup=False)
    began = time.monotonic()
    reply = await _send(stack)
    console.print(
        f"\n[bold]The gateway answered[/] {reply.status_code}: {reply.json()['userMessage']}\n", soft_wrap=True
    )
    client = await stack.connect()
    handle = client.get_workflow_handle(workflow_id(sample.CUSTOMER_ID, sample.JOB_ID), result_type=Receipt)
    await _watch(console, handle)
    receipt: Receipt = await handle.result()
    console.print(receipt_view(receipt))
    link = f"{stack.ui_url}/namespaces/default/workflows/{handle.id}"
    said = " ".join(board_words(board, track) for board, track in receipt.boards.used)
    console.print(f"\n[bold green]Read back[/] in {time.monotonic() - began:.1f} s: {said}", soft_wrap=True)
    console.print(f"The lifecycle in the Temporal Web UI: {link}", soft_wrap=True)


async def _send(stack: Stack) -> httpx.Response:
    request = sample.unpost()
    async with httpx.AsyncClient(trust_env=False) as http:
        reply = await http.post(
            f"{stack.gateway_url}/webhooks/icims",
            headers=request.headers,
            content=request.body,
            auth=(WEBHOOK_USER, WEBHOOK_SECRET),
        )
    if reply.status_code != 200:
        raise DemoFailed(f"the gateway answered {reply.status_code}: {reply.text}")
    return reply


async def _watch(console: Console, handle: WorkflowHandle[object, Receipt]) -> None:
    give_up = time.monotonic() + CLOSED_WITHIN
    shown = ""
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while time.monotonic() < give_up:
            lifecycle = await _query(handle)
            if lifecycle is not None and (line := transition(lifecycle)) != shown:
                shown = line
                if console.is_terminal:
                    live.update(lifecycle_view(lifecycle), refresh=True)
                else:
                    console.print(line, highlight=False)
            if lifecycle is not None and lifecycle.phase in ENDED:
                return
            await asyncio.sleep(0.1)
    raise DemoFailed(f"the job did not close within {CLOSED_WITHIN:.0f} s; last seen: {shown}")


async def _query(handle: WorkflowHandle[object, Receipt]) -> Lifecycle | None:
    try:
        lifecycle: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle)
    except RPCError:
        return None  # the worker is still starting
    return lifecycle
