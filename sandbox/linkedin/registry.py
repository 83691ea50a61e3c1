"""GET developerWebhooks and its action revalidateWebhook: for the parent application only.

LinkedIn's page shows the request and the outer form of the answer; the fields of an element, and the action, are
known from a third party.
"""

import re

from aiohttp import web

from sandbox.calls import Call
from sandbox.customers import LINKEDIN_PARENT
from sandbox.linkedin import replies

_CRITERIA = re.compile(r"\(webhookStatus:(ACTIVE|BLOCKED)\)")


def identify(call: Call) -> None:
    """Set the caller, which is no customer."""
    call.name_caller()


def find(call: Call) -> web.Response:
    """Serve the finder."""
    _check(call)
    # As it was sent: to Rest.li 2.0.0 an encoded parenthesis is text, not syntax.
    pairs = dict(part.partition("=")[::2] for part in call.request.raw_path.partition("?")[2].split("&"))
    if pairs.get("q") != "parentApplication":
        raise replies.refusal(400, "Parameter 'q' must be parentApplication")
    wanted = None
    if (criteria := pairs.get("queryCriteria")) is not None:
        found = _CRITERIA.fullmatch(criteria)
        if found is None:
            raise replies.refusal(400, "Invalid query parameters passed to request: queryCriteria")
        wanted = found[1]
    webhook = call.world.webhooks.linkedin
    children = call.world.customers.all() if webhook.status in {"ACTIVE", "BLOCKED"} else []
    elements = [
        {"application": each.linkedin.application_urn, "webhook": webhook.url, "webhookStatus": webhook.status}
        for each in children
        if wanted in {None, webhook.status}
    ]
    return web.json_response({"paging": {"start": 0, "count": 10, "links": []}, "elements": elements[:10]})


def act(call: Call) -> web.Response:
    """Serve revalidateWebhook: LinkedIn challenges the address soon after."""
    _check(call)
    if call.request.headers.get("X-RestLi-Method", "").lower() != "action":
        raise replies.refusal(400, "X-RestLi-Method must be action")
    if call.request.query.get("action") != "revalidateWebhook":
        raise replies.refusal(400, "There is no such action")
    given = call.json if isinstance(call.json, dict) else {}
    webhook = call.world.webhooks.linkedin
    urns = {each.linkedin.application_urn for each in call.world.customers.all()}
    if given.get("application") not in urns or given.get("webhook") != webhook.url or webhook.url is None:
        raise replies.refusal(404, "There is no such webhook")
    webhook.validate_soon()
    call.applied = True
    return web.json_response({"value": {}})


def _check(call: Call) -> None:
    if call.grant is None or call.grant.client_id != LINKEDIN_PARENT.client_id:
        name = f"{call.request.method} /developerWebhooks"
        raise replies.refusal(403, f"Not enough permissions to access: {name}")
    if call.request.headers.get("X-RestLi-Protocol-Version") != "2.0.0":
        raise replies.refusal(400, "X-RestLi-Protocol-Version must be 2.0.0")
