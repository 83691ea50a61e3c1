"""A world to try a lifecycle in: postings, what happens meanwhile, and what was proven, beside the truth."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

import httpx

import activities.providers
import clients.indeed.listing
import clients.indeed.search
from activities.indeed.jobs import IndeedActivities
from activities.providers import Providers
from clients.rate_limit import Limit
from clients.transport import open_http
from config.settings import Settings
from models.boards import IndeedRecord
from models.states import BoardState, Intent, Outcome
from models.timing import Timing
from sandbox.content import JobContent
from sandbox.faults.spec import FaultSpec
from sandbox.icims import app as icims_app
from sandbox.indeed import app as indeed_app
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.overlay import NO_OVERLAY
from sandbox.jobs import changes
from sandbox.jobs.specs import Boards, IndeedEdit, Reingestion
from sandbox.records import RecordFilter
from sandbox.seed import seed
from sandbox.world import World
from tests.support.boards import CUSTOMER
from tests.support.indeed import indeed_settings
from tests.support.worlds.direct import URLS, Direct, Watched
from tests.support.worlds.time import AtRest, Workflow, WorldClock, as_workflow, parts_of
from workflows import waits
from workflows.boards import indeed, metrics, steps, track, view
from workflows.boards.indeed.track import Indeed
from workflows.boards.job import Job

JOB = "500"
PAGE = 5
"""Entries on a page of the listing: few, so that small worlds have many pages."""
TRIES = 20
"""Of activities, in one phase of a world: what has not settled by then is not proven, which is always right."""
PLENTY = 1_000_000
TIMING = Timing(confirm_within=timedelta(hours=1), attention_after=timedelta(hours=1))
UNTIL_NEXT_READ = "Until Indeed is read again"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Something that happens right before Indeed gets a call, counted from the beginning of the world."""

    call: int
    what: str
    """`reingest`, `add`, `edit`, `move` or `unpost`."""
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is special about a world."""

    postings: tuple[Mapping[str, Any], ...] = ()
    foreign: tuple[Mapping[str, Any], ...] = ()
    """Postings of other jobs."""
    fillers: int = 0
    """Further jobs of the advertiser."""
    begins_posted: bool = False
    meanwhile: tuple[Meanwhile, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    sandbox: Mapping[str, Any] = field(default_factory=dict)
    configured: Mapping[str, Any] = field(default_factory=dict)
    """Of [customers.indeed]."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of it, in the lifecycle's words and in truth."""

    outcome: Outcome | None
    left: tuple[str, ...]
    """Postings of the job that could be known of, are on Indeed, and show something that an agency set."""
    live: tuple[str, ...]
    """Postings of the job that could be known of and are on Indeed."""
    foreign_writes: tuple[str, ...]
    record: IndeedRecord

    @property
    def lies(self) -> list[str]:
        """Say what is called proven and is not, or was written and is another's."""
        said = [f"{each} of another job was written" for each in self.foreign_writes]
        if self.outcome is not None and self.outcome.proven:
            said += [f"{self.outcome.value}, and something is left on {each}" for each in self.left]
        if self.outcome is Outcome.GONE:
            said += [f"gone, and {each} is live" for each in self.live]
        return said


class Worlds:
    """Try plans, one after the other, in one sandbox."""

    def __init__(self, clock: WorldClock, world: World, transport: Watched) -> None:
        self._clock, self._world, self._transport = clock, world, transport

    async def run(self, plan: Plan) -> Found:
        """Take the job down in a world, and return what was said of it."""
        return await _Run(self._clock, self._world, self._transport, plan).run()


@asynccontextmanager
async def open_worlds() -> AsyncIterator[Worlds]:
    """Have a sandbox in this process, with a clock that stands still, and without the limits on rates."""
    clock = WorldClock()
    world = World(clock=clock, seed=seed)
    transport = Watched(Direct({URLS["indeed"]: indeed_app.build(world), URLS["icims"]: icims_app.build(world)}))
    fast = Limit("none", PLENTY, "no limit")
    with (
        patch.object(activities.providers, "FINDS", fast),
        patch.object(activities.providers, "MUTATIONS", fast),
        patch.object(clients.indeed.search, "PAGE_SIZE", PAGE),
        patch.object(clients.indeed.listing, "PAGE_WAITS", (0.0,)),
    ):
        yield Worlds(clock, world, transport)


class _Run:
    def __init__(self, clock: WorldClock, world: World, transport: Watched, plan: Plan) -> None:
        self._clock, self._world, self._plan = clock, world, plan
        self._transport = transport
        self._calls = 0
        self._workflow: Workflow
        self._pending = sorted(plan.meanwhile, key=lambda each: each.call)
        self._track: Indeed | None = None
        self._intent = Intent.POSTED if plan.begins_posted else Intent.UNPOSTED
        self._knowable: set[str] = set()
        """Postings that the last listing could show, and those before."""
        self._known: set[str] = set()
        """IRIs of postings that the lifecycle ever knew of."""
        self._named: set[str] = set()
        """Postings that `jobPostingId` ever named as the job's."""

    async def run(self) -> Found:
        self._set_up()
        self._transport.tell = self._before_call
        http = open_http(self._transport)
        settings = _configured(json.dumps(self._plan.configured))
        self._workflow = Workflow(
            self._clock, IndeedActivities(Providers(settings, http)), tries=TRIES, stop_at=UNTIL_NEXT_READ
        )
        with as_workflow(self._workflow, steps, track, view, *parts_of(indeed), waits, metrics):
            job = Job(customer_id=CUSTOMER, job_id=JOB, timing=TIMING, changed=self._note_known)
            started = IndeedRecord(since=self._clock.now(), asked_at=self._clock.now())
            self._track = Indeed(job, started.model_copy(update={"state": BoardState.WORKING}), self._intent)
            await self._until_rest()
            if self._intent is Intent.POSTED:
                self._unpost()
                self._workflow.grant(TRIES)
                await self._until_rest()
        return self._found(self._track.view)

    def _unpost(self) -> None:
        if self._track is not None and self._intent is Intent.POSTED:
            self._intent = Intent.UNPOSTED
            self._track.intend(Intent.UNPOSTED, self._clock.now())
            self._workflow.told()

    async def _until_rest(self) -> None:
        assert self._track is not None
        try:
            await self._track.run()
        except AtRest:
            return

    # --- the world ------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        world, plan = self._world, self._plan
        world.reset()
        world.settings = world.settings.patched(
            {"indeed": {"finds_per_second": PLENTY, "mutations_per_second": PLENTY, **plan.sandbox}}
        )
        self._customer = world.customers.get(CUSTOMER)
        self._put(JOB, plan.postings)
        for number, special in enumerate(plan.foreign):
            self._put(str(600 + number), (special,))
        for number in range(plan.fillers):
            self._put(str(700 + number), ({},))
        for fault in plan.faults:
            world.faults.add(FaultSpec.model_validate({"provider": "indeed", **fault}))

    def _put(self, job_id: str, postings: Sequence[Mapping[str, Any]]) -> None:
        assert self._customer is not None
        boards = Boards(linkedin=False, indeed=tuple(IndeedEdit.model_validate(each) for each in postings))
        changes.put(self._world, self._customer, job_id, JobContent(), boards)

    def _mine(self) -> list[EmployerJob]:
        return self._world.indeed.of_job(CUSTOMER, JOB)

    def _before_call(self, request: httpx.Request) -> None:
        if request.url.path != "/graphql":
            return
        body = json.loads(request.content)
        self._calls += 1
        self._clock.advance(0.05)
        while self._pending and self._pending[0].call <= self._calls:
            self._happen(self._pending.pop(0))
        self._named |= {each.posting_uuid for each in self._mine() if each.job_posting_id == JOB}
        variables = body.get("variables") or {}
        if "findEmployerJobsPartner" in body["query"] and variables.get("after") is None:
            # What comes up while a listing is read may be on a page that was read before.
            self._knowable |= {each.posting_uuid for each in self._mine() if each.listing != "unlisted"}

    def _happen(self, event: Meanwhile) -> None:
        assert self._customer is not None
        match event.what:
            case "reingest":
                changes.reingest(self._world, self._customer, JOB, Reingestion.model_validate(event.how))
            case "add":
                job = self._world.icims.get(CUSTOMER, JOB)
                assert job is not None
                changes.add_posting(self._world, self._customer, job, IndeedEdit.model_validate(event.how))
            case "move":
                self._move(**event.how)
            case "unpost":
                self._unpost()
            case "edit":
                number = event.how["posting"]
                change = {name: value for name, value in event.how.items() if name != "posting"}
                for posting in self._mine()[number : number + 1]:
                    changes.edit_posting(self._world, self._customer, posting, IndeedEdit.model_validate(change))
            case unknown:
                raise ValueError(unknown)

    def _move(self, *, ends: int, arrives: int) -> None:
        """End some of the newest fillers, and add others on top."""
        state = self._world.indeed
        fillers = [each for each in state.of_customer(CUSTOMER) if each.job_id[0] in "7n"]
        for each in sorted(fillers, key=lambda job: -job.posted_at)[:ends]:
            each.lifecycle, each.listing = "INACTIVE", "unlisted"
        newest = max((each.posted_at for each in state.of_customer(CUSTOMER)), default=0.0)
        for number in range(arrives):
            name = f"new-{self._calls}-{number}"
            state.put(CUSTOMER, name, JobContent(), requisition_id=name, now=newest + 60 * (number + 1))

    def _note_known(self) -> None:
        if self._track is not None:
            self._known |= {each.id for each in self._track.view.postings}

    def _could_be_known(self, posting: EmployerJob) -> bool:
        """Return whether a posting was on the last listing, or before: what no listing ever shows nobody can find."""
        listed = posting.posting_uuid in self._knowable and posting.listing != "unlisted"
        return listed or not self._known.isdisjoint(posting.names)

    def _is_there(self, posting: EmployerJob) -> bool:
        """Return whether a posting is the job's and on Indeed, as far as Indeed lets anybody see it.

        What the lifecycle knew as the job's does not become another's by a new name.
        """
        hidden = posting.node != "whole" and posting.listing == "unlisted"
        own = posting.job_posting_id == JOB or not self._known.isdisjoint(posting.names)
        return own and posting.lifecycle != "INACTIVE" and not hidden

    # --- the truth ------------------------------------------------------------------------------------------

    def _found(self, record: IndeedRecord) -> Found:
        now = self._clock.time()
        there = [each for each in self._mine() if self._could_be_known(each) and self._is_there(each)]
        records = self._world.records.select(RecordFilter(provider="indeed"))
        written = {uuid for each in records for uuid in each.written}
        return Found(
            outcome=record.outcome,
            left=tuple(each.posting_uuid for each in there if each.overlay.truth(now) != NO_OVERLAY),
            live=tuple(each.posting_uuid for each in there if each.lifecycle == "ACTIVE"),
            foreign_writes=tuple(sorted(written - self._named)),
            record=record,
        )


@cache
def _configured(indeed: str) -> Settings:
    return indeed_settings(URLS, **json.loads(indeed))


__all__ = ["Found", "Meanwhile", "Plan", "Worlds", "open_worlds"]
