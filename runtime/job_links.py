"""Links to a job's page: signed, expiring, good for that job alone. Pure."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, TimestampSigner
from itsdangerous.encoding import base64_encode, int_to_bytes

from config.settings import Settings
from models.base import is_id, workflow_id

SALT = "boardsync.job-page"
"""Sets these signatures apart from others made with the same secret."""

# Time, point, HMAC-SHA256: one spelling only, where base64 would also read others (stray characters, spare bits).
_KEY = re.compile(r"[A-Za-z0-9_-]{1,12}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


class LinkRefused(Exception):  # noqa: N818 -- a decision, told to the visitor as 403
    """The key is wrong, has expired or belongs to another job; which of these is told to nobody."""


class _Signer(TimestampSigner):
    """Sign for a given time, so that what is told again is told in the same words."""

    def signed_at(self, value: str, at: datetime) -> str:
        """Return the value with time and signature, as `sign` makes it."""
        text = f"{value}.{base64_encode(int_to_bytes(int(at.timestamp()))).decode('ascii')}"
        return f"{text}.{self.get_signature(text).decode('ascii')}"


class JobLinks:
    """Make and check links. The key holds time and signature; the job is signed, but read from the path."""

    def __init__(self, secret: str, public_url: str, valid_for: timedelta, *, previous: Sequence[str] = ()) -> None:
        """Sign with a secret for the address under which the gateway is reached from outside.

        What a previous secret signed is good, too.
        """
        keys = [*previous, secret]  # itsdangerous signs with the last
        self._signer = _Signer(keys, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256)
        self._base, self._valid_for = public_url.rstrip("/"), valid_for

    def url(self, customer_id: str, job_id: str, *, at: datetime | None = None) -> str:
        """Return the absolute link to a job's page, valid from now or from a given time on."""
        signed = self._signer.signed_at(workflow_id(customer_id, job_id), at or datetime.now(UTC))
        key = signed.partition(".")[2]
        return f"{self._base}/jobs/{customer_id}/{job_id}?key={key}"

    def check(self, customer_id: str, job_id: str, key: str, *, now: datetime | None = None) -> None:
        """Let a valid key pass.

        Raises LinkRefused.
        """
        # Ids of digits only: no two jobs are signed as the same text.
        if not (is_id(customer_id) and is_id(job_id) and _KEY.fullmatch(key)):
            raise LinkRefused
        try:
            _, signed_at = self._signer.unsign(f"{workflow_id(customer_id, job_id)}.{key}", return_timestamp=True)
        except BadSignature as error:
            raise LinkRefused from error
        if (now or datetime.now(UTC)) - signed_at > self._valid_for:
            raise LinkRefused


def job_links(settings: Settings) -> JobLinks | None:
    """Return what signs links to job pages; None where the gateway serves none."""
    gateway = settings.gateway
    if gateway.public_url is None or not gateway.link_secrets:
        return None
    present, *previous = gateway.link_secrets
    return JobLinks(present, str(gateway.public_url), gateway.link_valid_for, previous=previous)
