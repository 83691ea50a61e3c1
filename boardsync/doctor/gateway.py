"""Check that the gateway answers, from inside and outside, and that LinkedIn would accept its webhook."""

import asyncio
import ipaddress
import time
import uuid

import httpx

from boardsync.doctor.configuration import expiring
from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.events.samples import linkedin_challenge
from boardsync.events.sending import wrong_answer
from config.settings import Settings
from runtime.expiries import certificate_of, public_host
from webhook_gateway.linkedin.auth import Application, applications

CHECK = "gateway"
CHALLENGE_WITHIN = 3.0
"""Seconds that LinkedIn waits for the answer to a challenge (docs/providers/linkedin.md, Webhook validation)."""
ICIMS_WEBHOOK = "/webhooks/icims"
_RESTART = "Restart the gateway with the present configuration."


async def check_gateway(http: httpx.AsyncClient, settings: Settings, listening: str) -> list[Finding]:
    """Check the gateway that listens at an address, and is reached from outside by `public_url`."""
    inside, outside = await asyncio.gather(_inside(http, listening), _outside(http, settings))
    return [*inside, *outside]


async def _inside(http: httpx.AsyncClient, listening: str) -> list[Finding]:
    alive, ready = f"{CHECK}.alive", f"{CHECK}.ready"
    try:
        reply = await http.get(f"{listening}/healthz")
        if reply.status_code != 200:
            return [_no_gateway(alive, f"{listening}/healthz answers {reply.status_code}")]
        told = await http.get(f"{listening}/readyz")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [_no_gateway(alive, f"nothing answers at {listening} ({_words(error)})")]
    if told.status_code == 200 and (said := _status(told)) != "ok":
        means = "Events are taken and kept in the store; no board is changed until they are delivered."
        remedy = "Start Temporal, or correct the TEMPORAL_* settings of the gateway's own environment."
        kept = bad(ready, f"/readyz says: {said}", means=means, remedy=remedy, level=Level.WARN)
        return [good(alive, f"answers at {listening}"), kept]
    if told.status_code == 200:
        return [good(alive, f"answers at {listening}"), good(ready, "reaches Temporal")]
    return [
        good(alive, f"answers at {listening}"),
        bad(
            ready,
            f"the gateway is not ready: /readyz answers {told.status_code}: {_status(told)}",
            means="Events may be refused with 503; iCIMS does not send them again.",
            remedy="Mend what it says; the TEMPORAL_* settings that count are those of the gateway's own environment.",
        ),
    ]


async def _outside(http: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    check = f"{CHECK}.public_url"
    if settings.gateway.public_url is None:
        means = "Posts and edits are refused with 500, and no link to a job's page can be given."
        remedy = "Set gateway.public_url to the address under which iCIMS and LinkedIn reach the gateway."
        return [bad(check, "gateway.public_url is not set", means=means, remedy=remedy, level=Level.WARN)]
    public = str(settings.gateway.public_url).rstrip("/")
    reached = await _public(http, check, public)
    if reached.level is Level.FAIL:
        return [reached]
    asked = await asyncio.gather(*(_challenge(http, public, each) for each in applications(settings)))
    return [reached, *asked, *await _certificate(settings)]


async def _certificate(settings: Settings) -> list[Finding]:
    where = public_host(settings)
    if where is None:
        return []
    check = f"{CHECK}.certificate"
    try:
        return [expiring(check, await certificate_of(*where))]
    except (OSError, TimeoutError, KeyError, ValueError) as error:
        means = "iCIMS and LinkedIn send nothing to a host whose certificate is not good."
        remedy = "See what answers there by https; a proxy on the way from here may put in a certificate of its own."
        found = f"the certificate of {where[0]} could not be read ({_words(error)})"
        return [bad(check, found, means=means, remedy=remedy, level=Level.WARN)]


async def _public(http: httpx.AsyncClient, check: str, public: str) -> Finding:
    means = "iCIMS's events do not arrive, so no job is taken down."
    remedy = "Correct gateway.public_url, or let the proxy before the gateway pass on /webhooks/ and /jobs/."
    try:
        # Without credentials: refused in iCIMS's own error form, and nothing is started.
        reply = await http.post(f"{public}{ICIMS_WEBHOOK}", json={})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return bad(check, f"nothing answers at {public} ({_words(error)})", means=means, remedy=remedy)
    if not _is_ours(reply):
        found = f"what answers at {public}{ICIMS_WEBHOOK} is not the gateway: HTTP {reply.status_code}"
        return bad(check, found, means=means, remedy=remedy)
    if public.startswith("http://") and not _is_local(public):
        means = "iCIMS and LinkedIn send to https addresses only."
        remedy = "Put a proxy with a certificate before the gateway, and set gateway.public_url to its https address."
        return bad(check, f"{public} is not https", means=means, remedy=remedy, level=Level.WARN)
    return good(check, f"the gateway answers at {public}")


async def _challenge(http: httpx.AsyncClient, public: str, application: Application) -> Finding:
    check = f"linkedin.webhook.{application.number}"
    means = "LinkedIn blocks the webhook after three such answers, and sends no notifications any more."
    request = linkedin_challenge(public, application.number, str(uuid.uuid4()))
    began = time.monotonic()
    try:
        reply = await http.get(request.url)
    except httpx.HTTPError as error:
        remedy = "Let the proxy before the gateway pass on GET /webhooks/linkedin."
        return bad(check, f"the challenge got no answer ({_words(error)})", means=means, remedy=remedy)
    took = time.monotonic() - began
    problem = f"HTTP {reply.status_code}" if reply.status_code != 200 else None
    problem = problem or wrong_answer(request, reply, application.secrets[0])
    if problem is not None:
        found = f"LinkedIn's challenge is answered wrongly: {problem}"
        return bad(check, found, means=means, remedy=f"{_RESTART} It may still run with another client secret.")
    if took > CHALLENGE_WITHIN:
        found = f"the challenge was answered after {took:.1f} s; LinkedIn waits {CHALLENGE_WITHIN:g} s"
        return bad(check, found, means=means, remedy="Look for what slows the gateway, or its proxy, down.")
    return good(check, f"LinkedIn's challenge is answered rightly, in {took:.2f} s")


def _status(told: httpx.Response) -> str:
    try:
        return str(told.json()["status"])
    except (ValueError, KeyError, TypeError):
        return "nothing that can be read"


def _is_ours(reply: httpx.Response) -> bool:
    if reply.status_code not in {400, 401}:
        return False
    try:
        return "userMessage" in reply.json()["error"]
    except (ValueError, KeyError, TypeError):
        return False


def _is_local(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_gateway(check: str, found: str) -> Finding:
    means = "No event is taken; the senders get no answer."
    remedy = "Start it (python -m webhook_gateway), or name its address by --gateway where it runs on another machine."
    return bad(check, found, means=means, remedy=remedy)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
