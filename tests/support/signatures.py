"""iCIMS's HMAC signatures, made here from the written rules (docs/providers/icims.md)."""

import gzip
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime

from multidict import CIMultiDict

from tests.support.replies import sample
from webhook_gateway.requests import SignedRequest

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
DATE = "2026-11-22T10:30:00+0000"
BODY = sample("icims_unpost.json")
ZIPPED = gzip.compress(BODY, mtime=0)
NAMES = "content-type;host;x-icims-content-sha256;x-icims-date"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def signature(
    secret: str, headers: dict[str, str], *, names: str = NAMES, colon: str = ":", method: str = "POST",
    path: str = "/webhooks/icims", query: str = "",
) -> str:  # fmt: skip
    lowered = {name.lower(): value for name, value in headers.items()}
    canonical = f"{method}\n{path}\n{query}\n"
    for name in sorted(names.split(";")):
        canonical += f"{name}{colon}{lowered[name]}\n"
    canonical += f"\n{names}"
    text = f"x-icims-v1-hmac-sha256\n{lowered['x-icims-date']}\n{sha256(canonical.encode())}"
    return hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()


def signed(
    key: str = "one", *, user: str = "icims", body: bytes = BODY, hashed: bytes | None = None, date: str = DATE,
    names: str = NAMES, colon: str = ":", query: str = "", more: dict[str, str] | None = None,
) -> SignedRequest:  # fmt: skip
    headers = {
        "Host": "hooks.example.com",
        "Content-Type": "application/json",
        "x-icims-date": date,
        "x-icims-content-sha256": sha256(body if hashed is None else hashed),
        **(more or {}),
    }
    made = signature(key, headers, names=names, colon=colon, query=query)
    headers["Authorization"] = f"x-icims-v1-hmac-sha256 user={user},signedheaders={names},signature={made}"
    return SignedRequest("POST", "/webhooks/icims", query, CIMultiDict(headers), body)


def zipped(**options: bytes) -> SignedRequest:
    return signed(body=ZIPPED, more={"Content-Encoding": "gzip"}, **options)  # type: ignore[arg-type]


def changed(request: SignedRequest, name: str, value: str | None) -> SignedRequest:
    headers = CIMultiDict(request.headers)
    headers.popall(name)
    if value is not None:
        headers[name] = value
    return replace(request, headers=headers)


def header(request: SignedRequest, old: str, new: str) -> SignedRequest:
    value = request.headers["Authorization"]
    assert old in value
    return changed(request, "Authorization", value.replace(old, new))


def doubled(request: SignedRequest, name: str, value: str) -> SignedRequest:
    return replace(request, headers=CIMultiDict([*request.headers.items(), (name, value)]))
