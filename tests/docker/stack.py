"""The whole compose file, running: what a test does to it, and what it asks of it."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import httpx

from tests.docker.engine import ROOT, STANDINS, Failed, docker, run
from tests.support.processes import free_port

T = TypeVar("T")
PROJECT = "boardsync-test"
CUSTOMER = "1234"
KEPT = "BOARDSYNC_DOCKER_KEEP" in os.environ
"""Leave the containers for the next run, at the same ports: for whoever works at one test."""
PORTS = (
    "BOARDSYNC_PORT",
    "BOARDSYNC_CONSOLE_PORT",
    "BOARDSYNC_CODEC_PORT",
    "TEMPORAL_PORT",
    "TEMPORAL_UI_PORT",
    "SANDBOX_PORT",
    "PROMETHEUS_PORT",
    "GRAFANA_PORT",
)
FIRST_PORT = 28080
BASIC = ("icims", "sandbox-webhook-secret")


def until(ask: Callable[[], T], what: str, *, within: float = 120.0) -> T:
    """Ask until the answer is true, and return it; a service that is away has no answer.

    Raises AssertionError with the last answer.
    """
    last: object = None
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            found = ask()
        except (httpx.HTTPError, Failed) as error:
            last = error
        else:
            if found:
                return found
            last = found
        time.sleep(0.5)
    raise AssertionError(f"not within {within:.0f} s: {what}; last: {last!r}")


class Stack:
    """A project of Compose."""

    def __init__(self, command: Sequence[str], profiles: Sequence[str]) -> None:
        files = ["-f", "docker-compose.yml", "-f", str(STANDINS.parent / "standins.yml")]
        self._command = [*command, "-p", PROJECT, *files, *(word for name in profiles for word in ("--profile", name))]
        self._env = {name: str(FIRST_PORT + at if KEPT else free_port()) for at, name in enumerate(PORTS)}
        self._jobs = int(time.time() * 10)  # no job of an earlier run
        self.boards = httpx.Client(base_url=self._url("SANDBOX_PORT"), trust_env=False, timeout=20)
        self.gateway = httpx.Client(base_url=self._url("BOARDSYNC_PORT"), trust_env=False, timeout=40, auth=BASIC)

    def _url(self, port: str) -> str:
        return f"http://127.0.0.1:{self._env[port]}"

    @property
    def temporal(self) -> str:
        return f"127.0.0.1:{self._env['TEMPORAL_PORT']}"

    @property
    def ui(self) -> str:
        return self._url("TEMPORAL_UI_PORT")

    @property
    def prometheus(self) -> str:
        return self._url("PROMETHEUS_PORT")

    @property
    def codec(self) -> str:
        return self._url("BOARDSYNC_CODEC_PORT")

    @property
    def console(self) -> str:
        return self._url("BOARDSYNC_CONSOLE_PORT")

    def compose(self, *words: str, within: float = 600.0) -> str:
        return run(*self._command, *words, env=self._env, within=within)

    def containers(self, service: str) -> list[str]:
        """Return the names of a service's running containers, in order."""
        found = docker(
            "ps", "--filter", f"label=com.docker.compose.project={PROJECT}",
            "--filter", f"label=com.docker.compose.service={service}", "--format", "{{.Names}}",
        )  # fmt: skip
        return sorted(found.split())

    def address(self, container: str, network: str) -> str:
        """Return a container's address in one of the project's networks."""
        path = f'(index .NetworkSettings.Networks "{PROJECT}_{network}").IPAddress'
        return docker("inspect", "--format", f"{{{{{path}}}}}", container).strip()

    def health(self, container: str) -> str:
        return docker("inspect", "--format", "{{if .State.Health}}{{.State.Health.Status}}{{end}}", container).strip()

    def is_ready(self, gateway: str) -> bool:
        """Say whether a gateway reaches both, Temporal and the inbox."""
        ask = "import urllib.request as u; print(u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/readyz').read())"
        said = docker("exec", gateway, "python", "-c", ask)
        return '"status": "ok"' in said

    def healthy(self, *services: str, within: float = 240.0) -> None:
        """Wait until every container of the services says so itself."""
        for service in services:

            def fine(service: str = service) -> bool:
                containers = self.containers(service)
                return bool(containers) and all(self.health(each) == "healthy" for each in containers)

            until(fine, f"{service} is healthy", within=within)

    def post_jobs(self, count: int) -> list[str]:
        """Put new jobs on both boards."""
        first, self._jobs = self._jobs, self._jobs + count
        body = {"customer_id": CUSTOMER, "first_job_id": str(first), "count": count}
        self.boards.post("/jobs/bulk", json=body).raise_for_status()
        return [str(first + n) for n in range(count)]

    def unpost(self, job_id: str) -> int:
        """Send the event of an unposted job as iCIMS does; return the status, 0 where nothing answers."""
        event = {"customerId": CUSTOMER, "userId": "121", "eventType": "JobUnpostToWebEvent", "systemId": job_id}
        try:
            return self.gateway.post("/webhooks/icims", json=event).status_code
        except httpx.HTTPError:
            return 0

    def temporal_cli(self, command: str, job_id: str, *words: str) -> dict[str, Any]:
        """Return what Temporal's CLI says of a job's lifecycle."""
        said = run(
            str(ROOT / ".venv/bin/temporal"), "workflow", command, "--address", self.temporal,
            "--workflow-id", f"job-{CUSTOMER}-{job_id}", "--output", "json", *words, within=20,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(said)
        return found

    def workflow(self, job_id: str) -> dict[str, Any]:
        """Return status and search attributes of a job's lifecycle."""
        found: dict[str, Any] = self.temporal_cli("describe", job_id)["workflowExecutionInfo"]
        return found

    def boardsync(self, *words: str) -> dict[str, Any]:
        """Run a command where commands are run, in a worker; return its JSON."""
        said = docker("exec", self.containers("worker")[0], "python", "-m", "boardsync", *words, "--json")
        found: dict[str, Any] = json.loads(said)
        return found

    def off_the_boards(self, job_id: str) -> bool:
        """Say whether the boards themselves show nothing of the job any more."""
        job = self.boards.get(f"/jobs/{CUSTOMER}/{job_id}").raise_for_status().json()
        overlays = [each["overlay_left"] for each in job["indeed_postings"]]
        return job["linkedin"]["listing_status"] == "NOT_LISTED" and not any(overlays)

    def sql(self, statement: str) -> str:
        """Ask the store's database."""
        [postgres] = self.containers("postgres")
        return docker("exec", postgres, "psql", "-tA", "-U", "temporal", "-d", "boardsync", "-c", statement).strip()

    def receipts(self, job_ids: Sequence[str]) -> int:
        """Return how many of the jobs have a receipt in the store."""
        listed = ", ".join(f"'{each}'" for each in job_ids)
        return int(self.sql(f"SELECT count(DISTINCT job_id) FROM receipts WHERE job_id IN ({listed})"))  # noqa: S608

    def closed(self, job_ids: Sequence[str], *, within: float = 240.0) -> None:
        """Wait until the jobs are off the boards and the store has a receipt of each."""
        until(lambda: self.receipts(job_ids) == len(job_ids), f"{len(job_ids)} receipts", within=within)
        assert [each for each in job_ids if not self.off_the_boards(each)] == []

    @contextmanager
    def cut_off(self, container: str, network: str) -> Iterator[None]:
        """Take a container off a network for the length of a block; it comes back under its service's name."""
        name = f"{PROJECT}_{network}"
        service = docker(
            "inspect", "--format", '{{index .Config.Labels "com.docker.compose.service"}}', container
        ).strip()
        docker("network", "disconnect", name, container)
        try:
            yield
        finally:
            docker("network", "connect", "--alias", service, name, container)

    def down(self) -> None:
        """Remove all of it, with its volumes."""
        if not KEPT:
            with suppress(Failed):
                self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def close(self) -> None:
        self.boards.close()
        self.gateway.close()
