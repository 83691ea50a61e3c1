"""How the control API reads requests and answers mistakes."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sandbox.customers import Customer
from sandbox.world import World

M = TypeVar("M", bound=BaseModel)


@web.middleware
async def json_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer every mistake with ``{"error"}``."""
    try:
        return await handler(request)
    except ValidationError as error:
        return _problem(400, "; ".join(_said(each) for each in error.errors()))
    except web.HTTPException as error:
        return _problem(error.status, error.text or error.reason)


def _said(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    return ": ".join(filter(None, (".".join(map(str, error["loc"])), message)))


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the body, which must be a JSON object."""
    try:
        body = await request.json()
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body must be a JSON object")
    return body


async def read(request: web.Request, model: type[M]) -> M:
    """Return the body as that model; an empty body stands for its defaults."""
    return model.model_validate(await read_object(request) if await request.read() else {})


def customer_of(world: World, customer_id: str) -> Customer:
    """Return the customer, or raise 404."""
    customer = world.customers.get(customer_id)
    if customer is None:
        raise web.HTTPNotFound(text=f"There is no customer {customer_id}")
    return customer


def _problem(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
