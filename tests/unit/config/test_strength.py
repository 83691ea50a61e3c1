"""Secrets that protect nothing are refused at start, unless all boards are simulated."""

import copy
import secrets
from pathlib import Path
from typing import Any

import pytest

from boardsync.commands.keys import Purpose, make
from boardsync.doctor.configuration import check_configuration
from boardsync.doctor.findings import Level
from boardsync.local import stack
from config.live import Live
from config.loading import CONFIG_VARIABLE, ConfigurationError, parse_settings
from config.settings import Settings
from config.strength import refuse_weak, refuse_weak_token, weaknesses
from config.temporal import CodecFile
from runtime.process import live_or_exit
from tests.support.processes import ROOT
from tests.support.settings import raw_settings, write_toml

REAL = {"icims": "https://api.icims.com", "linkedin": "https://api.linkedin.com", "indeed": "https://apis.indeed.com"}


def strong() -> dict[str, Any]:
    raw = raw_settings(REAL)
    raw["gateway"]["link_secret"] = make(Purpose.LINK)["secret"]
    for customer in raw["customers"]:
        customer["icims"]["webhook_secret"] = make(Purpose.WEBHOOK)["secret"]
        for section in ("icims", "linkedin", "indeed"):
            customer[section]["client_secret"] = secrets.token_urlsafe(12)
    raw["store"]["key"] = make(Purpose.STORE)["secret"]
    raw["ledger"] = {"key": make(Purpose.LEDGER, "ledger.agency.test")["secret"]}
    raw["temporal"] = {"encryption_keys": [make(Purpose.ENCRYPTION)["secret"]]}
    raw["codec"] = {"token": make(Purpose.CODEC)["secret"]}
    return raw


def read(raw: dict[str, Any]) -> Settings:
    return parse_settings(raw, {}, base=Path())


def put(raw: dict[str, Any], path: str, value: str) -> None:
    place: Any = raw
    *parts, last = path.split(".")
    for part in parts:
        place = place[int(part)] if part.isdigit() else place[part]
    place[last] = value


def test_what_keys_new_makes_is_strong() -> None:
    settings = read(strong())
    assert weaknesses(settings) == []
    refuse_weak(settings)
    raw = strong()
    raw["gateway"] |= {"token_secret": make(Purpose.TOKEN)["secret"], "hire_secret": make(Purpose.HIRE)["secret"]}
    assert weaknesses(read(raw)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("gateway.link_secret", "hunter2"),
        ("gateway.link_secret", "demo-link-secret-of-no-worth"),
        ("gateway.link_secret", "sandbox-link-secret-that-protects-nothing"),
        ("gateway.link_secret", "kB3x-9fQ2mVt7wLzR5nYc8sJd1hGp6u"),
        ("gateway.link_secret", "a" * 64),
        ("gateway.link_previous_secret", "abababababababababababababababababababab"),
        ("gateway.token_secret", "kB3x-9fQ2mVt"),
        ("gateway.hire_secret", "Vt7wLzR5nYc8"),
        ("codec.token", "change-me-change-me-change-me-change-me"),
        ("store.key", "ZGVtby1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW5nISE="),
        ("store.key", "c2FuZGJveC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW4="),
        ("ledger.key", "PRIVATE+KEY+ledger.agency.test+797faf5f+AXNhbmRib3gga2V5IHRoYXQgcHJvdGVjdHMgbmF1Z2h0"),
        ("customers.0.icims.webhook_secret", "hunter2"),
        ("customers.0.icims.webhook_secret", "sandbox-webhook-secret"),
        ("customers.1.icims.webhook_previous_secret", "fifteen-letters"),
        ("customers.0.icims.client_secret", "icims-secret-1234"),
        ("customers.0.linkedin.client_secret", "linkedin-secret-1234"),
        ("customers.1.indeed.client_secret", "x"),
        ("customers.0.indeed.webhook_secret", "demo-indeed-webhook-secret-of-no-worth"),
    ],
)
def test_each_secret_is_looked_at_and_named_without_being_told(path: str, value: str) -> None:
    raw = strong()
    put(raw, path, value)
    (found,) = weaknesses(read(raw))
    named = path.replace("customers.0", "customers[0]").replace("customers.1", "customers[1]")
    assert found.key == named
    with pytest.raises(ConfigurationError, match=r"boardsync keys new") as error:
        refuse_weak(read(raw))
    assert value not in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_one_secret_for_two_purposes_is_refused() -> None:
    raw = strong()
    raw["gateway"]["token_secret"] = raw["gateway"]["link_secret"]
    (found,) = weaknesses(read(raw))
    assert found.words == (
        "gateway.token_secret is the same as gateway.link_secret: each purpose needs a secret of its own"
    )


def test_every_demo_value_is_known_as_one() -> None:
    for file in (ROOT / "deploy" / "secrets" / "demo").glob("*_secret.txt"):
        raw = strong()
        put(raw, "gateway.link_secret", file.read_text(encoding="utf-8").strip() + "0" * 40)
        assert weaknesses(read(raw)), file.name


def test_simulated_boards_need_no_secrets_and_one_real_board_needs_all() -> None:
    weak = raw_settings(dict.fromkeys(REAL, "http://127.0.0.1:9"))
    refuse_weak(read(weak))
    mixed = copy.deepcopy(weak)
    mixed["indeed"]["api_url"] = "https://apis.indeed.com/graphql"
    with pytest.raises(ConfigurationError):
        refuse_weak(read(mixed))
    assert "http://" in stack.TEMPLATE.read_text(encoding="utf-8")


def test_a_process_does_not_start_and_doctor_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = strong()
    raw["gateway"]["link_secret"] = "hunter2"
    raw["customers"][1]["icims"]["webhook_auth"] = "none"
    write_toml(tmp_path / "boardsync.toml", raw)
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "boardsync.toml"))
    with pytest.raises(SystemExit) as caught:
        live_or_exit()
    assert caught.value.code == 2
    assert "gateway.link_secret is a value that is published" in capsys.readouterr().err
    settings, findings = check_configuration()
    assert settings is not None
    levels = {each.check: each.level for each in findings}
    assert levels["configuration.secrets.gateway.link_secret"] is Level.FAIL
    assert levels["configuration.webhook_auth.5678"] is Level.WARN


def test_tokens_and_hires_have_secrets_of_their_own_and_know_the_older_ones() -> None:
    raw = strong()
    link = raw["gateway"]["link_secret"]
    assert read(raw).gateway.token_secrets == read(raw).gateway.hire_secrets == (link,)
    raw["gateway"] |= {"token_secret": "t" * 32, "hire_secret": "h" * 32, "hire_previous_secret": "i" * 32}
    gateway = read(raw).gateway
    assert gateway.token_secrets == ("t" * 32, link)
    assert gateway.hire_secrets == ("h" * 32, "i" * 32, link)
    assert gateway.link_secrets == (link,)
    del raw["gateway"]["link_secret"], raw["gateway"]["public_url"]
    raw["customers"][0]["closing_statuses"] = ["9782"]
    raw["customers"][1]["icims"]["webhook_auth"] = "oauth"
    assert read(raw).gateway.hire_secrets == ("h" * 32, "i" * 32)
    del raw["gateway"]["token_secret"]
    with pytest.raises(ConfigurationError, match=r"gateway\.link_secret is needed"):
        read(raw)


async def test_a_running_process_keeps_what_it_has_when_a_weak_secret_comes(tmp_path: Path) -> None:
    raw = strong()
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw)
    live = Live.open({CONFIG_VARIABLE: str(config)})
    write_toml(config, {**raw, "gateway": {**raw["gateway"], "link_secret": "hunter2"}})
    await live.read()
    assert live.settings.gateway.link_secrets == (raw["gateway"]["link_secret"],)
    (trouble,) = live.troubles
    assert "gateway.link_secret is a value that is published" in trouble.message
    write_toml(config, {**raw, "gateway": {**raw["gateway"], "link_secret": make(Purpose.LINK)["secret"]}})
    await live.read()
    assert live.settings.gateway.link_secrets != (raw["gateway"]["link_secret"],)
    assert live.troubles == ()


def codec_file(token: str, *, scheme: str) -> CodecFile:
    return CodecFile.model_validate({"codec": {"token": token}, "simulated": scheme == "http"})


def test_the_codec_server_does_not_start_by_a_published_token_unless_all_is_simulated() -> None:
    with pytest.raises(ConfigurationError, match=r"codec\.token .*boardsync keys new codec"):
        refuse_weak_token(codec_file("demo-codec-token-that-protects-nothing", scheme="https"))
    refuse_weak_token(codec_file("demo-codec-token-that-protects-nothing", scheme="http"))
    refuse_weak_token(codec_file(make(Purpose.CODEC)["secret"], scheme="https"))
