"""The lifecycle of one job: one durable workflow, driven by signals."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import VersioningBehavior

from models.boards import Boards
from models.configured import Configured
from models.events import AtsEvent
from models.lifecycle import JobInput, Lifecycle, Receipt, Stop
from models.notice_types import NoticeType
from models.states import ENDED, BoardState, Intent, Phase
from models.temporal import JOB_POSTING, LIFECYCLE, TITLE_LIMIT
from models.texts import title_of
from workflows.boards import metrics
from workflows.boards.job import Job
from workflows.boards.registry import first_records
from workflows.inbox import Inbox
from workflows.inputs import read
from workflows.lifecycle.details import details
from workflows.lifecycle.earlier import state_before
from workflows.lifecycle.hearing import Hearing
from workflows.lifecycle.hiring import Hiring
from workflows.lifecycle.links import links_of, memo_updates
from workflows.lifecycle.marks import Marks
from workflows.lifecycle.notifying import Notifying
from workflows.lifecycle.recording import Recording
from workflows.lifecycle.reporting import Reporting
from workflows.lifecycle.search_attributes import search_attribute_updates
from workflows.lifecycle.stopping import is_cancelled, who_stopped
from workflows.lifecycle.tracks import Tracks
from workflows.lifecycle.waiting import Waiting
from workflows.lifecycle.wish import Wish

EXAMPLE = '{"customer_id": "1234", "job_id": "1209"}'
NOBODY = JobInput(customer_id="0", job_id="0", boards=())
NOTHING_AFTER_THE_END = "what-is-called-off-as-a-run-ends-begins-nothing"
"""The change after which a helper whose step is called off, as the run ends, does not go on as after a failure."""
STOPPED = "the lifecycle was cancelled"


@workflow.defn(name=JOB_POSTING, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class JobPosting(Hearing):
    """Keep one job's boards at the ATS's newest intent, and prove it by reading them back.

    Signals only append to an inbox; one loop drains it, plans and publishes, while a track per board acts.
    """

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Begin, or take up the state that an earlier run carried over."""
        self._job, self._unreadable = read(JobInput, given, example=EXAMPLE, instead=NOBODY)
        self._shared = Job(
            self._job.customer_id,
            self._job.job_id,
            self._job.timing,
            self._mark_changed,
            self._posted_after_all,
            lambda: self._wish.by_event,
            self._note_configuration,
            self._job.configured.digest,
            self._titled,
        )
        self._configured: Configured | None = None
        state = self._job.state or Lifecycle(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            boards=first_records(self._job.boards, workflow.now()),
        )
        self._marks = Marks()
        self._inbox = Inbox(state.received, self._mark_changed, self._marks.said)
        self._helpers: list[asyncio.Task[None]] = []
        self._as_before: int | None = None
        self._stopped: Stop | None = None
        self._asked_at = None
        self._begun = self._job.state is not None
        self._take_up(state)

    def _take_up(self, state: Lifecycle) -> None:
        self._changed = True
        self._title = state.title
        self._heard_at = workflow.now()
        self._wish = Wish(state, workflow.now())
        self._why: str | None = None
        self._posted_at, self._shared.portal_url = state.posted_at, state.portal_url
        self._shared.anew_since = state.anew_since
        self._tracks = Tracks(self._shared, state.boards, state.intent)
        self._hiring = Hiring(self._shared, state, self._by_hires)
        self._reporting = Reporting(self._shared, state, self._lifecycle) if self._job.report else None
        self._notifying = Notifying(state, self._mark_changed, self._tells) if self._job.notify else None
        self._waiting = Waiting(self._shared, state, notify=lambda: self._tells(NoticeType.ATTENTION))
        self._recording = Recording(self._shared, state, self._lifecycle, self._phase)

    @workflow.run
    async def run(self, *_: Any) -> Receipt:
        """Run until the job is off every board; while it is posted, stay open. A cancellation ends it sooner."""
        if self._unreadable is not None:
            raise self._unreadable
        try:
            return await self._live()
        except asyncio.CancelledError:
            if not is_cancelled():
                raise
        return await self._stop()

    async def _live(self) -> Receipt:
        await self._begin()
        while True:
            await workflow.wait_condition(self._must_wake)
            if is_cancelled():
                # A step that was called off by the cancellation may have hidden it.
                raise asyncio.CancelledError
            for task in self._tracks.tasks + self._helpers:
                if task.done():
                    task.result()  # raises: a bug must show, not hang
            self._drain()
            self._publish()
            if self._ended:
                return self._end()
            if workflow.info().is_continue_as_new_suggested():
                await self._continue_as_new()

    @workflow.query(name=LIFECYCLE, description="The whole state: intent, phase, each board with its evidence")
    def lifecycle(self) -> Lifecycle:
        """Return the whole state."""
        return self._lifecycle()

    # --- the loop's parts -----------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Take up how an earlier lifecycle of the job has ended, where the first message is about that."""
        before = None
        if self._job.state is None:
            before = await state_before(self._shared, self._inbox.first, first_of_job=self._job.first)
        self._begun = True
        if before is not None:
            self._take_up(before)
            self._as_before = self._reopened
            # What was told of that end is not told again.
            if self._notifying is not None:
                self._notifying.knows(self._lifecycle())
            if self._reporting is not None:
                self._reporting.knows(before.reported)
            self._recording.knows(self._lifecycle())
        self._tracks.start()
        self._help(self._hiring.run())
        self._help(self._recording.run())
        self._help(self._waiting.run())
        if self._reporting is not None:
            self._help(self._reporting.run())
        if self._notifying is not None:
            self._help(self._notifying.run())

    def _help(self, work: Coroutine[Any, Any, None]) -> None:
        self._helpers.append(asyncio.create_task(work))

    def _must_wake(self) -> bool:
        if self._inbox or self._changed or is_cancelled():
            return True
        if any(task.done() for task in self._tracks.tasks + self._helpers):
            return True
        return workflow.info().is_continue_as_new_suggested()

    def _publish(self) -> None:
        self._changed = False
        lifecycle = self._lifecycle()
        self._waiting.look(lifecycle)
        if self._notifying is not None:
            self._notifying.look(lifecycle)
        self._marks.look(lifecycle)
        self._recording.look(lifecycle)
        workflow.set_current_details(details(lifecycle, namespace=workflow.info().namespace))
        shown = workflow.info().typed_search_attributes
        if updates := search_attribute_updates(lifecycle, shown, self._job.known_attributes):
            workflow.upsert_search_attributes(updates)
        if memo := memo_updates(lifecycle, workflow.memo()):
            workflow.upsert_memo(memo)

    @property
    def _ended(self) -> bool:
        if self._phase() not in ENDED or self._tracks.busy or self._inbox:
            return False
        ats = self._reporting is None or self._reporting.done
        told = self._waiting.done and (self._notifying is None or self._notifying.done)
        return ats and told and self._recording.done

    def _end(self) -> Receipt:
        self._tracks.cancel()
        self._call_off_helpers()
        receipt = Receipt.of(self._lifecycle())
        if self._as_before != self._reopened:
            metrics.ended(receipt)
        return receipt

    async def _stop(self) -> NoReturn:
        """Stop, as somebody had the lifecycle cancelled: read the boards once more, and keep the receipt of that.

        After an event or a person's signal that comes meanwhile, or with the cancellation, the lifecycle begins anew.
        """
        # Both in one workflow task: which came first is not told, and what was asked may be the newer wish.
        asked_with_it = self._asked_at == workflow.now()
        self._call_off_helpers()
        await self._tracks.stop()
        looks = asyncio.gather(*(track.last_look() for track in self._tracks))
        stop = await who_stopped(self._shared)
        await looks
        self._stopped = stop
        self._inbox.note(STOPPED, by=stop.by, reason=stop.reason)
        await self._recording.stopped()
        if asked_with_it or self._inbox.asks_for_work:
            self._stopped = None
            self._drain()
            self._plan(self._wish.intent)
            # No await from here on: a signal that came in between would be lost.
            workflow.continue_as_new(self._job.model_copy(update={"state": self._lifecycle()}))
        self._publish()
        raise asyncio.CancelledError

    async def _continue_as_new(self) -> None:
        await workflow.wait_condition(lambda: self._notifying is None or self._notifying.done)
        self._call_off_helpers()
        await self._tracks.stop()
        self._drain()
        # No await from here on: a signal that came in between would be lost.
        workflow.continue_as_new(self._job.model_copy(update={"state": self._lifecycle()}))

    def _call_off_helpers(self) -> None:
        # Asked only where something is under way: elsewhere nothing changed.
        self._shared.ending = self._shared.owed > 0 and workflow.patched(NOTHING_AFTER_THE_END)
        for task in self._helpers:
            task.cancel()

    # --- the state ------------------------------------------------------------------------------------------

    def _mark_changed(self) -> None:
        self._changed = True

    def _titled(self, title: str | None) -> None:
        self._title = title_of(title, TITLE_LIMIT) or self._title

    def _lifecycle(self) -> Lifecycle:
        reporting = self._reporting
        lifecycle = Lifecycle(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            title=self._title,
            customer_name=self._job.customer_name,
            links=links_of(self._job.links, self._boards()),
            intent=self._first_wish or self._wish.intent,
            decided=self._wish.decided,
            phase=self._phase(),
            boards=self._boards(),
            attention=self._hiring.attention,
            hires=self._hiring.hires,
            earlier_hires=self._hiring.earlier,
            hires_needed=self._hiring.needed,
            positions_wanted=self._hiring.wanted,
            closed_by_hires=self._hiring.closed,
            received=self._inbox.received,
            posted_at=self._posted_at,
            portal_url=self._shared.portal_url,
            anew_since=self._shared.anew_since,
            reported=reporting.reported if reporting else None,
            report_given_up=reporting.given_up if reporting else None,
            report_after=reporting.after if reporting else None,
            report_failing_since=reporting.failing_since if reporting else None,
            report_all=reporting.all_boards if reporting else False,
            reopened=self._reopened,
            waits=self._waiting.told,
            notified=self._notifying.told if self._notifying else (),
            receipts=self._recording.receipts,
            recorded=self._recording.recorded,
            unstored=self._recording.unstored,
            receipt_taken=self._recording.taken,
            stopped=self._stopped,
        )
        due = {
            "report_due": reporting is not None and reporting.due(lifecycle),
            "report_failed": reporting.trouble(lifecycle) if reporting else None,
            "receipt_due": self._recording.due(lifecycle),
        }
        return lifecycle.model_copy(update=due)

    def _boards(self) -> Boards:
        return self._tracks.records

    @property
    def _reopened(self) -> int:
        return sum(track.view.reopened for track in self._tracks)

    @property
    def _first_wish(self) -> Intent | None:
        """Return what the first event wants, as long as it waits to be taken up: nothing is known of the boards yet."""
        first = self._inbox.first if not self._begun else None
        return first.intent if isinstance(first, AtsEvent) else None

    def _phase(self) -> Phase:
        if self._stopped is not None:
            return Phase.CANCELLED
        if self._first_wish is not None:
            return Phase.CLOSING if self._first_wish is Intent.UNPOSTED else Phase.UPDATING
        states = self._tracks.states
        if BoardState.ATTENTION in states or self._hiring.attention is not None:
            return Phase.ATTENTION
        if self._wish.intent is Intent.UNPOSTED:
            return self._boards().end if states == {BoardState.SETTLED} else Phase.CLOSING
        return Phase.UPDATING if states & {BoardState.WORKING, BoardState.CONFIRMING} else Phase.OPEN
