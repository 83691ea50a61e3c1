"""Hooks for schemathesis: each request to a webhook is signed as its sender signs it, and no redirect is followed.

It takes the secrets from the environment and imports nothing of ours: schemathesis runs as a process of its own.
"""

import base64
import hashlib
import hmac
import os
from typing import Any

import schemathesis
from requests import PreparedRequest


def signed(request: PreparedRequest) -> PreparedRequest:
    """Add what the sender of this path proves itself by."""
    sent = request.body
    body = sent.encode() if isinstance(sent, str) else sent if isinstance(sent, bytes) else b""
    match request.path_url.partition("?")[0]:
        case "/webhooks/icims":
            credentials = base64.b64encode(os.environ["SIGN_ICIMS"].encode()).decode()
            request.headers["Authorization"] = f"Basic {credentials}"
        case "/webhooks/linkedin":
            secret = os.environ["SIGN_LINKEDIN"].encode()
            request.headers["X-LI-Signature"] = hmac.digest(secret, b"hmacsha256=" + body, hashlib.sha256).hex()
        case "/webhooks/indeed":
            digest = hmac.digest(os.environ["SIGN_INDEED"].encode(), body, hashlib.sha1)
            request.headers["X-Indeed-Signature"] = base64.b64encode(digest).decode()
    return request


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Sign what is about to be sent, whatever it came to be."""
    kwargs["allow_redirects"] = False
    if "/webhooks/" in case.path:
        kwargs["auth"] = signed
