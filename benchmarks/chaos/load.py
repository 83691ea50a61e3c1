"""Send what iCIMS and the boards send, by many jobs at once; every request and its answer is noted."""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp

from benchmarks.chaos.evidence import Sent
from benchmarks.chaos.journeys import BOTH, HINTS, INTENTS, Act, Journey, Word, journey
from benchmarks.chaos.stack import HIRED
from models.states import Intent
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import basic
from tests.support.webhooks import encoded, indeed_headers, linkedin_headers, notice

FIRST_JOB = 3_000_000
FIRST_MARKER = 500_000_000
PATIENCE = aiohttp.ClientTimeout(total=12)
"""iCIMS waits for ten seconds; what comes later is not an answer that it would hear."""
AGAIN_AFTER = 1.0
POSTED_WITHIN = 60.0
CANDIDATE = "99887"
"""Begins the ids of candidates and of their recruiting workflows: nobody may keep them."""
KINDS = {Word.POST: "JobPostToWebEvent", Word.UNPOST: "JobUnpostToWebEvent", Word.VIEW: "ViewJobWebPostEvent"}
ICIMS = {"Content-Type": "application/json", "Authorization": basic("icims-1234", "webhook-secret-1234")}

Knows = Callable[[str], Awaitable[bool]]


class Load:
    """Take job after job through its journey, until told to end."""

    def __init__(self, boards: Boards, gateways: tuple[str, ...], knows: Knows, *, seed: int, events: int) -> None:
        """Send to these gateways; `events` is about how many words a job gets.

        `knows` tells whether a job's lifecycle knows its postings: before, a hint of one finds nobody.
        """
        self._knows = knows
        self._boards, self._gateways, self._seed, self._events = boards, gateways, seed, events
        self._numbers, self._markers = itertools.count(), itertools.count(FIRST_MARKER)
        self._over = asyncio.Event()
        self.sent: list[Sent] = []
        self.wanted: dict[str, Intent] = {}
        self.posted: set[str] = set()
        self.leaks: list[str] = []
        """Answers that hold a secret."""
        self.secrets: tuple[str, ...] = ()
        self._iris: dict[str, str] = {}
        self._sure: set[str] = set()
        """Jobs that stay posted and were seen so: what is said of them must arrive."""

    def end(self) -> None:
        """Begin no further job; what was begun goes on to its end."""
        self._over.set()

    async def run(self, at_once: int) -> None:
        """Keep so many jobs on their way, until told to end and all are at theirs."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as http, asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._keep_on(http))

    async def _keep_on(self, http: aiohttp.ClientSession) -> None:
        while not self._over.is_set():
            number = next(self._numbers)
            job = str(FIRST_JOB + number)
            drawn = journey(self._seed, number, events=self._events)
            await self._make(job, drawn)
            for act in drawn.acts:
                # A job that stays posted needs no more words; another one goes to its end.
                if not (drawn.steady and self._over.is_set()):
                    await self._act(http, job, drawn, act)

    async def _make(self, job: str, drawn: Journey) -> None:
        # A job that was never posted through us is there already, with our values on it.
        ours = not drawn.acts or drawn.acts[0].word is not Word.POST
        indeed: Any = [{}, {}] if drawn.two_postings else True
        await self._boards.add_job(job, linkedin=ours, indeed=indeed, overlay=ours)
        self._iris[job] = (await self._boards.postings(job))[0]["employer_job_id"]

    async def _act(self, http: aiohttp.ClientSession, job: str, drawn: Journey, act: Act) -> None:
        marker = str(next(self._markers))
        promised = act.word in INTENTS or (act.word in HINTS and job in self._sure)
        gateways = (0, 1) if act.gateway == BOTH else (act.gateway,)
        work = [
            self._say(http, job, act.word, marker, gateway, promised=promised)
            for _ in range(act.copies)
            for gateway in gateways
        ]
        if act.word in {Word.POST, Word.UNPOST}:
            # iCIMS itself says so, too, where it is asked; the event is handed on from here.
            await self._boards.act(act.word.value, job, lost=True)
        if act.together:
            await asyncio.gather(*work)
        else:
            for each in work:
                await each
        if act.word in INTENTS:
            self.wanted[job] = INTENTS[act.word]
            self.posted |= {job} if act.word is Word.POST else set()
        if act.until_posted and await self._is_posted(job) and drawn.steady:
            self._sure.add(job)
        await asyncio.sleep(act.pause)

    async def _is_posted(self, job: str) -> bool:
        give_up = time.monotonic() + POSTED_WITHIN
        while time.monotonic() < give_up:
            seen = await self._boards.job(job)
            if (
                seen["linkedin"]
                and seen["linkedin"]["listed"]
                and all(each["overlay_left"] for each in seen["indeed_postings"])
                and await self._knows(job)
            ):
                return True
            await asyncio.sleep(0.5)
        return False

    async def _say(
        self, http: aiohttp.ClientSession, job: str, word: Word, marker: str, gateway: int, *, promised: bool
    ) -> None:
        """Say it once; a word that says what is wanted is said again until it is taken."""
        path, body, headers = self._written(job, word, marker)
        while True:
            sent = Sent(marker, word.value, job, INTENTS.get(word), time.time(), promised=promised)
            sent.once = word is Word.INDEED
            self.sent.append(sent)
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.post(
                    f"{self._gateways[gateway]}{path}", data=body, headers=headers, allow_redirects=False
                ) as reply:
                    text = await reply.text()
                    sent.status = reply.status
                    self.leaks += [f"an answer to {word.value}" for each in self.secrets if each in text]
            sent.answered = time.time()
            if sent.acknowledged or word not in INTENTS:
                return
            gateway = 1 - gateway
            await asyncio.sleep(AGAIN_AFTER)

    def _written(self, job: str, word: Word, marker: str) -> tuple[str, bytes, dict[str, str]]:
        match word:
            case Word.INDEED:
                body = _indeed_event(self._iris[job], marker)
                return "/webhooks/indeed", body, indeed_headers(body)
            case Word.LINKEDIN:
                page = f"https://www.linkedin.com/jobs/view/{marker}"
                body = encoded(notice(job, listingStatus="LISTED", jobPostingInfo={"jobPostingUrl": page}))
                return "/webhooks/linkedin", body, linkedin_headers(body)
            case Word.HIRE | Word.CANDIDATE:
                status = HIRED if word is Word.HIRE else "Interview"
                return "/webhooks/icims", encoded(_candidate(job, marker, status)), ICIMS
        event = {"customerId": CUSTOMER, "systemId": job, "userId": marker, "eventType": KINDS[word]}
        return "/webhooks/icims", encoded(event), ICIMS


def _candidate(job: str, marker: str, status: str) -> dict[str, str]:
    number = f"{CANDIDATE}{marker}"
    return {
        "customerId": CUSTOMER,
        "jobId": job,
        "userId": marker,
        "personId": number,
        "systemId": number,
        "newStatus": status,
        "eventType": "WorkFlowStatusChangeEvent",
    }


def _indeed_event(iri: str, marker: str) -> bytes:
    event = {
        "specversion": "1.0",
        "id": f"evt_{marker}",
        "source": "api.indeed.com",
        "type": "com.indeed.partner.jobs.lifecycle_event.v1",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "datacontenttype": "application/json",
        "data": {"employerJobId": iri, "lifecycleEvent": "UPDATED"},
    }
    return json.dumps(event).encode()
