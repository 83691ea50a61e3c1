"""Answers that iCIMS and its user understand (STATUS, VERR): a message, a redirect, or the vendor error form."""

from collections.abc import Mapping

from aiohttp import web

from config.messages import Messages

JSON_HEADERS = {"Cache-Control": "no-store"}


def accepted(message: str) -> web.Response:
    """Tell the user that the event is taken: HTTP 200 with `userMessage` and `code`."""
    return web.json_response({"userMessage": message, "code": 200}, headers=JSON_HEADERS)


def see_other(url: str) -> web.Response:
    """Send the user's browser to the job's page: HTTP 303 with an absolute `Location`."""
    return web.Response(status=303, headers={"Location": url, **JSON_HEADERS})


def refused(status: int, reason: str, messages: Messages) -> web.Response:
    """Refuse in the vendor error form: the user reads `userMessage`, iCIMS logs `debugErrorMessage`."""
    texts: Mapping[int, str] = {
        401: messages.refused,
        403: messages.not_set_up,
        500: messages.not_set_up,
        503: messages.unavailable,
    }
    user_message = render(texts.get(status, messages.unreadable))
    headers = {**JSON_HEADERS, "WWW-Authenticate": 'Basic realm="boardsync"'} if status == 401 else JSON_HEADERS
    body = {"error": {"userMessage": user_message, "debugErrorMessage": reason}}
    return web.json_response(body, status=status, headers=headers)


def render(template: str, **values: str) -> str:
    """Fill a message template; what is not given is empty."""
    filled = template.format(**{"job_id": "", "customer_id": "", "boards": "", "link": "", **values})
    return " ".join(filled.split())
