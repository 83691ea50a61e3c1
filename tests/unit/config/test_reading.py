"""From where the configuration comes: files, the environment, and values that stand elsewhere."""

from pathlib import Path

import pytest

from config.loading import CONFIG_VARIABLE, ConfigurationError, load_settings
from runtime.process import live_or_exit
from tests.support.replies import SAMPLES
from tests.unit.config.example_file import CUSTOMER, ENVIRON, EXAMPLE, changed, complaint, load


@pytest.mark.parametrize("environ", [{}, {"ICIMS_1234_SECRET": ""}])
def test_a_missing_environment_variable_is_named_with_its_key(environ: dict[str, str]) -> None:
    others = {name: value for name, value in ENVIRON.items() if name != "ICIMS_1234_SECRET"}
    expected = (
        "customers[0].icims.client_secret: expected the environment variable ICIMS_1234_SECRET to be set and not empty"
    )
    assert complaint(EXAMPLE, {**others, **environ}) == expected


def test_a_file_value_is_read_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2-file\n", encoding="utf-8")
    settings = load(changed((*CUSTOMER, "icims", "client_secret"), "file:secret"), base=tmp_path)
    assert settings.customers[0].icims.client_secret.get_secret_value() == "hunter2-file"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"hunter2\xff"])
@pytest.mark.parametrize("name", ["secret", "no\0where"])
def test_an_unusable_file_value_is_named_with_its_key(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load(changed((*CUSTOMER, "icims", "client_secret"), f"file:{name}"), base=tmp_path)
    assert str(caught.value).startswith("customers[0].icims.client_secret: ")
    assert "hunter2" not in str(caught.value)


def test_the_file_named_by_the_environment_is_loaded() -> None:
    environ = {**ENVIRON, CONFIG_VARIABLE: str(SAMPLES / "boardsync.toml")}
    assert load_settings(environ) == load(EXAMPLE)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read"),
        (b"[gateway", "not valid TOML"),
        (b'a = "hunter2', "not valid TOML"),
        (b"\xff", "expected UTF-8"),
        (b"", "customers: required, but missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "boardsync.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_settings({CONFIG_VARIABLE: str(path)})
    assert len(str(caught.value).splitlines()) == 1
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("environ", [{}, {CONFIG_VARIABLE: ""}])
def test_no_file_named_is_said(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="BOARDSYNC_CONFIG is not set"):
        load_settings(environ)


def test_a_program_ends_with_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(CONFIG_VARIABLE, raising=False)
    with pytest.raises(SystemExit) as caught:
        live_or_exit()
    assert caught.value.code == 2
    assert (
        capsys.readouterr().err
        == "boardsync: BOARDSYNC_CONFIG is not set: expected the path of a TOML file, or of its folder\n"
    )
