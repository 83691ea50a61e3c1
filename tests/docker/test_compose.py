"""The compose file, running: from one command to a closed job, and who may reach what.

Third-party images are stand-ins where the engine has not the real ones: see tests/docker/standins.
"""

import base64
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.docker.engine import Failed, docker
from tests.docker.stack import CUSTOMER, Stack, until
from tests.support.metrics import METRICS, dashboard_panels

SERVICES = ("postgres", "temporal", "temporal-ui", "caddy", "gateway", "sandbox", "worker", "console", "codec")
NOT_THE_GATEWAY_S = {"icims_client_secret", "indeed_client_secret", "codec_token"}
QUIET = {
    "Jobs that need a person, by category",
    "Refused for their rate (429)",
    "Notifications",
    "Looking again",
    "Found by reconciliation",
    "Refused events by reason",
}
"""Panels that have something to show once something is wrong, an hour is over, or somebody is to be told."""
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
    [job] = stack.post_jobs(1)
    assert stack.unpost(job) == 200
    stack.closed([job])
    link = httpx.URL(stack.boardsync("open", f"{CUSTOMER}/{job}", "--print")["links"]["Job page"])
    for key in ("", "?key=", f"?key={link.params['key'][:-1]}"):
        refused = stack.gateway.get(f"/jobs/{CUSTOMER}/{job}{key}")
        assert refused.status_code == 403
        assert "This link cannot be opened" in refused.text
    assert stack.gateway.get(f"/jobs/{CUSTOMER}/{int(job) + 1}?key={link.params['key']}").status_code == 403
    shown = stack.gateway.get(link.raw_path.decode())
    assert shown.status_code == 200
    assert job in shown.text


def test_the_gateway_has_no_secret_that_only_calls_to_the_boards_need(stack: Stack) -> None:
    gateways = [set(docker("exec", each, "ls", "/run/secrets").split()) for each in stack.containers("gateway")]
    workers = [set(docker("exec", each, "ls", "/run/secrets").split()) for each in stack.containers("worker")]
    assert all(workers[0] - each == NOT_THE_GATEWAY_S for each in gateways)
    assert all("postgres_password" not in each for each in (*gateways, *workers))


def test_what_temporal_keeps_is_encrypted_and_the_codec_server_decrypts_it(stack: Stack) -> None:
    [job] = stack.post_jobs(1)
    assert stack.unpost(job) == 200
    stack.closed([job])
    kept = words(stack.temporal_cli("show", job))
    assert "binary/encrypted" in kept
    assert "Example Health" not in kept
    token = docker("exec", stack.containers("codec")[0], "cat", "/run/secrets/codec_token").strip()
    read = words(stack.temporal_cli("show", job, "--codec-endpoint", stack.codec, "--codec-auth", f"Bearer {token}"))
    assert "Example Health" in read
    assert f"/jobs/{CUSTOMER}/{job}" in read, "the link to the console"
    assert "?key=" not in read, "a signed link opens the job's page: Temporal holds none"
    assert httpx.post(f"{stack.codec}/decode", json={"payloads": []}, trust_env=False).status_code == 401


def test_the_codec_server_reaches_nobody_and_has_no_other_secret(stack: Stack) -> None:
    [codec] = stack.containers("codec")
    assert set(docker("exec", codec, "ls", "/run/secrets").split()) == {"encryption_key", "codec_token"}
    for host, port in (("temporal", 7233), ("postgres", 5432), ("sandbox", 9101), ("gateway", 8080)):
        with pytest.raises(Failed, match=r"gaierror"):
            docker("exec", codec, "python", "-c", TRY, host, str(port))


def words(found: Any) -> str:
    """Return all that a history holds, also what it holds in base64."""
    match found:
        case dict():
            return "\n".join(words(each) for each in found.values())
        case list():
            return "\n".join(words(each) for each in found)
        case str():
            with suppress(ValueError):
                return f"{found}\n{base64.b64decode(found, validate=True).decode('utf-8', 'replace')}"
    return str(found)


def test_the_console_shows_a_job_that_is_closed(stack: Stack) -> None:
    [job] = stack.post_jobs(1)
    assert stack.unpost(job) == 200
    stack.closed([job])
    page = httpx.get(f"{stack.console}/jobs/{CUSTOMER}/{job}", trust_env=False, timeout=20)
    assert page.status_code == 200
    assert "Closed on LinkedIn" in page.text


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
    for service, network, port in (("postgres", "store", 5432), ("temporal", "work", 7233), ("worker", "work", 9464)):
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


def test_prometheus_takes_the_files_and_has_data_for_every_panel_of_the_dashboard(stack: Stack) -> None:
    stack.compose("up", "-d", "--no-deps", "prometheus")
    stack.healthy("prometheus")
    [container] = stack.containers("prometheus")
    assert "SUCCESS" in docker("exec", container, "promtool", "check", "config", "/etc/prometheus/prometheus.yml")
    checked = docker("exec", container, "promtool", "check", "rules", "/etc/prometheus/alerts.yml")
    rules = (METRICS / "alerts.yml").read_text(encoding="utf-8").count("- alert:")
    assert f"{rules} rules found" in checked

    with httpx.Client(base_url=f"{stack.prometheus}/api/v1", trust_env=False, timeout=20) as prometheus:

        def asked(query: str) -> list[float]:
            query = re.sub(r"\$__(rate_interval|range|interval)", "5m", query)
            reply = prometheus.get("/query", params={"query": query})
            assert reply.status_code == 200, f"{query}: {reply.text}"
            values = [float(each["value"][1]) for each in reply.json()["data"]["result"]]
            return [each for each in values if not math.isnan(each)]

        # Both gateways at one port, both workers at two.
        until(lambda: len(asked("up == 1")) == 6, "everything is scraped", within=90)
        jobs = stack.post_jobs(2)
        assert [stack.unpost(each) for each in jobs] == [200, 200]
        stack.closed(jobs)
        panels = dashboard_panels()
        assert set(panels) >= QUIET
        for title, queries in panels.items():
            for query in queries:
                if title in QUIET:
                    asked(query)
                else:
                    until(lambda query=query: asked(query), f"{title}: {query}", within=120)  # type: ignore[misc]
        assert max(asked("sum by (board) (boardsync_close_seconds_count)")) > 0
        groups = prometheus.get("/rules").json()["data"]["groups"]
        known = [rule for group in groups for rule in group["rules"]]
        assert len(known) == rules
        until(lambda: rules_evaluated(prometheus), "every rule was evaluated without an error", within=90)


def rules_evaluated(prometheus: httpx.Client) -> bool:
    groups = prometheus.get("/rules").json()["data"]["groups"]
    health = {rule["health"] for group in groups for rule in group["rules"]}
    assert "err" not in health
    return health == {"ok"}
