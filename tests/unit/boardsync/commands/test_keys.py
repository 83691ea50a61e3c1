"""`keys new` makes what each key takes; `keys rotate` says how to go over to it, and tells no present value."""

import json
from pathlib import Path

import pytest

from boardsync.commands.keys import PLACES, Purpose, make, steps_for
from boardsync.exits import CommandFailed
from config.loading import parse_settings
from tests.support.cli import Cli
from tests.support.settings import raw_settings, write_toml

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://127.0.0.1:9")


@pytest.mark.parametrize("purpose", list(PLACES))
def test_what_is_made_fits_where_it_goes(purpose: Purpose) -> None:
    section, key, previous = PLACES[purpose]
    made, older = (make(purpose, "ledger.agency.test")["secret"] for _ in range(2))
    assert made != older
    raw = raw_settings(URLS)
    wanted = raw.setdefault(section, {})
    wanted[key] = [made] if purpose is Purpose.ENCRYPTION else made
    if previous is not None and previous != key:
        wanted[previous] = [older] if purpose is Purpose.STORE else older
    parse_settings(raw, {}, base=Path())


def test_a_ledgers_key_needs_a_name_and_shows_its_public_part() -> None:
    with pytest.raises(CommandFailed, match="--name"):
        make(Purpose.LEDGER)
    with pytest.raises(CommandFailed):
        make(Purpose.LEDGER, "not a name")
    assert make(Purpose.LEDGER, "ledger.agency.test")["public"].startswith("ledger.agency.test+")


def test_steps_name_references_and_hide_values() -> None:
    new = make(Purpose.ENCRYPTION)["secret"]
    first, second, third = steps_for(Purpose.ENCRYPTION, ["file:keys/present", "c2VjcmV0"], new)
    assert 'encryption_keys = ["file:keys/present", (the present value), NEW]' in first
    assert 'encryption_keys = [NEW, "file:keys/present"' in second
    assert "c2VjcmV0" not in first + second + third
    assert steps_for(Purpose.LINK, None, "x")[0] == "Set [gateway] link_secret to the new value."
    assert 'link_previous_secret = "env:LINK"' in steps_for(Purpose.LINK, "env:LINK", "x")[0]


async def test_the_commands(tmp_path: Path) -> None:
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw_settings(URLS))
    cli = Cli({"BOARDSYNC_CONFIG": str(config)})
    assert len((await cli("keys", "new", "link")).stdout.strip()) >= 32
    rotated = await cli("keys", "rotate", "link", "--json")
    assert rotated.code == 0
    assert set(rotated.json) == {"secret", "steps"}
    assert raw_settings(URLS)["gateway"]["link_secret"] not in rotated.stdout
    assert rotated.json["secret"] not in json.dumps(rotated.json["steps"])
    refused = await cli("keys", "rotate", "webhook")
    assert refused.code == 2
    assert "webhook_previous_secret" in refused.stderr
