"""What Docker would find wrong, found without Docker: the files of a deployment fit together."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loading import ConfigurationError, load_codec_file, parse_settings
from config.reading import NOT_GIVEN, OF_OTHERS
from config.settings import Settings
from tests.unit.deploy.files import DEPLOY, ROOT, compose, dockerfile

DEMO_SECRETS = DEPLOY / "secrets" / "demo"
MOUNTED = "file:/run/secrets/"
OURS = ("gateway", "worker", "console", "codec", "sandbox", "store-migrate")
OF_CALLS = {"icims_client_secret", "indeed_client_secret"}
OF_THE_CODEC_SERVER = {"encryption_key", "codec_token"}


def block(name: str, text: str) -> str:
    """Return what is indented under the first such key, at whatever depth it stands."""
    found = re.search(
        rf"^(?P<indent> *){re.escape(name)}:.*\n(?P<body>(?:(?P=indent) +\S.*\n|\s*\n)*)", text + "\n", re.MULTILINE
    )
    assert found, f"no {name}"
    return found["body"]


def section(name: str) -> str:
    """Return what is under a key of the compose file's top level."""
    text = compose()
    found = re.search(rf"^{name}:", text, re.MULTILINE)
    assert found, f"docker-compose.yml has no {name}"
    return block(name, text[found.start() :])


def declared_secrets() -> list[str]:
    return re.findall(r"^  (\w+):$", section("secrets"), re.MULTILINE)


def service(name: str) -> str:
    text = section("services")
    found = re.search(rf"^  {name}:", text, re.MULTILINE)
    assert found, f"no service {name}"
    return block(name, text[found.start() :])


def services() -> list[str]:
    return re.findall(r"^  ([a-z-]+):", section("services"), re.MULTILINE)


def deployed() -> dict[str, Any]:
    return tomllib.loads((DEPLOY / "boardsync.toml").read_text(encoding="utf-8"))


def strings(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from strings(each)
        case list():
            for each in value:
                yield from strings(each)
        case str():
            yield value


def with_secrets_from(folder: Path, value: Any) -> Any:
    """Put the folder on this machine in the place of `/run/secrets`."""
    match value:
        case dict():
            return {key: with_secrets_from(folder, each) for key, each in value.items()}
        case list():
            return [with_secrets_from(folder, each) for each in value]
        case str() if value.startswith(MOUNTED):
            return f"file:{folder / value.removeprefix(MOUNTED)}.txt"
        case _:
            return value


def named_secrets() -> set[str]:
    return {text.removeprefix(MOUNTED) for text in strings(deployed()) if text.startswith(MOUNTED)}


def demo_settings() -> Settings:
    return parse_settings(with_secrets_from(DEMO_SECRETS, deployed()), {}, base=DEPLOY)


def test_the_demo_configuration_is_valid_with_the_demo_secrets() -> None:
    settings = demo_settings()
    assert settings.gateway.link_secret is not None
    assert settings.customers[0].icims.client_secret.get_secret_value() == "icims-secret-1234"


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="link_secret"):
        parse_settings(with_secrets_from(tmp_path, deployed()), {}, base=DEPLOY)


def test_the_demo_configuration_holds_no_secret_itself() -> None:
    inline = [
        f"{key} = {value}" for key, value in pairs(deployed()) if "secret" in key and not value.startswith(MOUNTED)
    ]
    assert inline == []


def pairs(value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, each in value.items():
                if isinstance(each, str):
                    yield key, each
                yield from pairs(each)
        case list():
            for each in value:
                yield from pairs(each)


def test_every_secret_of_the_configuration_is_declared_and_has_a_demo_file() -> None:
    declared = set(declared_secrets())
    assert named_secrets()
    assert named_secrets() <= declared
    assert {path.stem for path in DEMO_SECRETS.glob("*.txt")} == declared


def test_every_secret_file_is_found_in_the_chosen_folder() -> None:
    body = section("secrets")
    assert declared_secrets()
    for name in declared_secrets():
        assert f"${{BOARDSYNC_SECRETS_DIR:-./deploy/secrets/demo}}/{name}.txt" in block(name, body)


def test_the_worker_is_given_every_secret_of_the_configuration() -> None:
    assert set(re.findall(r"- (\w+)", section("x-all-secrets"))) == named_secrets()
    for name in ("worker", "store-migrate"):
        assert "secrets: *all-secrets" in service(name)
        assert "*configured" in service(name)


def test_the_gateway_is_given_what_it_verifies_with_and_starts_without_the_rest(tmp_path: Path) -> None:
    given = set(re.findall(r"- (\w+)", block("secrets", service("gateway"))))
    assert given == named_secrets() - OF_CALLS - {"codec_token"}
    for name in given:
        (tmp_path / f"{name}.txt").write_bytes((DEMO_SECRETS / f"{name}.txt").read_bytes())
    raw = with_secrets_from(tmp_path, deployed())
    settings = parse_settings(raw, {}, base=DEPLOY, unread=OF_OTHERS)
    assert settings.customers[0].icims.client_secret.get_secret_value() == NOT_GIVEN
    with pytest.raises(ConfigurationError, match=r"codec\.token"):
        parse_settings(raw, {}, base=DEPLOY)


def test_the_codec_server_is_given_the_keys_and_its_token_alone_and_reaches_nobody(tmp_path: Path) -> None:
    assert set(re.findall(r"secrets: \[(.*)\]", service("codec"))[0].split(", ")) == OF_THE_CODEC_SERVER
    assert [name for name in services() if networks_of(name) & networks_of("codec")] == ["codec"]
    for name in OF_THE_CODEC_SERVER:
        (tmp_path / f"{name}.txt").write_bytes((DEMO_SECRETS / f"{name}.txt").read_bytes())
    config = tmp_path / "boardsync.toml"
    text = (DEPLOY / "boardsync.toml").read_text(encoding="utf-8")
    config.write_text(re.sub(r"file:/run/secrets/(\w+)", rf"file:{tmp_path}/\1.txt", text), encoding="utf-8")
    file = load_codec_file({"BOARDSYNC_CONFIG": str(config)})
    assert file.codec.token is not None
    assert (len(file.temporal.key_bytes), file.simulated) == (1, True)


def test_the_web_ui_knows_the_codec_server_where_it_is_published() -> None:
    [published] = ports_of("codec")
    assert f"TEMPORAL_CODEC_ENDPOINT: http://{published.rpartition(':')[0]}\n" in service("temporal-ui") + "\n"
    assert f"http://127.0.0.1:{demo_settings().codec.listen.rpartition(':')[2]}/healthz" in service("codec")


def networks_of(name: str) -> set[str]:
    found = re.search(r"^    networks: \[(.*)\]$", service(name), re.MULTILINE)
    assert found, f"{name} names no network"
    return set(found[1].split(", "))


def test_the_gateway_is_beside_neither_the_ui_nor_the_boards() -> None:
    inner = set(re.findall(r"^  (\w+): +\{internal: true\}", section("networks"), re.MULTILINE))
    assert networks_of("gateway") <= inner
    assert not networks_of("gateway") & (networks_of("temporal-ui") | networks_of("sandbox"))
    assert networks_of("caddy") & networks_of("gateway") == {"edge"}
    assert [name for name in services() if "edge" in networks_of(name)] == ["caddy", "gateway"]
    assert networks_of("postgres") == {"data", "store"} <= inner
    for name in ("gateway", "worker"):
        # So that the way to the store can be cut without the way to Temporal.
        assert networks_of(name) & networks_of("temporal") == {"work"}
        assert networks_of(name) & networks_of("postgres") == {"store"}


def test_what_is_published_is_in_a_network_that_may_be() -> None:
    inner = set(re.findall(r"^  (\w+): +\{internal: true\}", section("networks"), re.MULTILINE))
    for name in services():
        if "ports:" in service(name):
            assert networks_of(name) - inner, name


def test_every_container_is_limited_in_memory_and_processes() -> None:
    assert "pids_limit:" in section("x-every")
    assert "mem_limit:" in section("x-boardsync")
    assert "mem_limit:" in section("x-once")
    for name in services():
        assert "mem_limit:" in service(name) or "*boardsync" in service(name) or "*once" in service(name), name


def test_gateway_and_worker_read_the_mounted_configuration() -> None:
    body = section("x-configured")
    target = re.search(r"BOARDSYNC_CONFIG: (\S+)", body)
    assert target
    assert f"target: {target[1]}" in body
    source = re.search(r"source: \$\{BOARDSYNC_CONFIG_FILE:-(\S+)\}", body)
    assert source
    assert (ROOT / source[1]).is_file()


def test_what_is_mounted_exists() -> None:
    sources = re.findall(r"- (\./\S+?):/\S+:ro$", compose(), re.MULTILINE)
    assert len(sources) == 9
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_configuration_meets_the_ports_and_names_of_the_services() -> None:
    settings = demo_settings()
    assert settings.gateway.host == "0.0.0.0"  # noqa: S104 -- inside the container
    caddyfile = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert re.search(rf"^\s+name gateway\n\s+port {settings.gateway.port}$", caddyfile, re.MULTILINE)
    assert f"EXPOSE {settings.gateway.port}\n" in dockerfile()
    assert "sandbox" in services()
    assert settings.console.host == "0.0.0.0"  # noqa: S104 -- inside the container
    assert f":{settings.console.port}\n" in service("console") + "\n"
    for board in (settings.icims, settings.linkedin, settings.indeed):
        assert {board.api_url.host, board.token_url.host} == {"sandbox"}


def test_every_port_is_open_to_this_machine_alone() -> None:
    ports = [line for name in services() for line in ports_of(name)]
    assert len(ports) >= 6
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert "ports:" not in service("postgres")


def ports_of(name: str) -> list[str]:
    body = service(name)
    return re.findall(r"- \"?([^\s\"]+)", block("ports", body)) if "ports:" in body else []


def test_every_service_has_a_health_check_or_ends_by_itself() -> None:
    for name in services():
        body = service(name)
        assert "healthcheck:" in body, name
        assert ("test:" in body) != ("disable: true" in body), name
        assert ("disable: true" in body) == ("*once" in body or "restart: on-failure" in body), name


def test_our_containers_may_neither_write_nor_gain_rights() -> None:
    body = section("x-boardsync")
    for line in ("read_only: true", "tmpfs:", "<<: *every", "stop_grace_period: 25s"):
        assert line in body
    assert "cap_drop: [ALL]" in section("x-every")
    assert "no-new-privileges:true" in section("x-every")
    assert "max-size" in section("x-every")
    for name in OURS:
        assert "*boardsync" in service(name)


def test_what_is_not_always_needed_has_a_profile() -> None:
    profiles = {name: re.findall(r"profiles: \[(\w+)\]", service(name)) for name in services()}
    assert {name: found for name, found in profiles.items() if found} == {
        "sandbox": ["demo"],
        "prometheus": ["metrics"],
        "grafana": ["metrics"],
    }


def test_prometheus_scrapes_the_ports_that_gateway_and_worker_listen_on() -> None:
    settings = demo_settings()
    scraped = re.findall(
        r"job_name: (\S+)\n.*?names: \[(\w+)\].*?port: ([0-9]+)",
        (DEPLOY / "metrics" / "prometheus.yml").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert scraped == [
        ("boardsync-gateway", "gateway", str(settings.gateway.port)),
        ("boardsync-worker", "worker", str(settings.worker.metrics_listen).rpartition(":")[2]),
        ("boardsync-sdk", "worker", str(settings.worker.sdk_metrics_listen).rpartition(":")[2]),
    ]


def test_every_named_volume_is_declared() -> None:
    used = set(re.findall(r"- (\w+):/\S+$", compose(), re.MULTILINE))
    assert used == set(re.findall(r"^  (\w+):$", section("volumes"), re.MULTILINE))
