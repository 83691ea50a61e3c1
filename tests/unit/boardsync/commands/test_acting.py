"""The fields that a command line sets."""

from pathlib import Path

import pytest

from boardsync.commands.acting import read_fields
from boardsync.exits import CommandFailed


def test_fields_are_text_unless_they_are_said_to_be_json(tmp_path: Path) -> None:
    file = tmp_path / "fields.json"
    file.write_text('{"title": "of the file", "salary": {"currency": "USD"}}')
    assert read_fields(["title=a=b", "positions:=2", "empty="], file) == {
        "title": "a=b", "salary": {"currency": "USD"}, "positions": 2, "empty": "",
    }  # fmt: skip
    file.write_text("[1]")
    with pytest.raises(CommandFailed, match="holds no JSON object"):
        read_fields([], file)
