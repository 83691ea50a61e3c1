"""Change what an answer says: other values, and characters that no text should hold."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

LONE_SURROGATE = "\ud83d"
"""Half of a character: JSON can spell it, UTF-8 cannot."""


def rewritten(response: web.Response, values: Mapping[str, Any]) -> web.Response:
    """Return the response with these values in its JSON, by dotted path; what is not on the way is made."""
    body = _json(response)
    for path, value in values.items():
        body = _set(body, path.split("."), value)
    return _with(response, body)


def spoiled(response: web.Response, fields: Collection[str]) -> web.Response:
    """Return the response with a lone surrogate at the end of every text under one of these names, or of every text."""
    return _with(response, with_surrogates(_json(response), fields))


def with_surrogates(value: Any, fields: Collection[str], *, named: bool = False) -> Any:
    """Return a JSON value with a lone surrogate at the end of its texts under these names; without any, of all."""
    if isinstance(value, dict):
        return {key: with_surrogates(each, fields, named=key in fields) for key, each in value.items()}
    if isinstance(value, list):
        return [with_surrogates(each, fields, named=named) for each in value]
    return value + LONE_SURROGATE if isinstance(value, str) and (named or not fields) else value


def _set(place: Any, way: list[str], value: Any) -> Any:
    if not way:
        return value
    name, *rest = way
    if isinstance(place, list) and name.isdecimal() and int(name) < len(place):
        return [_set(each, rest, value) if at == int(name) else each for at, each in enumerate(place)]
    known = place if isinstance(place, dict) else {}
    return {**known, name: _set(known.get(name), rest, value)}


def _json(response: web.Response) -> Any:
    return json.loads(response.body) if isinstance(response.body, bytes) and response.body else {}


def _with(response: web.Response, body: Any) -> web.Response:
    response.text = json.dumps(body)
    return response
