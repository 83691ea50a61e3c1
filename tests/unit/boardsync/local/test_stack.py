"""The parts of the local stack that need no process: the sample request and free ports."""

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from boardsync.events.icims_example import CUSTOMER_ID, JOB_ID, unpost
from boardsync.local import ports
from boardsync.local.ports import NoPortFree, Ports, choose_ports
from tests.support.replies import sample

HOST = "127.0.0.1"


@contextmanager
def taken(count: int) -> Iterator[int]:
    """Listen on as many neighbouring ports; yield the first."""
    for first in range(20_000, 30_000, count):
        with ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    listener = stack.enter_context(socket.socket())
                    listener.bind((HOST, port))
                    listener.listen()
            except OSError:
                continue
            yield first
            return
    pytest.fail("no row of free ports to take")


def usual(first: int) -> Ports:
    return Ports(**dict.fromkeys(Ports.__dataclass_fields__, first))


def test_the_sample_is_the_documented_request() -> None:
    request = unpost()
    body = gzip.decompress(request.body)
    assert body == sample("icims_unpost.json")
    assert request.headers["Link"] == sample("icims_unpost_link.txt").decode()
    assert (request.headers["Content-Encoding"], request.headers["Content-Type"]) == ("gzip", "application/json")
    event = json.loads(body)
    assert (event["customerId"], event["systemId"]) == (CUSTOMER_ID, JOB_ID)
    assert unpost() == request


def test_parts_that_want_the_same_port_get_different_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "USUAL", usual(20_000))
    chosen = choose_ports(host=HOST)
    got = [getattr(chosen, name) for name in Ports.__dataclass_fields__]
    assert len(set(got)) == len(got)
    assert min(got) >= 20_000


def test_a_taken_port_is_passed_over_and_the_move_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken(3) as first:
        monkeypatch.setattr(ports, "USUAL", usual(first))
        chosen = choose_ports(host=HOST)
    assert chosen.temporal >= first + 3
    assert chosen.moved()[0] == f"temporal: port {first} is taken, using {chosen.temporal}"
    assert len(chosen.moved()) == len(Ports.__dataclass_fields__)


def test_usual_ports_are_no_move() -> None:
    assert ports.USUAL.moved() == []


def test_no_port_free_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with taken(3) as first:
        monkeypatch.setattr(ports, "USUAL", usual(first))
        monkeypatch.setattr(ports, "TRIES", 3)
        with pytest.raises(NoPortFree, match=f"ports {first} to {first + 2} on {HOST} are all taken"):
            choose_ports(host=HOST)
