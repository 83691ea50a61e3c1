"""Containers that die, restart and lose sight of each other while events come: what was acknowledged is closed.

PostgreSQL holds Boardsync's store alone here: the stand-in for Temporal's server has a file of its own (see standins).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.docker.engine import docker
from tests.docker.stack import Stack, until

LASTS = 8.0
"""Seconds for which something is away: longer than the gateway waits for Temporal, and Caddy for a gateway."""
EVERY = 1.0
"""Seconds between two events."""
MOST = 24
"""Events in one test; a machine that is busy with other things closes few jobs a second."""
TAKEN = 200


class Sender:
    """Sends events of unposted jobs, one after the other, whatever is answered, until it is told to stop."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self.answers: dict[str, int] = {}

    def start(self) -> None:
        self._jobs = self._stack.post_jobs(MOST)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def acknowledged(self) -> list[str]:
        return [job for job, status in self.answers.items() if status == TAKEN]

    def _send(self) -> None:
        for job in self._jobs:
            self.answers[job] = self._stack.unpost(job)
            if self._stop.wait(EVERY):
                return


@contextmanager
def events(stack: Stack) -> Iterator[Sender]:
    """Send events beside the block, the last one after it."""
    sender = Sender(stack)
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def nothing_is_lost(stack: Stack, sender: Sender) -> None:
    """Check that each acknowledged job is closed, and that one refused is taken when it is sent again."""
    assert len(sender.answers) >= LASTS / EVERY / 4
    refused = [job for job in sender.answers if job not in sender.acknowledged]
    for job in refused:
        until(lambda job=job: stack.unpost(job) == TAKEN, "an event that was refused is taken later")  # type: ignore[misc]
    stack.closed([*sender.acknowledged, *refused], within=400)


@pytest.fixture(autouse=True)
def _whole(stack: Stack) -> None:
    """Begin with everything in place and an event that is taken: no fault of the test before lasts on."""
    stack.healthy("postgres", "temporal", "caddy", "worker", within=400)
    for gateway in stack.containers("gateway"):
        until(lambda name=gateway: stack.is_ready(name), f"{gateway} reaches Temporal and the store", within=400)  # type: ignore[misc]
    [job] = stack.post_jobs(1)
    until(lambda: stack.unpost(job) == TAKEN, "an event is taken", within=400)


@pytest.mark.parametrize("service", ["gateway", "worker"])
def test_a_rolling_restart_is_not_noticed(stack: Stack, service: str) -> None:
    with events(stack) as sender:
        for container in stack.containers(service):
            docker("restart", "--time", "25", container)
            until(lambda name=container: stack.health(name) == "healthy", f"{container} is healthy", within=400)  # type: ignore[misc]
    assert set(sender.answers.values()) == {TAKEN}
    nothing_is_lost(stack, sender)


@pytest.mark.parametrize("service", ["gateway", "worker", "temporal", "postgres"])
def test_a_container_that_is_killed_costs_no_event(stack: Stack, service: str) -> None:
    container = stack.containers(service)[0]
    with events(stack) as sender:
        docker("kill", container)  # the engine restarts nothing that was killed through it
        time.sleep(LASTS)
        docker("start", container)
    assert set(sender.answers.values()) == {TAKEN}
    nothing_is_lost(stack, sender)


def test_what_people_look_at_is_not_needed_for_any_event(stack: Stack) -> None:
    containers = [stack.containers(each)[0] for each in ("console", "codec", "temporal-ui")]
    with events(stack) as sender:
        docker("kill", *containers)
        time.sleep(LASTS)
        docker("start", *containers)
    assert set(sender.answers.values()) == {TAKEN}
    nothing_is_lost(stack, sender)


def test_without_caddy_nothing_is_acknowledged_and_nothing_lost(stack: Stack) -> None:
    [container] = stack.containers("caddy")
    with events(stack) as sender:
        docker("kill", container)
        time.sleep(LASTS)
        docker("start", container)
    nothing_is_lost(stack, sender)


def test_events_of_a_time_without_temporal_wait_in_the_store(stack: Stack) -> None:
    [container] = stack.containers("temporal")
    docker("stop", container)
    try:
        jobs = stack.post_jobs(3)
        assert [stack.unpost(job) for job in jobs] == [TAKEN] * len(jobs)
        for gateway in stack.containers("gateway"):
            docker("kill", gateway)  # nothing of it was in a gateway's memory alone
            docker("start", gateway)
    finally:
        docker("start", container)
    stack.closed(jobs, within=400)


def nth(service: str, index: int) -> Callable[[Stack], str]:
    return lambda stack: stack.containers(service)[index]


@pytest.mark.parametrize(
    ("which", "network"),
    [
        pytest.param(nth("gateway", 0), "edge", id="caddy-from-a-gateway"),
        pytest.param(nth("gateway", 0), "work", id="a-gateway-from-temporal"),
        pytest.param(nth("gateway", 0), "store", id="a-gateway-from-the-store"),
        pytest.param(nth("worker", 0), "work", id="a-worker-from-temporal"),
        pytest.param(nth("worker", 0), "store", id="a-worker-from-the-store"),
        pytest.param(nth("worker", 0), "outside", id="a-worker-from-the-boards"),
        pytest.param(nth("temporal", 0), "work", id="temporal-from-all"),
        pytest.param(nth("temporal", 0), "data", id="temporal-from-its-database"),
        pytest.param(nth("postgres", 0), "store", id="postgres-from-all"),
        pytest.param(nth("sandbox", 0), "outside", id="the-boards-from-all"),
    ],
)
def test_a_partition_costs_no_event(stack: Stack, which: Callable[[Stack], str], network: str) -> None:
    with events(stack) as sender, stack.cut_off(which(stack), network):
        time.sleep(LASTS)
    assert set(sender.answers.values()) == {TAKEN}
    nothing_is_lost(stack, sender)
