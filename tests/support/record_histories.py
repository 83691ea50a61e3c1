"""Record the histories that tests/workflow/test_replay.py replays: `python -m tests.support.record_histories NAME`.

Run it after a change that `workflow.patched` guards, with a new name; never overwrite what a released
version wrote, since such lifecycles may still be open.
"""

import asyncio
import re
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from models.events import Hire
from models.states import Intent, Phase
from models.temporal import Queue
from tests.support.boards import Boards, control_of
from tests.support.lifecycles import Handle, event, eventually, handle, send, state
from tests.support.processes import running_sandbox
from tests.support.receiver import Told, notifications_of, receiving, settings_for
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers
from webhook_gateway.dispatch import Dispatcher

HISTORIES = Path(__file__).resolve().parents[1] / "workflow" / "histories"


async def record(version: str) -> None:
    """Run each scenario and save its history."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        client = await client_of(await stack.enter_async_context(running_temporal()))
        boards = Boards(await stack.enter_async_context(control_of(urls)))
        settings = sandbox_settings(urls, confirm_within="1500ms", attention_after="3s")
        queues = [queue for queue in Queue if queue is not Queue.NOTIFICATIONS]
        await stack.enter_async_context(running_workers(client, settings, queues))

        closed = await send(client, settings, "1209")
        await closed.result()
        await save(version, "closed", closed)

        await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"})
        helped = await send(client, settings, "1242")
        await eventually(lambda: state(helped), lambda seen: seen.phase is Phase.ATTENTION)
        await helped.signal("confirm", {"by": "Ana"})
        await helped.signal("retry", {"by": "Ana", "reason": "slots bought"})
        await helped.result()
        await save(version, "attention-retry", helped)

        await boards.fault("indeed", "clear", "lie", job_id="1301", times=None)
        lying = await send(client, settings, "1301")
        await eventually(lambda: state(lying), lambda seen: seen.phase is Phase.ATTENTION)
        await save(version, "lying-board", lying)

        await boards.fault("linkedin", "submit", "slow", job_id="1302", seconds=1.0)
        for intent in (Intent.UNPOSTED, Intent.POSTED, Intent.UNPOSTED):
            superseded = await send(client, settings, "1302", intent)
            await asyncio.sleep(0.3)
        await superseded.result()
        await save(version, "superseded", superseded)

        reporting = sandbox_settings(urls)
        customer = reporting.customers[0]
        icims = customer.icims.model_copy(update={"report": True})
        reporting = reporting.model_copy(update={"customers": (customer.model_copy(update={"icims": icims}),)})
        dispatcher = Dispatcher(client, reporting)
        hire = Hire(key="0123456789abcdef", filled=True, close_when="all_positions_filled")
        for message in (event(Intent.POSTED), event(Intent.POSTED).model_copy(update={"intent": None, "hire": hire})):
            await dispatcher.ats_event(reporting.customers[0], "1303", message)
            await asyncio.sleep(1.0)
        hired = handle(client, "1303")
        await hired.result()
        await save(version, "hired-and-reported", hired)

        receiver = await stack.enter_async_context(receiving())
        receiver.answers = (500, 204)
        notifying = settings_for(urls, receiver)
        await stack.enter_async_context(running_workers(client, notifying, [Queue.NOTIFICATIONS]))
        await boards.add_job("1304")
        told = await send(client, notifying, "1304")
        await told.result()
        (notification,) = await notifications_of(client, "1304")
        await notification.result()
        await save(version, "told", told)
        await save(version, "notification", notification)


async def save(version: str, scenario: str, lifecycle: Handle | Told) -> None:
    """Write one history."""
    # Failures carry stack traces: no machine's path belongs into the project.
    text = re.sub(r'"stackTrace": "(?:[^"\\]|\\.)*"', '"stackTrace": ""', (await lifecycle.fetch_history()).to_json())
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{version}-{scenario}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
