"""Who may open the console and who may act: its own names, its own pages, and the word of a trusted proxy."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware
from itsdangerous import BadSignature, TimestampSigner

from config.console import Console
from config.settings import Settings

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: a browser would then send `Origin: null` with a form, and nobody could tell whose form it is.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Robots-Tag": "noindex",
}
SALT = "boardsync.console-form"
FORM_VALID_FOR = timedelta(hours=12)
FIELD = "token"
LONGEST_USER = 200
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 -- names of no machine
_SAFE_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
USER: web.RequestKey[str | None] = web.RequestKey("user", str)


READ_ONLY = (
    "The console knows nobody who could be named as having done this: set [console] user_header to the header in which "
    "your single sign-on names people. The command line can do it, too."
)
OLD_FORM = "The page was open for too long, or in another name. Go back, load it again, and send it once more."


class FormRefused(Exception):  # noqa: N818 -- a decision, told to the visitor as 403
    """Nobody is named as sending a form, or it is not the one that this person was given."""


class Forms:
    """Tokens of forms: one that another site cannot know, good for one person and one action's place."""

    def __init__(self, settings: Settings, *, otherwise: str) -> None:
        """Sign by the link secret, which all processes share; without one by a secret of this process."""
        keys = list(reversed(settings.gateway.link_secrets)) or [otherwise]
        self._signer = TimestampSigner(keys, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha256)

    def token_for(self, request: web.Request, place: str) -> str | None:
        """Return what a form for this place carries; None where nobody is logged in, who may only look."""
        user = request[USER]
        return self.token(user, place) if user is not None else None

    def sender(self, request: web.Request, form: Mapping[str, object], place: str) -> str:
        """Return who sends a form.

        Raises FormRefused.
        """
        user, token = request[USER], form.get(FIELD)
        if user is None:
            raise FormRefused(READ_ONLY)
        if not isinstance(token, str) or not self.good(token, user, place):
            raise FormRefused(OLD_FORM)
        return user

    def token(self, user: str, place: str) -> str:
        """Return what a form of this person for this place carries."""
        return self._signer.sign(_about(user, place)).decode("ascii").partition(".")[2]

    def good(self, token: str, user: str, place: str) -> bool:
        """Return whether a form carries what it was given."""
        if not token.isascii():
            return False
        try:
            self._signer.unsign(f"{_about(user, place)}.{token}", max_age=int(FORM_VALID_FOR.total_seconds()))
        except BadSignature:
            return False
        return True


def guard(console: Console) -> Middleware:
    """Return the middleware that lets only requests for this console pass, and sets every answer's headers."""
    names = (_LOCAL | {console.host.lower()} | set(console.hosts)) - _EVERYWHERE

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        response: web.StreamResponse
        if _host_name(request.headers.get(hdrs.HOST, "")) not in names:
            # A page of another site, whose name was made to lead here, is not answered (DNS rebinding).
            response = _plain(421, "This name is not the console's: open it by one of [console] hosts.")
        elif request.method not in _SAFE_METHODS and not _own_page(request):
            response = _plain(403, "Refused: this did not come from a page of the console. Nothing was sent.")
        else:
            request[USER] = user_of(request, console)
            try:
                response = await handler(request)
            except web.HTTPException as refusal:
                if refusal.status < 400:
                    refusal.headers.update(HEADERS)
                    raise
                response = _plain(refusal.status, f"{refusal.status} {refusal.reason}")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def user_of(request: web.Request, console: Console) -> str | None:
    """Return who is logged in; None where nobody says so, or says it twice or in signs that no name has."""
    if console.user is not None:
        return console.user
    if console.user_header is None:
        return None
    said = request.headers.getall(console.user_header, [])
    name = said[0].strip() if len(said) == 1 else ""
    return name if name and len(name) <= LONGEST_USER and name.isprintable() else None


def _own_page(request: web.Request) -> bool:
    """Return whether a form was sent by a page of this very console, as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return site == "same-origin"
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    # The proxy may end TLS, so only the host is compared; both were allowed above.
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.headers.get(hdrs.HOST, "").lower()


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _about(user: str, place: str) -> str:
    return hashlib.sha256(f"{len(user)}:{user}{place}".encode()).hexdigest()


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n", content_type="text/plain", charset="utf-8")
