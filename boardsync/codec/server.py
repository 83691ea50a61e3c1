"""Temporal's codec server protocol over HTTP: `POST /decode` and `/encode`, for the Web UI and the CLI.

https://docs.temporal.io/codec-server
"""

import logging
from collections.abc import Awaitable, Callable
from importlib.resources import files

from aiohttp import web
from aiohttp.typedefs import Middleware
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from boardsync.codec.access import Access, Refused
from config.temporal import CodecFile
from runtime.encryption import EncryptionCodec, Undecryptable

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes: the Web UI sends all payloads of a page of history at once."""
LOGIN_LIMIT = 4096
HEADERS = "authorization, content-type, x-namespace"

logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def origins_of(file: CodecFile) -> frozenset[str]:
    """Return the origins of the Web UI."""
    ui = file.temporal_ui_url
    if file.codec.origins or ui is None:
        return frozenset(file.codec.origins)
    default = {"http": 80, "https": 443}[ui.scheme]
    port = f":{ui.port}" if ui.port not in {None, default} else ""
    return frozenset({f"{ui.scheme}://{ui.host}{port}"})


def create_app(file: CodecFile, token: str) -> web.Application:
    """Build the codec server's application."""
    origins = origins_of(file)
    access = Access(token, file.codec, origins)
    # To the key's holders only: what was encrypted elsewhere is told by its key's id.
    codec = EncryptionCodec(file.temporal.key_bytes, encrypting=file.temporal.encrypt)
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_answering(origins)])

    async def decode(request: web.Request) -> web.Response:
        return _answer(await codec.decode((await _payloads(request, access)).payloads))

    async def encode(request: web.Request) -> web.Response:
        return _answer(await codec.encode((await _payloads(request, access)).payloads))

    for path in ("", "/{namespace}"):
        app.router.add_post(f"{path}/decode", decode)
        app.router.add_post(f"{path}/encode", encode)
    app.router.add_get("/", _login_page(access))
    app.router.add_post("/login", _log_in(access))
    app.router.add_get("/healthz", _alive)
    return app


async def _payloads(request: web.Request, access: Access) -> Payloads:
    await access.check(request)
    try:
        return Parse(await request.read(), Payloads())
    except (ParseError, ValueError, RecursionError):
        raise Refused(400, "expected JSON with payloads, as Temporal's Web UI and CLI send it") from None


def _answer(payloads: list[Payload]) -> web.Response:
    return web.json_response(MessageToDict(Payloads(payloads=payloads)))


def _answering(origins: frozenset[str]) -> Middleware:
    @web.middleware
    async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        response: web.StreamResponse
        if request.method == "OPTIONS":
            response = web.Response(status=204 if origin in origins else 403)
        else:
            response = await _answered(request, handler)
        response.headers.update({"Vary": "Origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        if origin is not None and origin in origins:
            response.headers.update(
                {
                    "Access-Control-Allow-Origin": origin,
                    "Access-Control-Allow-Credentials": "true",
                    "Access-Control-Allow-Headers": HEADERS,
                    "Access-Control-Allow-Methods": "POST",
                    "Access-Control-Max-Age": "600",
                }
            )
        return response

    return answering


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        logger.info("refused %s from %s: %s", request.path, request.remote, refused)
        return _refusal(refused.status, str(refused))
    except Undecryptable as error:
        logger.warning("%s", error)
        return _refusal(409, str(error))
    except web.HTTPException as error:
        return _refusal(error.status, error.reason)


def _refusal(status: int, reason: str) -> web.Response:
    return web.json_response({"message": reason}, status=status)


def _login_page(access: Access) -> Handler:
    async def page(request: web.Request) -> web.Response:
        return _page("You are logged in: the Web UI can be read." if access.is_logged_in(request) else "")

    return page


def _log_in(access: Access) -> Handler:
    async def log_in(request: web.Request) -> web.StreamResponse:
        if (request.content_length or LOGIN_LIMIT + 1) > LOGIN_LIMIT:
            raise Refused(413, "expected a token")
        form = await request.post()
        response = web.Response(status=303, headers={"Location": "/"})
        try:
            await access.log_in(request, str(form.get("token", "")), response)
        except Refused as refused:
            return _page(f"Not logged in: {refused}.", status=refused.status)
        return response

    return log_in


def _page(said: str, *, status: int = 200) -> web.Response:
    text = (files("boardsync.codec") / "login.html").read_text(encoding="utf-8").replace("{said}", said)
    response = web.Response(text=text, content_type="text/html", status=status)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    )
    return response


async def _alive(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
