"""iCIMS's error replies: ``X-Error`` header and ``errors[]`` together."""

from aiohttp import web

from sandbox.calls import RefusalError

_CODES = {400: 1, 401: 6, 404: 2}


def error(status: int, code: int, message: str, *, field: str = "") -> web.Response:
    """Return an error reply; ``field`` is named in the header only."""
    detail = f"{code}:{field}:{message}" if field else f"{code}:{message}"
    return web.json_response(
        {"errors": [{"errorMessage": message, "errorCode": code}]},
        status=status,
        headers={"X-Error": detail},
    )


def plain_error(status: int, message: str) -> web.Response:
    """Return an error reply with the code that goes with the status."""
    return error(status, _CODES.get(status, 0), message)


def refusal(status: int, code: int, message: str, *, field: str = "") -> RefusalError:
    """Return the error to raise for an error reply."""
    return RefusalError(error(status, code, message, field=field))


def not_found(what: str) -> RefusalError:
    """Return the error for something that does not exist."""
    return refusal(404, 2, f"{what} not found.")


def denied(what: str) -> RefusalError:
    """Return the error for something that exists but is not for this caller: a 404 too, with another code."""
    return refusal(404, 3, f"Access to {what} was denied.")
