"""Telling others: one workflow for each thing that is told, apart from the lifecycle, which never waits for it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, VersioningBehavior
from temporalio.exceptions import ActivityError, ApplicationError

from models.notice_types import NoticeType
from models.notices import (
    CheckpointNotice,
    Delivery,
    DeliveryCall,
    DeliveryLog,
    DeliveryResult,
    JobNotice,
    Notice,
    NotificationReceipt,
    WebhookNotice,
)
from models.states import Intent, Phase
from models.temporal import NOTIFICATION
from models.words import moment
from workflows.inputs import read

with workflow.unsafe.imports_passed_through():
    from activities.notifications import NotificationActivities

CALL_TIMEOUT = timedelta(seconds=40)
ONCE = RetryPolicy(maximum_attempts=1)
"""Each try is a step of its own, so that each can be seen with what was answered."""
JITTER = 0.1
NOBODY = JobNotice(
    id="",
    type=NoticeType.CLOSED,
    at=datetime.min.replace(tzinfo=UTC),
    customer_id="0",
    job_id="0",
    intent=Intent.UNPOSTED,
    phase=Phase.CLOSED,
    boards={},
)
OF_NO_JOB: dict[str, type[JobNotice | WebhookNotice | CheckpointNotice]] = {
    NoticeType.WEBHOOK.value: WebhookNotice,
    NoticeType.CHECKPOINT.value: CheckpointNotice,
}
EXAMPLE = '{"id": "msg_1", "type": "job.closed", "customer_id": "1234", "job_id": "1209", …}'


@workflow.defn(name=NOTIFICATION, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class Notification:
    """Tell every endpoint that wants it, each until it has taken it, or three days are over."""

    @workflow.init
    def __init__(self, *notice: Any) -> None:
        """Have told nobody yet."""
        self._notice: Notice
        self._notice, self._unreadable = _read(notice)
        self._logs: dict[str, DeliveryLog] = {}

    @workflow.run
    async def run(self, *_: Any) -> NotificationReceipt:
        """Run until each endpoint has taken it, or will not."""
        if self._unreadable is not None:
            raise self._unreadable
        notice = self._notice
        plan = await workflow.execute_activity_method(
            NotificationActivities.plan,
            notice,
            summary=f"Who wants to be told of {notice.type}?",
            start_to_close_timeout=CALL_TIMEOUT,
        )
        self._logs = {name: DeliveryLog(endpoint=name) for name in plan.endpoints}
        self._publish()
        await asyncio.gather(*(self._tell(name, plan.waits) for name in plan.endpoints))
        return NotificationReceipt(id=notice.id, type=notice.type, deliveries=tuple(self._logs.values()))

    async def _tell(self, endpoint: str, waits: tuple[timedelta, ...]) -> None:
        total = len(waits) + 1
        for number in range(1, total + 1):
            answer = await self._try(endpoint, number, total)
            log = self._logs[endpoint]
            self._logs[endpoint] = log.model_copy(update={"tries": (*log.tries, answer)})
            self._publish()
            # By value: what an activity returns is made outside of the sandbox, where the enum is another one.
            if answer.result != DeliveryResult.FAILED or number == total:
                return
            wait = max(waits[number - 1], answer.retry_after or timedelta(0))
            spread = 1 + JITTER * (2 * workflow.random().random() - 1)
            await workflow.sleep(wait * spread, summary=f"Wait, then tell {endpoint} again")

    async def _try(self, endpoint: str, number: int, total: int) -> Delivery:
        try:
            return await workflow.execute_activity_method(
                NotificationActivities.deliver,
                DeliveryCall(notice=self._notice, endpoint=endpoint, last=number == total),
                summary=f"Tell {endpoint}: try {number} of {total}",
                start_to_close_timeout=CALL_TIMEOUT,
                retry_policy=ONCE,
            )
        except ActivityError:
            answered = "no answer recorded: the worker stopped during the call, or it took too long"
            return Delivery(at=workflow.now(), result=DeliveryResult.FAILED, answered=answered)

    def _publish(self) -> None:
        notice = self._notice
        lines = [f"### {notice.type}: {notice.subject}", ""]
        lines += ["| Endpoint | Tries | Last answer |", "|---|---|---|"]
        for log in self._logs.values():
            last = log.tries[-1] if log.tries else None
            said = f"{last.result}: {last.answered} ({moment(last.at)})" if last else "not told yet"
            lines.append(f"| {log.endpoint} | {len(log.tries)} | {said} |")
        workflow.set_current_details("\n".join(lines))


def _read(given: Sequence[Any]) -> tuple[Notice, ApplicationError | None]:
    first = given[0] if given else None
    named = first.get("type") if isinstance(first, dict) else None
    return read(OF_NO_JOB.get(str(named), JobNotice), given, example=EXAMPLE, instead=NOBODY)
