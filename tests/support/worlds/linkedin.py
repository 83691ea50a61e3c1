"""A world to try a lifecycle at LinkedIn in: a posting, what happens to it, and what was proven, beside the truth."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import httpx

from activities.icims import IcimsActivities
from activities.linkedin import evidence, postings, submissions
from activities.linkedin.postings import LinkedInActivities
from activities.providers import Providers
from clients.transport import open_http
from models.boards import LinkedInRecord
from models.events import LinkedInResync, LinkedInStatus, StatusDetail
from models.states import BoardState, Intent
from models.temporal import LINKEDIN_RESYNC, LINKEDIN_STATUS
from models.timing import Timing
from sandbox.content import JobContent
from sandbox.faults.spec import FaultSpec
from sandbox.icims import app as icims_app
from sandbox.jobs import changes
from sandbox.jobs.specs import Boards as Posted
from sandbox.jobs.specs import IcimsEdit, JobEdit
from sandbox.linkedin import app as linkedin_app
from sandbox.linkedin.postings import Detail, Posting
from sandbox.records import RecordFilter
from sandbox.seed import seed
from sandbox.world import World
from tests.support.boards import CUSTOMER
from tests.support.worlds.direct import URLS, Direct, Watched
from tests.support.worlds.linkedin_plan import JOB, Found, Happening, Memory, Plan, configured
from tests.support.worlds.time import AtRest, Workflow, WorldClock, as_workflow, parts_of
from tests.support.worlds.truth import Truth
from workflows import waits
from workflows.boards import linkedin, metrics, steps, track, view
from workflows.boards.job import Job
from workflows.boards.linkedin.track import LinkedIn

OTHERS = ("50", "5000", "501")
"""Jobs whose ids look alike, all listed on LinkedIn."""
TRIES = 25
"""Of activities, in one step of a world: what has not settled by then is not proven, which is always right."""
TIMING = Timing(confirm_within=timedelta(hours=1), attention_after=timedelta(hours=1))
WITHHELD = Detail("NOT_LISTED", 1001, "CUSTOMER_ERROR", "BLOCKED_COUNTRY: no")
UNTIL_NEXT_READ = "Until LinkedIn is read again"


class Worlds:
    """Try plans, one after the other, in one sandbox."""

    def __init__(self) -> None:
        self._clock = WorldClock()
        self._world = World(clock=self._clock, seed=seed)
        apps = {URLS["linkedin"]: linkedin_app.build(self._world), URLS["icims"]: icims_app.build(self._world)}
        self._transport = Watched(Direct(apps))

    async def run(self, plan: Plan) -> Found:
        """Have everything happen in a world, and return what was said of it."""
        with self._time_stands_still():
            return await _Run(self._clock, self._world, self._transport, plan).run()

    @contextmanager
    def _time_stands_still(self) -> Iterator[None]:
        patches = [patch.object(module, "_now", self._clock.now) for module in (postings, submissions, evidence)]
        for each in patches:
            each.start()
        try:
            yield
        finally:
            for each in patches:
                each.stop()


class _Run:
    def __init__(self, clock: WorldClock, world: World, transport: Watched, plan: Plan) -> None:
        self._clock, self._world, self._plan = clock, world, plan
        self._pending = sorted(plan.meanwhile, key=lambda each: each.call)
        self._later, self._last_wish = deque(plan.afterwards), False
        self._transport = transport
        self._calls = 0
        self._intent = Intent.POSTED if plan.begins_posted else Intent.UNPOSTED
        self._by_event = plan.by_event
        self._state: BoardState | None = None
        self._truth = Truth(
            clock, lambda: self._posting, seen_before=plan.seen_before, icims_tells=plan.portals is not None
        )
        self._rests = False
        self._workflow: Workflow
        self._track: LinkedIn | None = None

    async def run(self) -> Found:
        self._set_up()
        self._transport.tell, self._transport.tell_answered = self._before_call, self._after_call
        settings = configured(creates=self._plan.creates, portals=self._plan.portals is not None)
        providers = Providers(settings, open_http(self._transport))
        memory = Memory(seen=self._plan.seen_before, now=self._clock.now())
        self._workflow = Workflow(
            self._clock,
            LinkedInActivities(providers),
            IcimsActivities(providers),
            memory,
            tries=TRIES,
            stop_at=UNTIL_NEXT_READ,
            tired=self._something_happens,
        )
        with as_workflow(self._workflow, steps, track, view, *parts_of(linkedin), waits, metrics):
            now = self._clock.now()
            self._begin(LinkedInRecord(since=now, asked_at=now, state=BoardState.WORKING))
            await self._until_rest()
            while self._something_happens():
                await self._until_rest()
            assert self._track is not None
            self._truth.judge(self._track.view)
        return Found(self._track.view, (*self._truth.lies, *self._foreign_writes()))

    def _begin(self, record: LinkedInRecord) -> None:
        self._track = None
        job = Job(
            customer_id=CUSTOMER,
            job_id=JOB,
            timing=TIMING,
            changed=self._look,
            wanted_posted=lambda: self._decide(Intent.POSTED),
            unposted_by_event=lambda: self._by_event,
        )
        self._track = LinkedIn(job, record, self._intent)

    async def _until_rest(self) -> None:
        assert self._track is not None
        self._rests = False
        try:
            await self._track.run()
        except AtRest:
            self._rests = True

    def _something_happens(self) -> bool:
        """Have the next thing happen; return False where nothing is left, and the job is not wanted posted."""
        if self._later:
            self._happen(self._later.popleft())
        elif self._intent is Intent.POSTED and not self._last_wish:
            self._last_wish = True
            self._decide(Intent.UNPOSTED)
        else:
            return False
        self._workflow.grant(TRIES)
        return True

    # --- the world ------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        world, plan = self._world, self._plan
        world.reset()
        world.settings = world.settings.patched({"linkedin": dict(plan.sandbox)})
        customer = world.customers.get(CUSTOMER)
        assert customer is not None
        self._customer = customer
        for job_id in (JOB, *OTHERS):
            listed = job_id != JOB or plan.posting is not None
            changes.put(world, customer, job_id, JobContent(), Posted(linkedin=listed, indeed=False))
        self._icims(portals=plan.portals or ())
        self._put(plan.posting)
        for fault in plan.faults:
            world.faults.add(FaultSpec.model_validate({"provider": "linkedin", **fault}))

    @property
    def _posting(self) -> Posting | None:
        return self._world.linkedin.get(self._customer.linkedin.client_id, f"{CUSTOMER}-{JOB}")

    def _put(self, state: str | None) -> None:
        """Have somebody else bring the posting into a state, at once and for all to see."""
        client_id, external_id, now = self._customer.linkedin.client_id, f"{CUSTOMER}-{JOB}", self._clock.time()
        if state is None:
            self._world.linkedin.remove(client_id, external_id)
            return
        posting = self._posting or self._world.linkedin.put(
            client_id, external_id, location="Oakland", now=now, listed=False
        )
        posting.listed.set(state != "closed", true_at=now, visible_at=now)
        posting.detail = (
            Detail("NOT_LISTED", 1001, "CUSTOMER_ERROR", "BLOCKED_COUNTRY: no") if state == "withheld" else None
        )
        posting.begin(now)
        if state == "expired":
            posting.expires_at = now

    def _icims(self, **says: Any) -> None:
        job = self._world.icims.get(CUSTOMER, JOB)
        assert job is not None
        changes.edit_job(self._world, self._customer, job, JobEdit(icims=IcimsEdit.model_validate(says)))

    @property
    def _icims_wants_it(self) -> bool:
        job = self._world.icims.get(CUSTOMER, JOB)
        return self._plan.portals is not None and job is not None and bool(job.portals)

    def _before_call(self, request: httpx.Request) -> None:
        if request.url.path.endswith("/accessToken") or request.url.path.endswith("/token"):
            return
        self._calls += 1
        self._clock.advance(0.05)
        while self._pending and self._pending[0].call <= self._calls:
            self._happen(self._pending.pop(0))
        if request.url.path.endswith("/simpleJobPostings"):
            for element in json.loads(request.content)["elements"]:
                self._truth.written(element["jobPostingOperationType"], by_event=self._by_event)

    def _after_call(self, request: httpx.Request) -> None:
        if request.url.path.endswith("/jobPostingStatus"):
            self._truth.read()
        elif "/portals/" in request.url.path or request.url.params.get("fields") == "folder":
            self._truth.icims_asked(wants_it=self._icims_wants_it)

    def _happen(self, event: Happening) -> None:
        assert self._track is not None
        happenings: dict[str, Callable[..., None]] = {
            "becomes": self._becomes,
            "hint": self._hint,
            "resync": self._resync,
            "post": lambda: self._decide(Intent.POSTED),
            "edit": lambda: self._decide(Intent.POSTED, edited=True),
            "unpost": lambda: self._decide(Intent.UNPOSTED),
            "close": lambda: self._decide(Intent.UNPOSTED, by_event=False),
            "retry": self._retry,
            "confirm": self._track.confirm,
            "icims": self._icims,
            "forward": self._forward,
            "restart": self._restart,
        }
        happenings[event.what](**event.how)
        self._workflow.told()

    def _hint(self, listing: str | None) -> None:
        assert self._track is not None
        detail = None if listing is None else StatusDetail(status=listing)
        self._track.take(LINKEDIN_STATUS, LinkedInStatus(listing=detail, received_at=self._clock.now()))

    def _resync(self) -> None:
        assert self._track is not None
        self._track.take(LINKEDIN_RESYNC, LinkedInResync(received_at=self._clock.now()))

    def _retry(self) -> None:
        assert self._track is not None
        self._truth.retried()
        self._track.retry()

    def _forward(self, hours: float) -> None:
        self._clock.advance(hours * 3600)

    def _restart(self) -> None:
        """Go on in a new run; where a call is under way, Temporal would have it end first."""
        assert self._track is not None
        if self._rests:
            self._begin(LinkedInRecord.model_validate_json(self._track.view.model_dump_json()))

    def _becomes(self, state: str | None) -> None:
        assert self._track is not None
        off = self._intent is Intent.UNPOSTED and self._track.view.state is BoardState.SETTLED
        self._truth.becomes(state, off=off)
        self._put(state)

    def _decide(self, intent: Intent, *, by_event: bool = True, edited: bool = False) -> None:
        """Take up a wish as the lifecycle does."""
        assert self._track is not None
        news = intent is not self._intent
        self._intent = intent
        self._truth.word()
        self._by_event = by_event or (not news and self._by_event)
        if news or edited:
            self._track.intend(intent, self._clock.now())
            self._workflow.told()
        if edited:
            self._track.edited()

    def _look(self) -> None:
        if self._track is None:
            return
        before, self._state = self._state, self._track.view.state
        if self._state is BoardState.SETTLED and before is not BoardState.SETTLED:
            self._truth.judge(self._track.view)

    def _foreign_writes(self) -> list[str]:
        records = self._world.records.select(RecordFilter(provider="linkedin", operation="submit"))
        others = sorted({job_id for each in records for job_id in each.job_ids} - {JOB})
        return [f"job {job_id} was written" for job_id in others]
