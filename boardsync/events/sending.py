"""Send sample events to a gateway, signed as the customer's configuration asks."""

import gzip
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx

from boardsync.events.samples import (
    Event,
    Form,
    Status,
    icims_job,
    icims_status,
    indeed_changed,
    linkedin_challenge,
    linkedin_resync,
    linkedin_status,
)
from boardsync.events.signing import Outgoing, challenge_digest, with_basic, with_icims_hmac, with_indeed, with_linkedin
from boardsync.exits import CommandFailed, misused
from boardsync.jobs.references import JobRef
from clients.oauth import token_request
from config.customers import Customer, CustomerICIMS, CustomerIndeed, CustomerLinkedIn
from config.settings import Settings
from models.base import Model

LISTING = "NOT_LISTED"
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 -- recognised, not bound
HIDDEN = "(not shown)"
_CREDENTIALS = ("Basic", "Bearer")


class Sent(Model):
    """A request and its reply, as they are shown: without credentials."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    reply_headers: dict[str, str]
    reply: str
    seconds: float
    accepted: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a command line asks to send."""

    event: Event
    job: JobRef
    gateway: str
    status: str | None = None
    old_status: str | None = None
    candidate: str | None = None
    employer_job_id: str | None = None
    form: Form = Form.CLOUDEVENTS


async def send(http: httpx.AsyncClient, settings: Settings, wanted: Wanted) -> Sent:
    """Build, sign and send an event, and judge the reply.

    Raises CommandFailed where the configuration lacks what it takes, or the gateway does not answer.
    """
    customer = settings.customer(wanted.job.customer_id)
    if customer is None:
        raise misused(f"customer {wanted.job.customer_id} is not in the configuration")
    request = await _signed(http, customer, wanted)
    began = time.monotonic()
    reply = await _exchange(http, request)
    problem = _problem(reply)
    if problem is None and wanted.event is Event.LINKEDIN_CHALLENGE:
        problem = wrong_answer(request, reply, _linkedin(customer).client_secret.get_secret_value())
    return Sent(
        method=request.method,
        url=request.url,
        headers={name: _shown(value) for name, value in request.headers.items()},
        body=_plain(request),
        status=reply.status_code,
        reply_headers={name: reply.headers[name] for name in ("content-type", "location") if name in reply.headers},
        reply=reply.text,
        seconds=round(time.monotonic() - began, 3),
        accepted=problem is None,
        problem=problem,
    )


def gateway_url(settings: Settings) -> str:
    """Return where the gateway is reached: from outside if configured, else where it listens."""
    public = settings.gateway.public_url
    return str(public) if public is not None else listening_at(settings)


def listening_at(settings: Settings) -> str:
    """Return where the gateway listens, as seen from its own machine."""
    gateway = settings.gateway
    host = gateway.host if gateway.host not in EVERYWHERE else "127.0.0.1"
    return f"http://[{host}]:{gateway.port}" if ":" in host else f"http://{host}:{gateway.port}"


def wrong_answer(request: Outgoing, reply: httpx.Response, secret: str) -> str | None:
    """Return what is wrong with the answer to a challenge; None where LinkedIn would be content."""
    code = parse_qs(urlsplit(request.url).query)["challengeCode"][0]
    if not reply.headers.get("content-type", "").startswith("application/json"):
        return "the reply is not application/json"
    try:
        told = reply.json()
    except ValueError:
        return "the reply is not JSON"
    if told == {"challengeCode": code, "challengeResponse": challenge_digest(code, secret)}:
        return None
    return "the challengeResponse is not the one of this application's client secret"


async def _signed(http: httpx.AsyncClient, customer: Customer, wanted: Wanted) -> Outgoing:
    gateway, job, now = wanted.gateway, wanted.job, datetime.now(UTC)
    match wanted.event:
        case Event.UNPOST | Event.POST | Event.EDIT:
            return await _as_icims(http, customer.icims, icims_job(gateway, job, wanted.event), gateway)
        case Event.STATUS:
            return await _as_icims(http, customer.icims, icims_status(gateway, job, _status(customer, wanted)), gateway)
        case Event.LINKEDIN_STATUS:
            settings = _linkedin(customer)
            return with_linkedin(linkedin_status(gateway, job, settings, wanted.status or LISTING), settings)
        case Event.LINKEDIN_RESYNC:
            return with_linkedin(linkedin_resync(gateway, job, _linkedin(customer)), _linkedin(customer))
        case Event.LINKEDIN_CHALLENGE:
            return linkedin_challenge(gateway, _linkedin(customer).application_urn, str(uuid.uuid4()))
        case Event.INDEED_CHANGED:
            if wanted.employer_job_id is None:
                raise misused("the job's id at Indeed is not known yet: give it by --iri")
            request = indeed_changed(gateway, wanted.employer_job_id, wanted.form, now)
            return with_indeed(request, *_indeed(customer))


async def _as_icims(http: httpx.AsyncClient, settings: CustomerICIMS, request: Outgoing, gateway: str) -> Outgoing:
    user = settings.webhook_user or ""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret is not None else ""
    match settings.webhook_auth:
        case "basic":
            return with_basic(request, user, secret)
        case "hmac":
            return with_icims_hmac(request, user, secret, datetime.now(UTC))
        case "oauth":
            return request.adding({"Authorization": f"Bearer {await _token(http, user, secret, gateway)}"})
        case "none":
            return request


async def _token(http: httpx.AsyncClient, client_id: str, secret: str, gateway: str) -> str:
    asked = token_request(f"{gateway}/webhooks/icims/token", {"client_id": client_id, "client_secret": secret})
    reply = await _exchange(http, Outgoing(asked.method, asked.url, dict(asked.headers)), form=dict(asked.form or {}))
    try:
        return str(reply.json()["access_token"])
    except (ValueError, KeyError, TypeError):
        raise CommandFailed(f"the gateway gave no token: {reply.status_code} {reply.text}") from None


async def _exchange(
    http: httpx.AsyncClient, request: Outgoing, *, form: dict[str, str] | None = None
) -> httpx.Response:
    body = {"data": form} if form is not None else {"content": request.body}
    try:
        return await http.request(request.method, request.url, headers=request.headers, **body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"{type(error).__name__}: {error}"
        raise CommandFailed(f"no gateway answers at {request.url}: start it, or name it by --to ({why})") from error


def _status(customer: Customer, wanted: Wanted) -> Status:
    new = wanted.status or next(iter(customer.closing_statuses), None)
    if new is None:
        raise misused("expected --status: the customer has no closing_statuses")
    default = Status(new=new, old=wanted.old_status)
    return default if wanted.candidate is None else Status(new=new, old=default.old, workflow_id=wanted.candidate)


def _linkedin(customer: Customer) -> CustomerLinkedIn:
    if customer.linkedin is None:
        raise misused(f"customer {customer.id} has no [customers.linkedin]")
    return customer.linkedin


def _indeed(customer: Customer) -> tuple[CustomerIndeed, str]:
    if customer.indeed is None or customer.indeed.webhook_secret is None:
        raise misused(f"customer {customer.id} has no webhook_secret in [customers.indeed]")
    return customer.indeed, customer.indeed.webhook_secret.get_secret_value()


def _problem(reply: httpx.Response) -> str | None:
    if reply.is_success or reply.status_code == 303:
        return None
    return f"the gateway did not take it: {reply.status_code}"


def _shown(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme in _CREDENTIALS else value


def _plain(request: Outgoing) -> str:
    return (gzip.decompress(request.body) if "Content-Encoding" in request.headers else request.body).decode()
