"""What is written down of an event: ids and reasons; what a replay needs is sealed, and bounded for who is nobody."""

from datetime import UTC, datetime

import pytest
from multidict import CIMultiDict

from store.events import LoggedEvent, Replay, Result
from webhook_gateway import book as module
from webhook_gateway.book import NOBODYS_BYTES, EventBook, again
from webhook_gateway.metrics import counting
from webhook_gateway.requests import Arrived, BadRequest, Fault, HungUp, SignedRequest, Unauthorized

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
BODY = b'{"customerId": "1234", "personId": "77"}'
HEADERS = CIMultiDict(
    [
        ("Authorization", "Basic c2VjcmV0"),
        ("Link", "<a>"),
        ("Link", "<b>"),
        ("Cookie", "x"),
        ("X-Forwarded-For", "1.2.3.4"),
    ]
)


class Log:
    """Takes what the book writes."""

    def __init__(self) -> None:
        self.rows: list[tuple[LoggedEvent, Replay | None]] = []
        self.dropped = 0

    def put(self, event: LoggedEvent, replay: Replay | None = None) -> None:
        self.rows.append((event, replay))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def book(log: Log) -> EventBook:
    return EventBook(log, nobodys_per_minute=5)  # type: ignore[arg-type]


def arrived(body: bytes = BODY) -> Arrived:
    return Arrived(SignedRequest("POST", "/webhooks/icims", "a=b", HEADERS, body), AT)


def test_a_taken_event_is_a_row_without_its_request(book: EventBook, log: Log) -> None:
    with counting("icims", book) as seen:
        seen.arrived, seen.authenticated = arrived(), True
        seen.customer, seen.job_id, seen.type, seen.result = "1234", "1209", "unpost", "kept"
    ((row, replay),) = log.rows
    assert (row.at, row.customer_id, row.job_id, row.type, row.result, row.reason) == (
        AT, "1234", "1209", "unpost", Result.TAKEN, "kept"
    )  # fmt: skip
    assert replay is None
    assert "77" not in row.model_dump_json(exclude={"body_digest"})


def test_a_refused_event_comes_back_as_it_arrived(book: EventBook, log: Log) -> None:
    with counting("icims", book) as seen:
        seen.arrived, seen.authenticated, seen.claimed_customer = arrived(), True, "9999"
        seen.refuse(BadRequest(Fault.CUSTOMER, "these credentials do not cover this customerId"))
    ((row, replay),) = log.rows
    assert (row.result, row.customer_id) == (Result.REFUSED, "9999")
    assert row.reason == "customer: these credentials do not cover this customerId"
    assert replay is not None
    assert "secret" not in repr(replay)
    assert "c2VjcmV0" not in repr(replay)
    found = again(row, replay)
    assert found.received_at == AT
    assert (found.signed.path, found.signed.query_string, found.signed.body) == ("/webhooks/icims", "a=b", BODY)
    assert dict(found.signed.headers) == {"authorization": "Basic c2VjcmV0", "link": "<a>, <b>"}


def test_of_nobody_only_what_may_be_genuine_is_kept_and_so_many_a_minute(book: EventBook, log: Log) -> None:
    for number in range(20):
        with counting("icims", book) as seen:
            seen.arrived = arrived(BODY if number % 2 else b"x" * (NOBODYS_BYTES + 1))
            seen.plausible = number != 3
            seen.refuse(Unauthorized("the user or the password is wrong"))
    assert [replay is not None for _, replay in log.rows] == [False, True, False, False, False]
    assert {row.reason for row, _ in log.rows} == {"not authenticated: credentials: the user or the password is wrong"}


def fails(book: EventBook) -> None:
    with counting("icims", book) as seen:
        seen.arrived, seen.authenticated = arrived(), True
        raise ZeroDivisionError


def test_what_was_not_stored_and_what_failed_here_is_refused_and_replayable(book: EventBook, log: Log) -> None:
    with counting("icims", book) as seen:
        seen.arrived, seen.authenticated = arrived(), True
        seen.not_stored(RuntimeError("no connection"))
    with pytest.raises(ZeroDivisionError):
        fails(book)
    assert [(row.result, row.reason) for row, _ in log.rows] == [
        (Result.REFUSED, "unavailable: no connection"),
        (Result.REFUSED, "failed"),
    ]
    assert all(replay is not None for _, replay in log.rows)


def test_a_sender_that_hung_up_sent_nothing(book: EventBook, log: Log) -> None:
    with pytest.raises(HungUp), counting("icims", book):
        raise HungUp
    assert log.rows == []


def test_headers_without_end_are_not_kept(book: EventBook, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEADER_BYTES", 10)
    with counting("icims", book) as seen:
        seen.arrived, seen.authenticated = arrived(), True
        seen.refuse(BadRequest(Fault.FIELD, "systemId is missing"))
    assert log.rows[0][1] is None
