"""LinkedIn's registry of webhooks as pure functions: which ones it has blocked (docs/providers/linkedin.md).

The request is LinkedIn's own example. Its answer is documented as `paging` and `elements`; how an element spells its
fields is not, so every plausible spelling is read and an element that cannot be read counts as blocked. The request
that validates a webhook again is known from a third party only, and is sent only where the configuration says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from clients.errors import ErrorRow, ProviderError, classify, clip, unreadable
from clients.http import Request, Response, object_of
from clients.linkedin.errors import PROVIDER, own_words, refusal
from models.problems import Category

RESTLI = {"X-RestLi-Protocol-Version": "2.0.0"}
BLOCKED = "BLOCKED"
_STATUS = ("webhookstatus", "status", "state")
_URL = ("webhook", "webhookurl", "url", "callbackurl")
_APPLICATION = ("application", "developerapplication", "developerapplicationurn", "applicationurn")

# What differs from the table of the job calls, which are a child application's.
PARENT_ERRORS = (
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="LinkedIn refused the parent application's access token, also a fresh one.",
        remedy="Correct client_id and client_secret in [linkedin.parent]; then send `retry`.",
    ),
    ErrorRow(
        status=403,
        category=Category.PERMISSION,
        reason="LinkedIn does not let this application ask for its children's webhooks.",
        remedy="Make sure that [linkedin.parent] names the parent application and that LinkedIn has enabled "
        "it for job posting, then send `retry`.",
    ),
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook that LinkedIn has blocked."""

    url: str | None
    application: str | None


def blocked_request(api_url: str) -> Request:
    """Ask, as the parent application, for the blocked webhooks of all its applications."""
    # In the URL itself: Rest.li 2.0.0 takes an encoded parenthesis for text, a plain one for syntax.
    query = f"q=parentApplication&queryCriteria=(webhookStatus:{BLOCKED})"
    return Request(operation="webhooks", method="GET", url=f"{api_url}/v2/developerWebhooks?{query}", headers=RESTLI)


def read_blocked(response: Response) -> tuple[Webhook, ...]:
    """Read the blocked webhooks; one that says it has another status is left out.

    Raises ProviderError.
    """
    elements = _object(response, "webhooks").get("elements")
    if not isinstance(elements, list):
        raise unreadable(PROVIDER, "webhooks", "no elements")
    return tuple(_webhook(each) for each in map(_lowered, elements) if _is_blocked(each))


def revalidate_request(api_url: str, webhook: Webhook) -> Request:
    """Ask LinkedIn to validate a webhook again."""
    return Request(
        operation="revalidate",
        method="POST",
        url=f"{api_url}/v2/developerWebhooks?action=revalidateWebhook",
        headers={**RESTLI, "X-RestLi-Method": "action"},
        body={"application": webhook.application, "webhook": webhook.url},
    )


def read_revalidated(response: Response) -> None:
    """Read whether LinkedIn took the request; whether the webhook is good again only the registry says.

    Raises ProviderError.
    """
    if not 200 <= response.status < 300:
        raise _refusal(response, "revalidate")


def shown_url(url: str) -> str:
    """Return a webhook's address without what may be secret in it."""
    try:
        parts = urlsplit(url)
        return clip(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")
    except ValueError:
        return "an address that cannot be read"


def _object(response: Response, operation: str) -> dict[str, Any]:
    if response.status != 200:
        raise _refusal(response, operation)
    return object_of(response, PROVIDER, operation)


def _refusal(response: Response, operation: str) -> ProviderError:
    text, own_form = own_words(response)
    if own_form and response.status in {401, 403}:
        return classify(PARENT_ERRORS, provider=PROVIDER, operation=operation, status=response.status, text=text)
    return refusal(operation, response)


def _is_blocked(element: Mapping[str, Any]) -> bool:
    status = _first(element, _STATUS)
    return status is None or status.upper() == BLOCKED


def _webhook(element: Mapping[str, Any]) -> Webhook:
    return Webhook(url=_first(element, _URL), application=_first(element, _APPLICATION))


def _first(element: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    given = (element.get(name) for name in names)
    return next((each for each in given if isinstance(each, str) and each.strip()), None)


def _lowered(element: object) -> dict[str, Any]:
    return {key.lower(): value for key, value in element.items()} if isinstance(element, dict) else {}
