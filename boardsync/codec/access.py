"""Who may have payloads decrypted: whoever sends the token, and a browser that has logged in by it."""

import hmac

from aiohttp import web
from itsdangerous import BadData, URLSafeTimedSerializer

from config.temporal import Codec
from runtime.attempts import Attempts, TooMany

COOKIE = "boardsync_codec"
_SESSION = "codec session"


class Refused(Exception):  # noqa: N818 -- an answer to the caller
    """The caller may not have it; the message says what to do."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep the status of the answer."""
        super().__init__(reason)
        self.status = status


class Access:
    """Check tokens and sessions; wrong ones are slowed by address."""

    def __init__(self, token: str, codec: Codec, origins: frozenset[str]) -> None:
        """Take the token, and the origins of the Web UI, which alone may use a session."""
        self._token, self._codec, self._origins = token, codec, origins
        self._sessions = URLSafeTimedSerializer(token, salt=_SESSION)
        self._attempts = Attempts()

    async def check(self, request: web.Request) -> None:
        """Raise Refused where neither header nor cookie says that the caller may."""
        header = request.headers.get("Authorization", "")
        scheme, _, given = header.partition(" ")
        if scheme.lower() == "bearer":
            await self._check_token(_address(request), given.strip())
            return
        if not self._has_session(request):
            raise Refused(
                401,
                "log in at this codec server's own address in the same browser, and switch on 'Include cross-origin "
                "credentials' in the Web UI's codec settings; the CLI takes --codec-auth 'Bearer TOKEN'",
            )
        # A cookie comes with whatever page sends the request: only the Web UI's may.
        if request.headers.get("Origin") not in self._origins:
            raise Refused(403, "this origin is not one of [codec] origins")

    async def log_in(self, request: web.Request, token: str, response: web.StreamResponse) -> None:
        """Give a browser its session. Raises Refused."""
        await self._check_token(_address(request), token)
        response.set_cookie(
            COOKIE,
            str(self._sessions.dumps(1)),
            max_age=int(self._codec.session.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=not self._codec.is_local,
            path="/",
        )

    def is_logged_in(self, request: web.Request) -> bool:
        """Return whether a browser has a session."""
        return self._has_session(request)

    async def _check_token(self, address: str, given: str) -> None:
        try:
            async with self._attempts.looking(address, given) as attempt:
                if hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._token.encode()):
                    attempt.was_right()
                    return
                attempt.was_wrong()
        except TooMany:
            raise Refused(429, "too many wrong tokens came from this address: wait a few seconds") from None
        raise Refused(401, "the token is not [codec] token")

    def _has_session(self, request: web.Request) -> bool:
        try:
            self._sessions.loads(request.cookies.get(COOKIE, ""), max_age=int(self._codec.session.total_seconds()))
        except BadData:
            return False
        return True


def _address(request: web.Request) -> str:
    return request.remote or "local"
