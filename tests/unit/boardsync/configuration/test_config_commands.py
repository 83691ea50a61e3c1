"""`boardsync config …`: what is wrong, what is in force, a schema for editors, files to begin with."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from boardsync.configuration.schema import customer_schema, settings_schema
from config.loading import load_settings
from tests.support.cli import Cli
from tests.support.replies import sample
from tests.support.settings import customer, raw_settings, write_toml
from tests.unit.config.folders import URLS, Folder

SECRETS = (
    "webhook-secret-12",
    "icims-secret-12",
    "linkedin-secret-12",
    "indeed-secret-12",
    "a-secret-for-links-in-tests",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.write("11")
    folder.write("12")
    return folder


async def test_a_whole_configuration_is_checked(folder: Folder) -> None:
    said = await Cli(folder.environ)("config", "check")
    assert (said.code, said.stdout) == (0, "Nothing is wrong: 2 customers can be used.\n")


async def test_every_broken_part_is_named_and_no_secret(folder: Folder) -> None:
    folder.write_main(timing={"confirm_first": "soon"})
    folder.write("11", boards=["monster"])
    folder.write("12", of_tomorrow=True)
    (folder.path / "customers" / "13.toml").write_text('x = "webhook-secret-12')
    said = await Cli(folder.environ)("config", "check", "--json")
    assert said.code == 2
    faults = said.json["faults"]
    assert len(faults) == 4
    for words in ("timing.confirm_first", "boards[0]", "of_tomorrow: unknown key", "13.toml: not valid TOML"):
        assert sum(words in each for each in faults) == 1, words
    assert not any(secret in said.stdout for secret in SECRETS)


async def test_a_check_refuses_what_a_rollback_passes_over(folder: Folder) -> None:
    folder.write_main(written_for="999.0")
    folder.write("12", of_tomorrow=True)
    assert load_settings(folder.environ).customer("12") is not None
    assert (await Cli(folder.environ)("config", "check")).code == 2


async def test_somebody_told_of_a_customer_who_is_not_there_is_a_fault(folder: Folder) -> None:
    endpoint = {"name": "ops", "url": "https://example.com/h", "format": "slack", "customers": ["99"]}
    folder.write_main(notifications=[endpoint])
    said = await Cli(folder.environ)("config", "check")
    assert said.code == 2
    assert "notifications names the customer 99" in said.stdout


async def test_a_single_file_has_all_its_faults_told(tmp_path: Path) -> None:
    raw = raw_settings(URLS)
    raw["timing"]["confirm_first"], raw["customers"][1]["boards"] = "soon", []
    write_toml(tmp_path / "one.toml", raw)
    said = await Cli()("config", "check", "--json", "--config", str(tmp_path / "one.toml"))
    assert [each.partition("one.toml: ")[2].partition(": ")[0] for each in said.json["faults"]] == [
        "timing.confirm_first",
        "customers[1].boards",
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hun/ter@2@db/boardsync", "postgresql://(secret)@db/boardsync"),
        ("postgresql://db/boardsync?user=me&password=hunter2&sslmode=require",
         "postgresql://db/boardsync?user=me&password=(secret)&sslmode=require"),
        ("postgresql://me@db/boardsync?sslPassword=hunter2", "postgresql://(secret)@db/boardsync?sslPassword=(secret)"),
    ],
)  # fmt: skip
async def test_no_password_of_the_store_is_shown(folder: Folder, url: str, shown: str) -> None:
    folder.write_main(store={"url": url})
    said = await Cli(folder.environ)("config", "show")
    assert tomllib.loads(said.stdout)["store"]["url"] == shown


async def test_what_is_in_force_is_shown_without_any_secret(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "tracking").write_text("https://example.com/?key=very-secret")
    folder.write("12", indeed={**customer_section("indeed"), "tracking_url": "file:tracking"})
    folder.write_main(store={"url": "postgresql://me:hunter2@db/boardsync"})
    cli = Cli({**folder.environ, "LINK": "link-secret-of-the-environment"})
    folder.write_main(gateway={**folder.main["gateway"], "link_secret": "env:LINK"})
    everything = await cli("config", "show")
    one = await cli("config", "show", "--customer", "12")
    for said in (everything, one):
        assert said.code == 0
        assert not any(each in said.stdout for each in (*SECRETS, "hunter2", "very-secret", "link-secret-of"))
        assert tomllib.loads(said.stdout)
    assert tomllib.loads(everything.stdout)["gateway"]["link_secret"] == "env:LINK"
    assert tomllib.loads(everything.stdout)["store"]["url"] == "postgresql://(secret)@db/boardsync"
    shown = tomllib.loads(one.stdout)
    assert shown["indeed"]["tracking_url"] == "file:tracking"
    assert shown["linkedin"]["client_secret"] == "(secret)"
    assert shown["close_when"] == "first_hire"


def customer_section(name: str) -> dict[str, Any]:
    found: dict[str, Any] = customer("12", "x", application=1, organization=1, contract=1)[name]
    return found


async def test_a_customer_who_is_not_there_is_not_shown(folder: Folder) -> None:
    said = await Cli(folder.environ)("config", "show", "--customer", "99")
    assert said.code == 1
    assert "customer 99 is not in the configuration" in said.stderr


async def test_files_to_begin_with_become_a_configuration_once_the_environment_is_set(tmp_path: Path) -> None:
    cli = Cli()
    said = await cli("config", "init", str(tmp_path), "--customer", "1234", "--name", 'The "Example"')
    assert said.code == 0, said.stderr
    main, own = tmp_path / "boardsync.toml", tmp_path / "customers" / "1234.toml"
    needed = {line.partition("env:")[2].rstrip('"') for path in (main, own) for line in references(path)}
    values = {name: urn(name) for name in needed}
    checked = await Cli({**values, "BOARDSYNC_CONFIG": str(tmp_path)})("config", "check")
    assert (checked.code, checked.stdout) == (0, "Nothing is wrong: 1 customer can be used.\n")
    settings = load_settings({**values, "BOARDSYNC_CONFIG": str(tmp_path)})
    assert settings.customers[0].name == 'The "Example"'
    for path, schema in ((main, settings_schema()), (own, customer_schema())):
        assert path.read_text().startswith("#:schema ")
        assert jsonschema_rs.is_valid(json.loads(schema), tomllib.loads(path.read_text()))
    again = await cli("config", "init", str(tmp_path), "--customer", "1234")
    assert (again.code, own.read_text().count("Example")) == (1, 1)
    assert "is there already" in again.stderr


def references(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#") and "env:" in line]


def urn(name: str) -> str:
    for end, value in {
        "APPLICATION_URN": "urn:li:developerApplication:1",
        "ORGANIZATION_URN": "urn:li:organization:1",
        "POSTER_EMAIL": "jobs@example.com",
        "PUBLIC_URL": "https://hooks.example.com",
        "STORE_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }.items():
        if name.endswith(end):
            return value
    return "something"


def test_the_schema_takes_the_example_and_what_tests_use() -> None:
    schema = json.loads(settings_schema())
    for raw in (tomllib.loads(sample("boardsync.toml").decode()), raw_settings(URLS)):
        assert [each.message for each in jsonschema_rs.validator_for(schema).iter_errors(raw)] == []
        for each in raw["customers"]:
            assert jsonschema_rs.is_valid(json.loads(customer_schema()), each)
        assert jsonschema_rs.is_valid(json.loads(customer_schema()), {"customers": raw["customers"]})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("timing", "confirm_first"), "soon"),
        (("timing", "confirm_first"), 15),
        (("timing", "recheck_after"), ["1h", "soon"]),
        (("gateway", "max_connections"), 3),
        (("of_tomorrow",), 1),
        (("customers", 0, "close_when"), "never"),
        (("customers", 0, "boards"), ["monster"]),
        (("customers", 0, "icims", "fields"), {"titel": "x"}),
        (("customers", 0, "linkedin", "application_urn"), "234"),
    ],
)
def test_the_schema_refuses_what_the_configuration_refuses(place: tuple[Any, ...], value: object) -> None:
    raw = raw_settings(URLS)
    at: Any = raw
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    assert not jsonschema_rs.is_valid(json.loads(settings_schema()), raw)


@pytest.mark.parametrize(
    ("place", "value"),
    [(("timing", "confirm_first"), "env:X"), (("icims", "daily_quota"), "file:q"), (("linkedin", "paused"), "env:X")],
)
def test_the_schema_takes_references_everywhere(place: tuple[str, str], value: str) -> None:
    raw = raw_settings(URLS)
    raw[place[0]][place[1]] = value
    assert jsonschema_rs.is_valid(json.loads(settings_schema()), raw)


async def test_schemas_are_printed() -> None:
    assert (await Cli()("config", "schema")).stdout == settings_schema()
    assert (await Cli()("config", "schema", "--customer")).stdout == customer_schema()
