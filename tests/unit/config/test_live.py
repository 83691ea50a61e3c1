"""A running process takes up what changes, customer by customer, and goes on with the last good version of the rest."""

import shutil
from pathlib import Path
from unittest.mock import ANY

import pytest

from config.live import Live
from config.loading import CONFIG_VARIABLE, ConfigurationError, load_settings
from config.reading import CALLS_BOARDS, NOT_GIVEN
from config.settings import Settings
from tests.support.settings import customer, raw_settings, write_toml
from tests.unit.config.folders import URLS, Folder, names, said

UNCHANGED = {"11": "Customer 11", "12": "Customer 12", "13": "Customer 13"}


def test_a_folder_is_loaded_by_its_name_and_by_its_main_file(folder: Folder) -> None:
    assert names(load_settings(folder.environ)) == UNCHANGED
    assert names(load_settings({CONFIG_VARIABLE: str(folder.path / "boardsync.toml")})) == UNCHANGED


def test_a_file_may_hold_several_customers_as_the_main_file_does(folder: Folder) -> None:
    raw = raw_settings(URLS)
    write_toml(folder.path / "customers" / "more.toml", {"customers": raw["customers"]})
    assert set(names(load_settings(folder.environ))) == {*UNCHANGED, "1234", "5678"}


async def test_changes_of_one_customer_and_of_the_main_file_are_taken_up(folder: Folder) -> None:
    live, told = folder.live(), list[Settings]()
    live.on_change(told.append)
    folder.write("12", name="Renamed")
    await live.read()
    assert names(live.settings) == UNCHANGED | {"12": "Renamed"}
    folder.write_main(timing={"confirm_first": "2s"})
    await live.read()
    assert live.settings.timing.confirm_first.total_seconds() == 2
    assert [names(each)["12"] for each in told] == ["Renamed", "Renamed"]
    await live.read()
    assert len(told) == 2
    assert live.troubles == ()


BROKEN = {
    "half written": b'id = "12"\nname = "Cust',
    "no text": b"\xff\xfe",
    "empty": b"",
    "a key misspelt": b'id = "12"\nnames = "x"',
    "of nobody": b'name = "x"',
    "an id mistyped": b'id = "12 "\nname = "x"',
    "a number without end": b'id = "12"\nname = ' + 5000 * b"1",
    "too deep": b"id = " + 20_000 * b"[",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
async def test_a_broken_file_leaves_its_last_good_version_and_all_others_running(
    folder: Folder, content: bytes
) -> None:
    live = folder.live()
    (folder.path / "customers" / "12.toml").write_bytes(content)
    folder.write("13", name="New")
    await live.read()
    assert names(live.settings) == UNCHANGED | {"13": "New"}
    assert "customers/12.toml" in said(live)
    assert [each.kept for each in live.troubles] == [True]
    assert live.left_out == ()
    folder.write("12", name="Mended")
    await live.read()
    assert names(live.settings)["12"] == "Mended"
    assert live.troubles == ()


async def test_a_file_that_is_broken_at_the_start_leaves_out_its_customer_until_it_is_mended(folder: Folder) -> None:
    (folder.path / "customers" / "12.toml").write_text('id = "12"\n[icims')
    live = folder.live()
    assert set(names(live.settings)) == {"11", "13"}
    assert [(each.customer_ids, each.kept) for each in live.left_out] == [(("12",), False)]
    folder.write("12")
    await live.read()
    assert names(live.settings) == UNCHANGED


async def test_a_link_to_nowhere_is_broken(folder: Folder) -> None:
    live = folder.live()
    path = folder.path / "customers" / "12.toml"
    path.unlink()
    path.symlink_to("nowhere")
    await live.read()
    assert names(live.settings) == UNCHANGED
    assert "cannot read" in said(live)


async def test_a_removed_customer_is_gone_and_a_new_one_is_there(folder: Folder) -> None:
    live = folder.live()
    (folder.path / "customers" / "12.toml").unlink()
    folder.write("14")
    await live.read()
    assert set(names(live.settings)) == {"11", "13", "14"}
    assert live.troubles == ()


async def test_all_files_gone_at_once_are_more_likely_lost_than_meant(folder: Folder) -> None:
    live = folder.live()
    shutil.rmtree(folder.path / "customers")
    await live.read()
    assert names(live.settings) == UNCHANGED
    (folder.path / "customers").mkdir()
    await live.read()
    assert names(live.settings) == UNCHANGED
    assert live.troubles != ()


async def test_a_renamed_file_is_the_same_customer_also_where_it_is_broken_at_its_new_place(folder: Folder) -> None:
    live = folder.live()
    old, new = folder.path / "customers" / "12.toml", folder.path / "customers" / "acme.toml"
    old.rename(new)
    await live.read()
    assert names(live.settings) == UNCHANGED
    assert live.troubles == ()
    new.write_bytes(b"\xff")
    new.rename(folder.path / "customers" / "zoo.toml")
    for _ in range(2):
        await live.read()
        assert set(names(live.settings)) == set(UNCHANGED)
    assert "zoo.toml" in said(live)


async def test_two_files_of_one_customer_change_nothing_until_one_of_them_goes(folder: Folder) -> None:
    live = folder.live()
    folder.write("12", file="copy.toml", name="Copy")
    await live.read()
    assert names(live.settings) == UNCHANGED
    assert "customer 12 is in customers/12.toml and customers/copy.toml" in said(live)
    (folder.path / "customers" / "12.toml").unlink()
    await live.read()
    assert names(live.settings) == UNCHANGED | {"12": "Copy"}
    assert live.troubles == ()


def test_two_files_of_one_customer_at_the_start_leave_it_out_unless_they_agree(folder: Folder) -> None:
    folder.write("12", file="copy.toml")
    assert names(folder.live().settings) == UNCHANGED
    folder.write("12", file="copy.toml", name="Copy")
    live = folder.live()
    assert set(names(live.settings)) == {"11", "13"}
    assert [each.kept for each in live.troubles] == [False]


async def test_a_broken_main_file_leaves_the_last_good_one_and_lets_customers_change(folder: Folder) -> None:
    live = folder.live()
    (folder.path / "boardsync.toml").write_text("[gateway")
    folder.write("12", name="New")
    await live.read()
    assert names(live.settings) == UNCHANGED | {"12": "New"}
    assert live.settings.gateway.link_secret is not None
    assert "not valid TOML" in said(live)


async def test_a_main_file_that_does_not_go_with_the_customers_is_broken(folder: Folder) -> None:
    folder.write("12", closing_statuses=["9782"])
    live = folder.live()
    folder.write_main(gateway={"listen": "127.0.0.1:1"})
    await live.read()
    assert live.settings.gateway.link_secret is not None
    assert "gateway.link_secret is needed" in said(live)


async def test_a_customer_that_does_not_go_with_the_others_is_broken(folder: Folder) -> None:
    oauth = {"webhook_auth": "oauth", "webhook_user": "one", "client_id": "x", "client_secret": "y"}
    folder.write("11", icims={**oauth, "webhook_secret": "a"})
    live = folder.live()
    folder.write("12", icims={**oauth, "webhook_secret": "b"})
    folder.write("13", name="New")
    await live.read()
    assert names(live.settings) == UNCHANGED | {"13": "New"}
    assert [each.customer_ids for each in live.troubles] == [("12",)]
    assert live.settings.customers[1].icims.webhook_auth == "basic"


async def test_somebody_told_of_a_removed_customer_breaks_nothing(folder: Folder) -> None:
    endpoint = {"name": "ops", "url": "https://example.com/h", "format": "slack", "customers": ["12"]}
    folder.write_main(notifications=[endpoint])
    live = folder.live()
    (folder.path / "customers" / "12.toml").unlink()
    await live.read()
    assert set(names(live.settings)) == {"11", "13"}
    assert live.troubles == ()


async def test_a_single_file_must_be_whole_at_the_start_and_is_taken_apart_later(tmp_path: Path) -> None:
    path, raw = tmp_path / "one.toml", raw_settings(URLS)
    write_toml(path, raw)
    live = Live.open({CONFIG_VARIABLE: str(path)})
    raw["customers"][0]["name"], raw["customers"][1]["boards"] = "New", ["monster"]
    write_toml(path, raw)
    await live.read()
    assert names(live.settings) == {"1234": "New", "5678": "Other Clinics"}
    assert said(live).startswith("one.toml: customers[1]: boards[0]: ")
    with pytest.raises(ConfigurationError, match=r"^customers\[1\]\.boards\[0\]: "):
        Live.open({CONFIG_VARIABLE: str(path)})
    path.write_text("x = ")
    await live.read()
    assert names(live.settings) == {"1234": "New", "5678": "Other Clinics"}


@pytest.mark.parametrize(("written_for", "refused"), [("999.0", False), ("0.0.1", True), (None, True)])
def test_only_a_version_older_than_the_files_passes_over_unknown_keys(
    folder: Folder, written_for: str | None, refused: bool
) -> None:
    folder.write("12", icims={**icims(), "of_tomorrow": True})
    folder.write_main(**({"written_for": written_for} if written_for else {}))
    live = folder.live()
    assert bool(live.troubles) is refused
    assert ("12" not in names(live.settings)) is refused
    assert live.unknown == (() if refused else ("customers/12.toml: icims.of_tomorrow",))


@pytest.mark.parametrize("written_for", ["999.0", None])
def test_a_single_file_of_a_newer_version_is_loaded(tmp_path: Path, written_for: str | None) -> None:
    path = tmp_path / "one.toml"
    newer = {"written_for": written_for} if written_for else {}
    write_toml(path, {**newer, **raw_settings(URLS), "of_tomorrow": {"x": 1}})
    if written_for is None:
        with pytest.raises(ConfigurationError, match="of_tomorrow: unknown key"):
            Live.open({CONFIG_VARIABLE: str(path)})
    else:
        assert Live.open({CONFIG_VARIABLE: str(path)}).unknown == ("of_tomorrow",)


def icims() -> dict[str, str]:
    return {"webhook_auth": "none", "client_id": "x", "client_secret": "y"}


async def test_two_hundred_customers_of_which_two_are_broken_one_is_removed_and_one_added(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number in range(200):
        folder.write(str(1000 + number))
    (tmp_path / "customers" / "1005.toml").write_text("id =")
    live = folder.live()
    assert len(live.settings.customers) == 199
    (tmp_path / "customers" / "1006.toml").write_text('id = "1006"\nboards = []')
    (tmp_path / "customers" / "1007.toml").unlink()
    folder.write("1200")
    await live.read()
    found = set(names(live.settings))
    assert len(found) == 199
    assert {"1006", "1200"} <= found
    assert not {"1005", "1007"} & found
    assert {each.place for each in live.troubles} == {"customers/1005.toml", "customers/1006.toml"}
    assert live.troubles == (ANY, ANY)


async def test_a_process_starts_and_goes_on_without_the_secrets_that_it_leaves_unread(folder: Folder) -> None:
    raw = customer("12", "Customer 12", application=12, organization=12, contract=12)
    elsewhere = {"client_secret": "file:nowhere"}
    folder.write("12", icims=raw["icims"] | elsewhere, indeed=raw["indeed"] | {"client_secret": "env:NOWHERE"})
    live = Live.open(folder.environ, unread=CALLS_BOARDS)
    assert live.troubles == ()
    [read] = [each for each in live.settings.customers if each.id == "12"]
    assert read.icims.client_secret.get_secret_value() == NOT_GIVEN
    assert read.linkedin is not None
    assert read.linkedin.client_secret.get_secret_value() == raw["linkedin"]["client_secret"]
    folder.write_main(timing={"confirm_first": "2s"})
    await live.read()
    assert live.troubles == ()
    assert live.settings.timing.confirm_first.total_seconds() == 2
    assert "nowhere" in said(folder.live())
