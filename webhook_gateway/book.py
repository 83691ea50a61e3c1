"""The event log as the gateway writes it: what became of each event, and what a refused one needs to be tried again.

A row holds ids, a type, a reason and a status's id, never other words of a payload. A refused request is kept sealed,
for its replay alone.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from multidict import CIMultiDict, MultiMapping
from prometheus_client import Counter, Gauge

from store.event_log import EventLog
from store.events import OF_NOBODY, LoggedEvent, Replay, Result, body_digest
from webhook_gateway.metrics import UNKNOWN, Seen
from webhook_gateway.requests import Arrived, SignedRequest

NOBODYS_PER_MINUTE = 300
"""Events that are written down of senders that are not authenticated: anybody could fill the store."""
NOBODYS_BYTES = 8 * 1024
"""Bytes of a body that is kept of such a sender: an event is a few hundred."""
HEADER_BYTES = 16 * 1024
NOT_KEPT = frozenset({"cookie", "forwarded", "x-forwarded-for", "x-real-ip"})
"""Headers that say who sent it from where, and that no sender signs."""

REFUSED = frozenset({"refused", "unauthorized", "unavailable", "failed"})
UNLOGGED = Counter(
    "boardsync_events_not_logged", "Events of unauthenticated senders beyond what is written down in a minute"
)
DROPPED = Gauge("boardsync_event_log_dropped", "Events that the event log had no place for, as the store is away")


class EventBook:
    """Write down events; the log's writer does the rest beside it."""

    def __init__(self, log: EventLog, *, nobodys_per_minute: int = NOBODYS_PER_MINUTE) -> None:
        """Take the log of an open store."""
        self._log = log
        self._nobodys_per_minute = nobodys_per_minute
        self._minute, self._nobodys = 0.0, 0
        DROPPED.set_function(lambda: log.dropped)

    def note(self, seen: Seen) -> None:
        """Write down what became of an event."""
        if seen.result == "hung_up":
            return
        if not seen.authenticated and not self._has_place():
            UNLOGGED.inc()
            return
        event = _row(seen)
        self._log.put(event, _replay(seen) if event.result is Result.REFUSED else None)

    def _has_place(self) -> bool:
        now = time.monotonic()
        if now - self._minute >= 60.0:
            self._minute, self._nobodys = now, 0
        self._nobodys += 1
        return self._nobodys <= self._nobodys_per_minute


def _row(seen: Seen) -> LoggedEvent:
    reason = seen.reason
    if seen.result not in REFUSED:
        reason = seen.result if reason is None else reason
    elif not seen.authenticated:
        reason = f"{OF_NOBODY}: {reason or seen.result}"
    elif reason is None or seen.result == "unavailable":
        reason = f"{seen.result}: {reason}" if reason else seen.result
    return LoggedEvent(
        at=seen.arrived.received_at if seen.arrived is not None else datetime.now(UTC),
        sender=seen.sender,
        customer_id=seen.claimed_customer or (seen.customer if seen.customer != UNKNOWN else None),
        job_id=seen.job_id,
        type=seen.type,
        result=Result.REFUSED if seen.result in REFUSED else Result.TAKEN,
        reason=reason,
        status=seen.status,
        body_digest=body_digest(seen.arrived.signed.body) if seen.arrived is not None else "",
    )


def _replay(seen: Seen) -> Replay | None:
    if seen.arrived is None:
        return None
    signed = seen.arrived.signed
    if not seen.authenticated and not (seen.plausible and len(signed.body) <= NOBODYS_BYTES):
        return None
    headers = _kept(signed.headers)
    if sum(len(name) + len(value) for name, value in headers.items()) > HEADER_BYTES:
        return None
    path = f"{signed.path}?{signed.query_string}" if signed.query_string else signed.path
    return Replay(method=signed.method, path=path, headers=headers, body=signed.body)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers, as any of them may be signed; what is given twice stays two values in one."""
    kept: dict[str, str] = {}
    for given in dict.fromkeys(each.lower() for each in headers):
        if given not in NOT_KEPT:
            values = headers.getall(given) if isinstance(headers, MultiMapping) else [headers[given]]
            kept[given] = ", ".join(value.encode("utf-8", "replace").decode() for value in values)
    return kept


def again(event: LoggedEvent, replay: Replay) -> Arrived:
    """Return a refused request as it arrived, at the time at which it did."""
    path, _, query = replay.path.partition("?")
    signed = SignedRequest(replay.method, path, query, CIMultiDict(replay.headers), replay.body)
    return Arrived(signed, event.at)
