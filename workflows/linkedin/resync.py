"""LinkedIn wants jobs again (RESYNC_JOBS): tell each open lifecycle, and only those."""

from typing import Any

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.base import workflow_id
from models.events import LinkedInResync as ResyncSignal
from models.operations import ResyncRequest, ResyncResult, Signalled
from models.temporal import CUSTOMER_ID, LINKEDIN_RESYNC, RESYNC_JOBS, RUNNING
from workflows.broadcast import lifecycles, signal_each
from workflows.inputs import read

A_SECOND = 16
"""Jobs that are told at most: half of the 33 a second that LinkedIn takes from an application. Each is sent again at
once: in a rush they would be ahead of closes, and use up LinkedIn's limit."""
EXAMPLE = '{"customer_id": "1234", "all_open": true, "received_at": "2026-11-22T10:30:00Z"}'


@workflow.defn(name=RESYNC_JOBS, versioning_behavior=VersioningBehavior.PINNED)
class LinkedInResync:
    """Pass a resync on to the lifecycles of a customer.

    A lifecycle decides by itself whether its job is sent again: one that is closing or closed is never opened by
    this. For a job without a running lifecycle none is started.
    """

    @workflow.init
    def __init__(self, *request: Any) -> None:
        """Begin, or take up what an earlier run has left."""
        nobody = ResyncRequest(customer_id="0", received_at=workflow.now())
        self._left, self._unreadable = read(ResyncRequest, request, example=EXAMPLE, instead=nobody)
        self._signal = ResyncSignal(received_at=self._left.received_at)

    @workflow.run
    async def run(self, *_: Any) -> ResyncResult:
        """Tell all, page by page."""
        if self._unreadable is not None:
            raise self._unreadable
        more = True
        while more:
            more = await (self._tell_open() if self._left.all_open else self._tell_named())
            workflow.set_current_details(self._details(more))
            if more and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._left)
        return self._left.done

    async def _tell_open(self) -> bool:
        query = f"{RUNNING} AND {CUSTOMER_ID.name} = '{self._left.customer_id}'"
        page = await lifecycles(query, self._left.page_token, page_size=self._left.page_size)
        told = await signal_each(page.workflow_ids, LINKEDIN_RESYNC, self._signal, a_second=A_SECOND)
        # One that ended since it was listed is closed now: it was open, and there is nothing to send.
        self._count(told, page_token=page.next_page_token)
        return page.next_page_token is not None

    async def _tell_named(self) -> bool:
        size = self._left.page_size
        now, later = self._left.job_ids[:size], self._left.job_ids[size:]
        ids = tuple(workflow_id(self._left.customer_id, each) for each in now)
        self._count(await signal_each(ids, LINKEDIN_RESYNC, self._signal, a_second=A_SECOND), job_ids=later)
        return bool(later)

    def _count(self, signalled: Signalled, **left: object) -> None:
        done = self._left.done
        counted = {"told": done.told + signalled.reached, "not_open": done.not_open + len(signalled.missing)}
        self._left = self._left.model_copy(update={"done": done.model_copy(update=counted), **left})

    def _details(self, more: bool) -> str:
        done = self._left.done
        what = "all open jobs" if self._left.all_open else "named jobs"
        lines = [
            f"### LinkedIn asks for {what} of customer {self._left.customer_id} again",
            "",
            f"- Lifecycles told: **{done.told}**",
            f"- Without a lifecycle that runs, so left alone: {done.not_open}",
        ]
        if done.unreadable:
            lines.append(f"- Ids that no job of this customer has: {done.unreadable}")
        lines += ["", "More are to be told." if more else "All are told; each lifecycle sends its job by itself."]
        return "\n".join(lines)
