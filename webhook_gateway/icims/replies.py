"""Answers that iCIMS and its user understand: a message, a redirect, or the vendor error form.

docs/providers/icims.md, Replies and Vendor errors.
"""

from collections.abc import Mapping

from aiohttp import web

from config.messages import Messages
from webhook_gateway.requests import Fault, Refused

JSON_HEADERS = {"Cache-Control": "no-store"}


def accepted(message: str) -> web.Response:
    """Tell the user that the event is taken: HTTP 200 with `userMessage` and `code`."""
    return web.json_response({"userMessage": message, "code": 200}, headers=JSON_HEADERS)


def see_other(url: str) -> web.Response:
    """Send the user's browser to the job's page: HTTP 303 with an absolute `Location`."""
    return web.Response(status=303, headers={"Location": url, **JSON_HEADERS})


def refused(refusal: Refused, messages: Messages) -> web.Response:
    """Refuse in the vendor error form: the user reads `userMessage`, iCIMS logs `debugErrorMessage`.

    iCIMS shows its user the message of a 400 alone, so whatever its sender can mend is one; 401 stays for credentials,
    and 500 for what our own help desk must mend.
    """
    status, user_message, headers = 400, messages.unreadable, JSON_HEADERS
    match refusal.fault:
        case Fault.CREDENTIALS:
            status, user_message = 401, messages.refused
            headers = {**JSON_HEADERS, "WWW-Authenticate": 'Basic realm="boardsync"'}
        case Fault.NOT_SET_UP:
            status, user_message = 500, messages.not_set_up
        case Fault.CUSTOMER:
            user_message = messages.not_set_up
    return _error(status, user_message, refusal.reason, headers)


def unavailable(messages: Messages) -> web.Response:
    """Tell the user to try again: HTTP 503 in the vendor error form."""
    return _error(503, messages.unavailable, "the event could not be stored; send it again", JSON_HEADERS)


def _error(status: int, user_message: str, reason: str, headers: Mapping[str, str]) -> web.Response:
    body = {"error": {"userMessage": render(user_message), "debugErrorMessage": reason}}
    return web.json_response(body, status=status, headers=headers)


def render(template: str, **values: str) -> str:
    """Fill a message template; what is not given is empty."""
    filled = template.format(**{"job_id": "", "customer_id": "", "boards": "", "link": "", **values})
    return " ".join(filled.split())
