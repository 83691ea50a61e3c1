"""The compose file, running: from one command to a closed job, and who may reach what.

Third-party images are stand-ins where the engine has not the real ones: see tests/docker/standins.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.docker.engine import Failed, docker
from tests.docker.stack import CUSTOMER, Stack, until
from tests.support.metrics import METRICS, dashboard_queries

SERVICES = ("postgres", "temporal", "temporal-ui", "caddy", "gateway", "sandbox", "worker")
NEEDS_A_BOARD_S_SECRET = {"icims_client_secret", "indeed_client_secret"}
TRY = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()"


def test_one_command_leads_to_a_closed_job(stack: Stack) -> None:
    [job] = stack.post_jobs(1)
    assert until(lambda: stack.unpost(job) == 200, "the event is taken")
    stack.closed([job])
    workflow = until(lambda: stack.workflow(job), "the lifecycle is found")
    assert workflow["status"] == "WORKFLOW_EXECUTION_STATUS_COMPLETED"


def test_every_container_finds_itself_healthy(stack: Stack) -> None:
    stack.healthy(*SERVICES)
    assert len(stack.containers("gateway")) == len(stack.containers("worker")) == 2


def test_the_web_ui_shows_the_lifecycles(stack: Stack) -> None:
    found = (
        httpx.get(f"{stack.ui}/api/v1/namespaces/default/workflows", trust_env=False, timeout=20)
        .raise_for_status()
        .json()
    )
    assert f"job-{CUSTOMER}-" in json.dumps(found)


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/", "/webhooks", "/jobs"])
def test_the_internet_reaches_webhooks_and_pages_alone(stack: Stack, path: str) -> None:
    assert stack.gateway.get(path).status_code == 404


def test_a_page_of_a_job_needs_its_signed_link(stack: Stack) -> None:
    reply = stack.gateway.get(f"/jobs/{CUSTOMER}/1209")
    assert reply.status_code in {401, 403, 404}
    assert reply.headers.get("server") != "Caddy" or reply.content


def test_the_gateway_has_no_secret_that_only_calls_to_the_boards_need(stack: Stack) -> None:
    gateways = [set(docker("exec", each, "ls", "/run/secrets").split()) for each in stack.containers("gateway")]
    workers = [set(docker("exec", each, "ls", "/run/secrets").split()) for each in stack.containers("worker")]
    assert all(workers[0] - each == NEEDS_A_BOARD_S_SECRET for each in gateways)
    assert all("postgres_password" not in each for each in (*gateways, *workers))


@pytest.mark.parametrize(("host", "port"), [("sandbox", 9101), ("temporal-ui", 8080), ("192.0.2.1", 80)])
def test_the_gateway_reaches_neither_the_boards_nor_the_ui_nor_the_internet(stack: Stack, host: str, port: int) -> None:
    for gateway in stack.containers("gateway"):
        with pytest.raises(Failed, match=r"gaierror|unreachable|TimeoutError|timed out"):
            docker("exec", gateway, "python", "-c", TRY, host, str(port))
        docker("exec", gateway, "python", "-c", TRY, "temporal", "7233")  # so the question itself is a good one


def test_nothing_but_a_gateway_is_reached_from_the_internet_s_side(stack: Stack) -> None:
    [caddy] = stack.containers("caddy")

    def connect(service: str, network: str, port: int) -> None:
        address = stack.address(stack.containers(service)[0], network)
        docker("exec", caddy, "nc", "-z", "-w", "3", address, str(port))

    connect("gateway", "edge", 8080)  # so the question itself is a good one
    for service, network, port in (("postgres", "data", 5432), ("temporal", "work", 7233), ("worker", "work", 9464)):
        with pytest.raises(Failed):
            connect(service, network, port)


def test_the_store_s_role_opens_no_other_database(stack: Stack) -> None:
    [postgres] = stack.containers("postgres")
    url = docker("exec", stack.containers("gateway")[0], "cat", "/run/secrets/store_url").strip()
    base = url.rpartition("/")[0]
    assert docker("exec", postgres, "psql", "-tA", url, "-c", "SELECT 1 FROM receipts LIMIT 1") == "1\n"
    for database in ("temporal", "temporal_visibility", "postgres"):
        with pytest.raises(Failed, match="permission denied for database"):
            docker("exec", postgres, "psql", f"{base}/{database}", "-c", "SELECT 1")


def inspected(container: str) -> Mapping[str, Any]:
    [found] = json.loads(docker("inspect", container))
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("service", SERVICES)
def test_every_container_is_read_only_limited_and_without_rights(stack: Stack, service: str) -> None:
    for container in stack.containers(service):
        host = inspected(container)["HostConfig"]
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert (host["CapAdd"] or []) == (["NET_BIND_SERVICE"] if service == "caddy" else [])
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert 0 < host["Memory"] <= 2 << 30
        assert 0 < host["PidsLimit"] <= 1024
        assert docker("exec", container, "sh", "-c", "touch /x 2>/dev/null && echo writable || true") == ""


def test_what_runs_is_root_in_caddy_alone(stack: Stack) -> None:
    users = {name: docker("exec", stack.containers(name)[0], "id", "-u").strip() for name in SERVICES}
    assert {name for name, user in users.items() if user == "0"} == {"caddy"}


def test_no_password_shows_in_what_the_engine_tells(stack: Stack) -> None:
    [postgres] = stack.containers("postgres")
    password = docker("exec", postgres, "cat", "/run/secrets/postgres_password").strip()
    told = docker("inspect", *(each for name in SERVICES for each in stack.containers(name)))
    assert len(password) > 5
    assert password not in told
    assert "sandbox-webhook-secret" not in told


def test_starting_again_changes_nothing(stack: Stack) -> None:
    stack.healthy(*SERVICES)
    before = {name: [inspected(each)["Id"] for each in stack.containers(name)] for name in SERVICES}
    receipts = stack.sql("SELECT count(*) FROM receipts")
    stack.compose("up", "-d", within=900)
    assert {name: [inspected(each)["Id"] for each in stack.containers(name)] for name in SERVICES} == before
    assert stack.sql("SELECT count(*) FROM receipts") == receipts


def test_prometheus_takes_the_files_and_shows_data_for_every_row_of_the_dashboard(stack: Stack) -> None:
    stack.compose("up", "-d", "--no-deps", "prometheus")
    stack.healthy("prometheus")
    [container] = stack.containers("prometheus")
    assert "SUCCESS" in docker("exec", container, "promtool", "check", "config", "/etc/prometheus/prometheus.yml")
    checked = docker("exec", container, "promtool", "check", "rules", "/etc/prometheus/alerts.yml")
    rules = (METRICS / "alerts.yml").read_text(encoding="utf-8").count("- alert:")
    assert f"{rules} rules found" in checked

    with httpx.Client(base_url=f"{stack.prometheus}/api/v1", trust_env=False, timeout=20) as prometheus:

        def asked(query: str) -> list[dict[str, Any]]:
            reply = prometheus.get("/query", params={"query": query})
            assert reply.status_code == 200, f"{query}: {reply.text}"
            found: list[dict[str, Any]] = reply.json()["data"]["result"]
            return found

        until(
            lambda: len(asked("up == 1")) == 6, "both gateways and both workers, at two ports, are scraped", within=90
        )
        [job] = stack.post_jobs(1)
        assert stack.unpost(job) == 200
        stack.closed([job])
        queries = [re.sub(r"\$__(rate_interval|range|interval)", "5m", each) for each in dashboard_queries()]
        answered = [each for each in queries if asked(each) is not None]
        assert len(answered) == len(queries) >= 10
        until(
            lambda: asked("sum(boardsync_jobs) > 0") or asked("count({__name__=~'boardsync_.+'}) > 20"),
            "data",
            within=90,
        )
        states = {
            each["state"] for group in prometheus.get("/rules").json()["data"]["groups"] for each in group["rules"]
        }
        health = {
            each["health"] for group in prometheus.get("/rules").json()["data"]["groups"] for each in group["rules"]
        }
        assert states <= {"inactive", "pending", "firing"}
        assert health <= {"ok", "unknown"}
