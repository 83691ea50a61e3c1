"""Sign events as iCIMS, LinkedIn and Indeed do: the counterpart of what the gateway verifies. Pure."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from config.customers import CustomerIndeed, CustomerLinkedIn
from webhook_gateway.icims.signature import CONTENT_HASH, DATE, SCHEME, SEPARATORS, text_to_sign
from webhook_gateway.requests import SignedRequest

ICIMS_SIGNED = ("content-type", "host", CONTENT_HASH, DATE)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to a gateway, as it goes over the wire."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def adding(self, headers: dict[str, str]) -> "Outgoing":
        """Return the same request with more headers."""
        return replace(self, headers={**self.headers, **headers})


def with_basic(request: Outgoing, user: str, secret: str) -> Outgoing:
    """Sign by user and password (RFC 7617)."""
    credentials = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return request.adding({"Authorization": f"Basic {credentials}"})


def with_icims_hmac(request: Outgoing, user: str, secret: str, now: datetime) -> Outgoing:
    """Sign as iCIMS does; the hash covers the body as it is transferred (docs/providers/icims.md, HMAC)."""
    url = urlsplit(request.url)
    dated = request.adding(
        {
            "Host": url.netloc,
            DATE: now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            CONTENT_HASH: hashlib.sha256(request.body).hexdigest(),
        }
    )
    signed = SignedRequest(dated.method, url.path, url.query, dated.headers, dated.body)
    digest = hmac.digest(secret.encode(), text_to_sign(signed, ICIMS_SIGNED, SEPARATORS[0]), hashlib.sha256).hex()
    names = ";".join(ICIMS_SIGNED)
    return dated.adding({"Authorization": f"{SCHEME} user={user},signedheaders={names},signature={digest}"})


def with_linkedin(request: Outgoing, settings: CustomerLinkedIn) -> Outgoing:
    """Sign as LinkedIn does, with the child application's secret (docs/providers/linkedin.md, Signature)."""
    secret = settings.client_secret.get_secret_value().encode()
    digest = hmac.digest(secret, b"hmacsha256=" + request.body, hashlib.sha256)
    return request.adding({"X-LI-Signature": digest.hex()})


def with_indeed(request: Outgoing, settings: CustomerIndeed, secret: str) -> Outgoing:
    """Sign as the customer's Indeed application is configured to (docs/providers/indeed.md, Webhooks)."""
    digest = hmac.digest(secret.encode(), request.body, settings.webhook_signature_algorithm)
    is_hex = settings.webhook_signature_encoding == "hex"
    written = digest.hex() if is_hex else base64.b64encode(digest).decode()
    return request.adding({settings.webhook_signature_header: written})


def challenge_digest(code: str, secret: str) -> str:
    """Return what LinkedIn expects in answer to a challenge."""
    return hmac.digest(secret.encode(), code.encode(), hashlib.sha256).hex()
