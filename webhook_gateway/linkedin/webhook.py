"""`/webhooks/linkedin`: endpoint validation by GET, signed notifications by POST, in LinkedIn's own replies.

A notification is answered exactly 200, 400 or 500 (docs/providers/linkedin.md, Notifications); whatever is not 200
makes LinkedIn send it again. Repeats are passed on like any other: without an id or a time in the payload, the same
words may well mean that a job is listed once more, and a lifecycle that is told twice only reads twice.
"""

import logging
from collections.abc import Mapping, Sequence

from aiohttp import web

from config.customers import Customer
from config.settings import Settings
from models.operations import ResyncRequest, ResyncResult
from webhook_gateway.body import BODY_LIMIT, arrive, decode
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.handover import Door
from webhook_gateway.linkedin.auth import applications, challenge_response, claimed, linkedin_customers, signers
from webhook_gateway.linkedin.events import (
    JOB_POSTING_STATUS,
    RESYNC_JOBS,
    Notice,
    ResyncNotice,
    StatusNotice,
    job_id_of,
    read_notice,
)
from webhook_gateway.linkedin.handover import ACCEPTED, REOPENED, UNKNOWN_JOB, ResyncHandover, StatusHandover
from webhook_gateway.metrics import KEPT, UNKNOWN, Book, Seen, counting
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import Arrived, BadRequest, Fault, Refused, Unauthorized

logger = logging.getLogger(__name__)

CHALLENGE = "challenge"
RESYNC_LIMIT = 5 * 1024 * 1024
"""Bytes of a resync: 50,000 ids of 75 characters, and room."""
IDS_AT_ONCE = 10_000
"""Jobs of one resync workflow."""


class LinkedInWebhook:
    """Authenticate, parse, hand over, answer."""

    def __init__(self, settings: Settings, door: Door, book: Book | None = None) -> None:
        """Serve the customers that use LinkedIn."""
        self._customers = linkedin_customers(settings.customers)
        self._applications = applications(settings)
        self._door, self._book = door, book

    async def validate(self, request: web.Request) -> web.Response:
        """Answer LinkedIn's challenge; Temporal has no part in it."""
        with counting("linkedin") as seen:
            seen.type = CHALLENGE
            try:
                code = _only(request, "challengeCode")
                response = challenge_response(self._applications, code or "", _only(request, "applicationId"))
            except Refused as refusal:
                return _refuse(refusal, seen)
            if response is None:
                return _refuse(BadRequest(Fault.CUSTOMER, "unknown applicationId"), seen, status=404)
            seen.result = "answered"
            return web.json_response({"challengeCode": code, "challengeResponse": response})

    async def handle(self, request: web.Request | Arrived) -> web.Response:
        """Answer one notification: 200 only once Temporal or the inbox has it, 400 what is not understood."""
        with counting("linkedin", self._book) as seen:
            try:
                arrived = seen.arrived = await arrive(request, RESYNC_LIMIT)
                notice, customers = self._read(arrived, seen)
                seen.result = await self._take(notice, customers)
            except Refused as refusal:
                return _refuse(refusal, seen)
            except TemporalUnavailable as error:
                seen.not_stored(error)
                logger.warning("a notification of LinkedIn was not accepted: type %s: %s", seen.type, error)
                return web.Response(status=500)
            return web.Response()

    def _read(self, arrived: Arrived, seen: Seen) -> tuple[Notice | None, list[Customer]]:
        """Read a notification, and return the customers whose application it names: none where that is unknown."""
        headers, body = arrived.signed.headers, arrived.signed.body
        named_numbers = claimed(_decoded(body, headers))
        seen.customer, seen.plausible = self._name(named_numbers), bool(named_numbers)
        # Verified on the raw body, before any of it is parsed.
        signed_for = signers(self._applications, headers, body, named_numbers)
        seen.authenticated = True
        payload = parse_object(decode(body, headers, RESYNC_LIMIT), headers)
        notice = read_notice(payload, arrived.received_at)
        if notice is None:
            return None, []
        seen.type = RESYNC_JOBS if isinstance(notice, ResyncNotice) else JOB_POSTING_STATUS
        named = [each for each in self._customers if _number(each) == notice.application]
        covered = [each for each in named if each.id in signed_for]
        if isinstance(notice, StatusNotice) and covered:
            seen.job_id = job_id_of(covered[0], notice.external_id)
        if named and not covered:
            raise Unauthorized("X-LI-Signature is another application's")
        return notice, covered

    def _name(self, numbers: frozenset[str]) -> str:
        return next((each.id for each in self._customers if _number(each) in numbers), UNKNOWN)

    async def _take(self, notice: Notice | None, customers: list[Customer]) -> str:
        if notice is None:
            return "unknown_type"
        if not customers:
            return "unknown_application"
        if isinstance(notice, ResyncNotice):
            return await self._resync(notice, customers)
        # Customers that share an application may share a job's id there, too: the job is whoever's has a lifecycle.
        results = [await self._tell(each, notice) for each in customers]
        return next((each for each in (ACCEPTED, REOPENED, KEPT) if each in results), UNKNOWN_JOB)

    async def _tell(self, customer: Customer, notice: StatusNotice) -> str:
        job_id = job_id_of(customer, notice.external_id)
        if job_id is None:
            return UNKNOWN_JOB
        told = StatusHandover(customer_id=customer.id, job_id=job_id, status=notice.status)
        return await self._door.hand_over(told)

    async def _resync(self, notice: ResyncNotice, customers: list[Customer]) -> str:
        results: list[str] = []
        for customer in customers:
            ids = [job_id_of(customer, each) for each in notice.external_ids]
            known = sorted({each for each in ids if each is not None})
            unreadable = notice.unreadable + ids.count(None)
            # Temporal refuses an input of 2 MB, and a workflow carries its input from run to run.
            parts = [()] if notice.all_open else batched(known, IDS_AT_ONCE)
            for number, part in enumerate(parts):
                request = ResyncRequest(
                    customer_id=customer.id,
                    all_open=notice.all_open,
                    job_ids=part,
                    received_at=notice.received_at,
                    done=ResyncResult(unreadable=unreadable if number == 0 else 0),
                )
                wanted = ResyncHandover(customer_id=customer.id, request=request)
                results.append(await self._door.hand_over(wanted))
        return next((each for each in (KEPT, ACCEPTED) if each in results), UNKNOWN_JOB)


def batched(ids: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """Return ids in parts of at most so many."""
    return [tuple(ids[at : at + size]) for at in range(0, len(ids), size)]


def _decoded(body: bytes, headers: Mapping[str, str]) -> bytes:
    # Only to see whose secrets to compare: what cannot be undone names nobody, and is refused once it is verified.
    try:
        return decode(body, headers, max(len(body), BODY_LIMIT))
    except BadRequest:
        return b""


def _number(customer: Customer) -> str | None:
    return customer.linkedin.application_urn.rpartition(":")[2] if customer.linkedin is not None else None


def _only(request: web.Request, name: str) -> str | None:
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise BadRequest(Fault.FIELD, f"{name} is given twice")
    return values[0] if values else None


def _refuse(refusal: Refused, seen: Seen, *, status: int = 400) -> web.Response:
    seen.refuse(refusal)
    return web.json_response({"errorMessage": refusal.reason}, status=status)
