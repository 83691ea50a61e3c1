"""LinkedIn's webhook: validated by a challenge, then sent every change of a listing, and resyncs on demand."""

import asyncio
import hashlib
import hmac
import json
import uuid
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict

from sandbox.customers import LINKEDIN_PARENT, Customer, LinkedInClient
from sandbox.faults.rewriting import with_surrogates
from sandbox.webhooks.sender import Event, Sender

if TYPE_CHECKING:
    from sandbox.linkedin.postings import Detail, Posting
    from sandbox.settings import LinkedInSettings
    from sandbox.webhooks.surroundings import Surroundings

PREFIX = "hmacsha256="
MISSES_TO_BLOCK = 3
_VALIDATION_TIMEOUT = aiohttp.ClientTimeout(total=3)

Status = Literal["NONE", "PENDING", "ACTIVE", "BLOCKED"]


class StatusDetail(BaseModel):
    """What LinkedIn says of a status, in its own spelling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    errorCode: int | str | None = None  # noqa: N815
    errorType: str | None = None  # noqa: N815
    statusMessage: str  # noqa: N815


class Notice(BaseModel):
    """What a JOB_POSTING_STATUS notification says; what is not given is a job that is listed and nothing more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listing: str = "LISTED"
    listing_detail: StatusDetail | None = None
    apply: str = "NOT_ENABLED"
    apply_detail: StatusDetail | None = None
    promotion: str = "NOT_PROMOTED"
    promotion_detail: StatusDetail | None = None


class LinkedInWebhook:
    """The one webhook of the parent application; an address that fails three challenges in a row is blocked."""

    def __init__(self, world: "Surroundings") -> None:
        self._world = world
        self._sender = Sender(world, "linkedin", is_taken=lambda status: status == 200)
        self._registered: tuple[object, ...] = (None,)
        self.status: Status = "NONE"
        self.misses = 0

    @property
    def url(self) -> str | None:
        """Return where it sends to."""
        return self._settings.webhook_url

    def as_json(self) -> dict[str, Any]:
        """Return how it stands."""
        return {"url": self.url, "status": self.status, "misses": self.misses, "pending": self._sender.pending}

    async def settings_changed(self) -> None:
        """Register the address anew where it, or the way it is validated, has changed."""
        settings = self._settings
        wanted = (settings.webhook_url, settings.webhook_validation_seconds, settings.webhook_challenge)
        if wanted == self._registered:
            return
        self._registered = wanted
        self.stop()
        self.misses, self.status = 0, "PENDING" if self.url else "NONE"
        if self.url:
            await self.validate()
            self._sender.start(self._revalidate(settings.webhook_validation_seconds))

    async def validate(self) -> None:
        """Challenge the address: 200, JSON and the right digest within 3 s make it good, also when it was blocked."""
        if self.url is None:
            return
        code, (client, number) = str(uuid.uuid4()), self._challenged()
        query = {"challengeCode": code, **({"applicationId": number} if number is not None else {})}
        status, body = await _challenge(self.url, query)
        digest = hmac.digest(client.client_secret.encode(), code.encode(), hashlib.sha256).hex()
        good = body == {"challengeCode": code, "challengeResponse": digest}
        event = Event("good" if good else "missed", "", (), b"", {}, {})
        self._sender.record(event, status, operation="challenge")
        self.misses = 0 if good else self.misses + 1
        if good:
            self.status = "ACTIVE"
        elif self.misses >= MISSES_TO_BLOCK:
            self.status = "BLOCKED"

    def validate_soon(self) -> None:
        """Challenge the address in the background."""
        self._sender.start(self.validate())

    def stop(self) -> None:
        """Call off whatever is still to be sent."""
        self._sender.stop()

    def listing_changed(self, posting: "Posting", *, listed: bool, delay: float = 0.0) -> None:
        """Send a notification that members see a job, or no longer, once readers can see it."""
        customer = self._world.customers.by_client("linkedin", posting.client_id)
        if customer is None:
            return
        shown = listed and posting.detail is None and self._world.clock.time() < posting.expires_at
        notice = Notice(
            listing="LISTED" if shown else "NOT_LISTED",
            listing_detail=_status_detail(posting.detail),
            apply=posting.apply.status,
            apply_detail=_status_detail(posting.apply),
            promotion=posting.promotion.status,
            promotion_detail=_status_detail(posting.promotion),
        )
        self.notify(customer, posting, notice, delay=delay)

    def notify(self, customer: Customer, posting: "Posting", notice: Notice, *, delay: float = 0.0) -> None:
        """Send a JOB_POSTING_STATUS notification."""
        body = {
            "type": "JOB_POSTING_STATUS",
            "externalJobPostingId": posting.external_id,
            "developerApplicationUrn": self._settings.webhook_application_urn or customer.linkedin.application_urn,
            "jobPostingUrl": posting.url,
            "jobPostingInfo": {
                "location": posting.location,
                "alternateLocations": [],
                "companyDetails": {"companyName": customer.name, "companyPage": None},
                "listedAt": int(posting.listed_at * 1000),
            },
            **_statuses(notice, self._settings),
        }
        job_id = self._world.linkedin.job_id(posting.client_id, posting.external_id)
        self._send(customer, "JOB_POSTING_STATUS", (job_id,), body, delay)

    def resync(self, customer: Customer, external_ids: list[str], *, all_open: bool) -> None:
        """Ask for jobs again."""
        body = {
            "developerApplicationUrn": self._settings.webhook_application_urn or customer.linkedin.application_urn,
            "externalJobPostingIds": external_ids,
            "syncAllOpenJobs": all_open,
            "type": "RESYNC_JOBS",
        }
        client_id = customer.linkedin.client_id
        job_ids = tuple(self._world.linkedin.job_id(client_id, each) for each in external_ids)
        self._send(customer, "RESYNC_JOBS", job_ids, body, 0.0)

    @property
    def _settings(self) -> "LinkedInSettings":
        return self._world.settings.linkedin

    def _challenged(self) -> tuple[LinkedInClient, str | None]:
        """Return whose secret the challenge is about, and the application id that says so."""
        if self._settings.webhook_challenge == "child":
            child = self._world.customers.all()[0].linkedin
            return child, child.application_urn.rpartition(":")[2]
        number = LINKEDIN_PARENT.application_urn.rpartition(":")[2]
        return LINKEDIN_PARENT, number if self._settings.webhook_challenge == "parent" else None

    async def _revalidate(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            if self.status != "BLOCKED":
                await self.validate()

    def _send(
        self, customer: Customer, kind: str, job_ids: tuple[str, ...], payload: dict[str, Any], delay: float
    ) -> None:
        settings = self._settings
        if settings.webhook_url is None:
            return
        signer: LinkedInClient = customer.linkedin if settings.webhook_signed_by == "child" else LINKEDIN_PARENT
        old = settings.webhook_secret_age == "old"
        secret = signer.previous_client_secret if old else signer.client_secret
        if settings.webhook_surrogate_fields:
            payload = with_surrogates(payload, settings.webhook_surrogate_fields)
        escaped = json.dumps(payload, ensure_ascii=True)
        body = escaped if settings.webhook_body == "escaped" else json.dumps(payload, ensure_ascii=False)
        signed = escaped if settings.webhook_signed_text == "escaped" else body
        event = Event(
            kind=kind,
            customer_id=customer.customer_id,
            job_ids=job_ids,
            body=body.encode("utf-8", "surrogatepass"),
            headers=_headers(secret, signed, prefixed=settings.webhook_signature_prefix),
            forged=_headers("not-the-secret", signed, prefixed=settings.webhook_signature_prefix),
        )
        self._sender.send(settings.webhook_url, settings, event, delay=delay, is_open=self._is_active)

    def _is_active(self) -> bool:
        return self.status == "ACTIVE"


def _statuses(notice: Notice, settings: "LinkedInSettings") -> dict[str, Any]:
    ending = "Detail" if settings.webhook_keys == "singular" else "Details"
    listing, listed_as = "listingStatus", notice.listing
    details = f"listingStatus{ending}"
    apply = "linkedInApplyStatus"
    if settings.webhook_keys == "headings":  # as the headings of LinkedIn's tables spell them
        listing, details, apply = "ListedStatus", "ListingStatusDetails", "LinkedinApplyStatus"
    return {
        listing: settings.webhook_listing_status or listed_as,
        details: _detail(notice.listing_detail),
        apply: notice.apply,
        f"{apply}{ending}": _detail(notice.apply_detail),
        "promotionStatus": notice.promotion,
        f"promotionStatus{ending}": _detail(notice.promotion_detail),
    }


def _status_detail(detail: "Detail | None") -> StatusDetail | None:
    return StatusDetail.model_validate(detail.as_json()) if detail is not None and detail.message else None


def _detail(detail: StatusDetail | None) -> dict[str, Any] | None:
    return detail.model_dump() if detail is not None else None


def _headers(secret: str, signed: str, *, prefixed: bool) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), f"{PREFIX}{signed}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
    return {
        "Content-Type": "application/json",
        "X-LI-Signature": f"{PREFIX}{digest}" if prefixed else digest,
    }


async def _challenge(url: str, query: dict[str, str]) -> tuple[int | None, Any]:
    try:
        async with (
            aiohttp.ClientSession(timeout=_VALIDATION_TIMEOUT) as http,
            http.get(url, params=query, allow_redirects=False) as reply,
        ):
            good = reply.status == 200 and reply.content_type == "application/json"
            return reply.status, json.loads(await reply.read()) if good else None
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None, None
