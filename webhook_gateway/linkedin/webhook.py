"""`/webhooks/linkedin`: endpoint validation by GET, signed notifications by POST, in LinkedIn's own replies.

A notification is answered exactly 200, 400 or 500 (seed linkedin-job-status-notifications); whatever is not 200 makes
LinkedIn send it again. Repeats are passed on like any other: without an id or a time in the payload, the same words
may well mean that a job is listed once more, and a lifecycle that is told twice only reads twice.
"""

import logging
from datetime import UTC, datetime

from aiohttp import web

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.operations import ResyncRequest, ResyncResult
from models.temporal import LINKEDIN_STATUS
from webhook_gateway.body import BadRequest, decode, parse_object, read_capped
from webhook_gateway.dispatch import Dispatcher, LifecycleStatus, TemporalUnavailable
from webhook_gateway.hints import Signals
from webhook_gateway.linkedin.auth import applications, challenge_response, linkedin_customers, signers
from webhook_gateway.linkedin.events import (
    JOB_POSTING_STATUS,
    RESYNC_JOBS,
    Notice,
    ResyncNotice,
    StatusNotice,
    job_id_of,
    read_notice,
)
from webhook_gateway.metrics import EVENTS, handing_over
from webhook_gateway.requests import Unauthorized

logger = logging.getLogger(__name__)

UNKNOWN, CHALLENGE = "unknown", "challenge"
LISTED = "LISTED"


class LinkedInWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, signals: Signals) -> None:
        """Serve the customers that use LinkedIn."""
        self._customers = linkedin_customers(settings.customers)
        self._applications = applications(settings)
        self._dispatcher, self._signals = dispatcher, signals

    async def validate(self, request: web.Request) -> web.Response:
        """Answer LinkedIn's challenge; Temporal has no part in it."""
        try:
            code = _only(request, "challengeCode")
            response = challenge_response(self._applications, code or "", _only(request, "applicationId"))
        except BadRequest as error:
            return _answer(CHALLENGE, "unreadable", _not_understood(error.reason))
        if response is None:
            return _answer(CHALLENGE, "unknown_application", _not_understood("unknown applicationId", status=404))
        body = {"challengeCode": code, "challengeResponse": response}
        return _answer(CHALLENGE, "answered", web.json_response(body))

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one notification: 200 only once Temporal has what there is to tell."""
        try:
            notice, customers = await self._read(request)
        except (Unauthorized, BadRequest) as error:
            result = "bad_signature" if isinstance(error, Unauthorized) else "unreadable"
            return _answer(UNKNOWN, result, _not_understood(error.reason))
        if notice is None:
            return _answer(UNKNOWN, "unknown_type", web.Response())
        kind = RESYNC_JOBS if isinstance(notice, ResyncNotice) else JOB_POSTING_STATUS
        if not customers:
            return _answer(kind, "unknown_application", web.Response())
        try:
            with handing_over("linkedin"):
                result = await self._pass_on(notice, customers)
        except TemporalUnavailable as error:
            logger.warning("a notification of LinkedIn was not accepted: %s", error)
            return _answer(kind, "unavailable", web.Response(status=500))
        return _answer(kind, result, web.Response())

    async def _read(self, request: web.Request) -> tuple[Notice | None, list[Customer]]:
        """Read a notification, and give the customers whose application it names: none where that is unknown."""
        body = await read_capped(request)
        # Verified on the raw body, before any of it is parsed.
        signed_for = signers(self._applications, request.headers, body)
        notice = read_notice(parse_object(decode(body, request.headers)), datetime.now(UTC))
        if notice is None:
            return None, []
        named = [each for each in self._customers if _number(each) == notice.application]
        covered = [each for each in named if each.id in signed_for]
        if named and not covered:
            raise Unauthorized("X-LI-Signature is another application's")
        return notice, covered

    async def _pass_on(self, notice: Notice, customers: list[Customer]) -> str:
        if isinstance(notice, ResyncNotice):
            return await self._resync(notice, customers)
        # Customers that share an application may share a job's id there, too: the job is whoever's has a lifecycle.
        results = [await self._tell(each, notice) for each in customers]
        return next((each for each in ("accepted", "reopened") if each in results), "unknown_job")

    async def _tell(self, customer: Customer, notice: StatusNotice) -> str:
        job_id = job_id_of(customer, notice.external_id)
        if job_id is None:
            return "unknown_job"
        id_ = workflow_id(customer.id, job_id)
        if await self._signals.signal(id_, LINKEDIN_STATUS, notice.status):
            logger.info("%s accepted for %s", JOB_POSTING_STATUS, id_)
            return "accepted"
        if notice.status.listing is None or notice.status.listing.status.upper() != LISTED:
            return "unknown_job"
        # A lifecycle that ended with the job closed takes it up again; one that began this moment reads it anyway.
        if await self._dispatcher.status(customer.id, job_id) is not LifecycleStatus.CLOSED:
            return "unknown_job"
        again = notice.status.model_copy(update={"after_close": True})
        logger.info("LinkedIn lists a closed job: %s", await self._dispatcher.listed_again(customer, job_id, again))
        return "reopened"

    async def _resync(self, notice: ResyncNotice, customers: list[Customer]) -> str:
        asked = False
        for customer in customers:
            ids = [job_id_of(customer, each) for each in notice.external_ids]
            known = tuple(sorted({each for each in ids if each is not None}))
            if not notice.all_open and not known:
                continue
            request = ResyncRequest(
                customer_id=customer.id,
                all_open=notice.all_open,
                job_ids=() if notice.all_open else known,
                received_at=datetime.now(UTC),
                done=ResyncResult(unreadable=ids.count(None)),
            )
            logger.info("RESYNC_JOBS accepted for %s", await self._signals.resync(customer, request))
            asked = True
        return "accepted" if asked else "unknown_job"


def _number(customer: Customer) -> str | None:
    return customer.linkedin.application_urn.rpartition(":")[2] if customer.linkedin is not None else None


def _only(request: web.Request, name: str) -> str | None:
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise BadRequest(400, f"{name} is given twice")
    return values[0] if values else None


def _not_understood(reason: str, *, status: int = 400) -> web.Response:
    return web.json_response({"errorMessage": reason}, status=status)


def _answer(kind: str, result: str, response: web.Response) -> web.Response:
    EVENTS.labels("linkedin", kind, result).inc()
    return response
