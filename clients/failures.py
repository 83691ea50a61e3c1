"""Why no whole answer came: each cause in words of its own (what happened, what it means, what to do)."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from clients.bodies import BodyError
from clients.egress import NotPublic
from clients.errors import ProviderError
from clients.transport import CallsPaused
from models.problems import Category, Problem

_AGAIN = "Boardsync tries again by itself."
_MAYBE = "It may have taken effect all the same."
_NOT_SENT = "Nothing was sent."


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A cause, by its name; `{provider}` stands for the provider."""

    code: str
    reason: str
    remedy: str
    sent: bool = True
    """The request may have reached the provider."""


DNS = Failure(
    code="dns",
    reason=f"The name of {{provider}}'s host was not found (DNS). {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check the DNS of the machine that the worker runs on, and {{provider}}'s address "
    "in the configuration.",
    sent=False,
)
NOT_PUBLIC = Failure(
    code="not_public",
    reason=f"The address is not public but of this machine, a private network or the link alone. {_NOT_SENT}",
    remedy="Correct the address; where it is meant, name its host in [egress] private_hosts.",
    sent=False,
)
NO_ADDRESS = Failure(
    code="address",
    reason=f"The address cannot be used as it is written. {_NOT_SENT}",
    remedy="Correct the address in the configuration: a host's name, or an IP address in its usual form.",
    sent=False,
)
REFUSED = Failure(
    code="refused",
    reason=f"{{provider}}'s host refused the connection: nothing listens there. {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s address and port in the configuration, and any firewall on "
    "the way.",
    sent=False,
)
CERTIFICATE = Failure(
    code="certificate",
    reason=f"The certificate of {{provider}}'s host is not trusted. {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check the worker's clock and its CA certificates, and whether a proxy on the way "
    "puts in a certificate of its own.",
    sent=False,
)
TLS = Failure(
    code="tls",
    reason=f"No encrypted connection to {{provider}}'s host came about (TLS). {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s address in the configuration, and any proxy on the way.",
    sent=False,
)
UNREACHABLE = Failure(
    code="unreachable",
    reason=f"No connection to {{provider}}'s host came about. {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check the worker's network and {{provider}}'s status page.",
    sent=False,
)
CONNECT_TIMEOUT = Failure(
    code="connect_timeout",
    reason=f"{{provider}}'s host did not take the connection in time. {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check the worker's network, any firewall on the way, and {{provider}}'s status "
    "page.",
    sent=False,
)
NO_PLACE = Failure(
    code="no_place",
    reason=f"{{provider}} has not answered the calls before this one, so this one had to wait too long. {_NOT_SENT}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s status page.",
    sent=False,
)
PAUSED = Failure(
    code="paused",
    reason=f"Calls to {{provider}} are paused in the configuration. {_NOT_SENT}",
    remedy=f"{_AGAIN} Once the reason is gone, take out `paused` in {{provider}}'s section.",
    sent=False,
)
TIMEOUT = Failure(
    code="timeout",
    reason=f"{{provider}} did not answer in time. {_MAYBE}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s status page.",
)
DEADLINE = Failure(
    code="deadline",
    reason=f"{{provider}} went on answering without coming to an end, and was cut off. {_MAYBE}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s status page, and any proxy on the way.",
)
UNUSABLE_BODY = Failure(
    code="body",
    reason=f"{{provider}}'s answer could not be taken in: {{what}}. {_MAYBE}",
    remedy=f"{_AGAIN} If it lasts, check any proxy on the way, then report it.",
)
BROKEN_OFF = Failure(
    code="broken_off",
    reason=f"The connection to {{provider}} broke before the answer was whole. {_MAYBE}",
    remedy=f"{_AGAIN} If it lasts, check {{provider}}'s status page and the network.",
)

NO_ANSWER = frozenset({TIMEOUT.code, DEADLINE.code, UNUSABLE_BODY.code, BROKEN_OFF.code})
"""The codes of calls that brought no whole answer, though they may have reached the provider."""


def no_answer(provider: str, operation: str, error: Exception) -> ProviderError:
    """Make the error of a call that brought no whole answer: always temporary, as no provider has refused it."""
    failure = _failure(error)
    words = {"provider": provider, "what": str(error) if isinstance(error, BodyError) else ""}
    problem = Problem(
        category=Category.TEMPORARY,
        reason=failure.reason.format(**words),
        remedy=failure.remedy.format(**words),
    )
    return ProviderError(problem, provider=provider, operation=operation, code=failure.code, sent=failure.sent)


def _failure(error: Exception) -> Failure:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return _unconnected(error)
    for kinds, failure in (
        (BodyError, UNUSABLE_BODY),
        (TimeoutError, DEADLINE),
        (CallsPaused, PAUSED),
        (httpx.PoolTimeout, NO_PLACE),
        ((httpx.UnsupportedProtocol, httpx.InvalidURL), NO_ADDRESS),
        (httpx.TimeoutException, TIMEOUT),
    ):
        if isinstance(error, kinds):
            return failure
    return BROKEN_OFF


def _unconnected(error: Exception) -> Failure:
    causes = tuple(_causes(error))
    for kind, failure in (
        (NotPublic, NOT_PUBLIC),
        (socket.gaierror, DNS),
        (ssl.SSLCertVerificationError, CERTIFICATE),
        (ssl.SSLError, TLS),
        (ConnectionRefusedError, REFUSED),
    ):
        if any(isinstance(each, kind) for each in causes):
            return failure
    return CONNECT_TIMEOUT if isinstance(error, httpx.ConnectTimeout) else UNREACHABLE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and all that stands behind it; trying several addresses fails with a group."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
