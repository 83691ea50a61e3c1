"""LinkedIn's error replies: ``{"message", "status"}``."""

from typing import Any

from aiohttp import web

from sandbox.calls import RefusalError


def plain_error(status: int, message: str) -> web.Response:
    """Return an error reply."""
    return web.json_response({"message": message, "status": status}, status=status)


def refusal(status: int, message: str, **more: Any) -> RefusalError:
    """Return the error to raise for an error reply, with further keys if given."""
    return RefusalError(web.json_response({"message": message, "status": status, **more}, status=status))


def day_limit() -> RefusalError:
    """Return the error for a daily limit; LinkedIn sends no Retry-After."""
    return refusal(429, "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.")


def protection() -> RefusalError:
    """Return the error for too much within a minute, which clears by itself."""
    return refusal(429, "Too many requests.")
