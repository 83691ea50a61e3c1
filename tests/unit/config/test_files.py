"""The files of the configuration as people, editors and copies leave them."""

import asyncio
import os

import pytest

from config.live import Live
from config.reading import LARGEST
from tests.unit.config.folders import Folder


def names(live: Live) -> dict[str, str]:
    return {each.id: each.name for each in live.settings.customers}


def said(live: Live) -> str:
    return " | ".join(each.message for each in live.troubles)


async def test_what_would_be_read_for_ever_is_broken(folder: Folder) -> None:
    live = folder.live()
    path = folder.path / "customers" / "12.toml"
    path.unlink()
    os.mkfifo(path)
    folder.write("13", name="New")
    await asyncio.wait_for(live.read(), 10)
    assert names(live) == {"11": "Customer 11", "12": "Customer 12", "13": "New"}
    assert "expected a regular file" in said(live)
    path.unlink()
    path.symlink_to("/dev/zero")
    await asyncio.wait_for(live.read(), 10)
    assert "expected a regular file" in said(live)
    path.unlink()
    path.write_bytes(b"# " + LARGEST * b"x")
    await live.read()
    assert "expected at most" in said(live)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""], ids=["with a mark", "without"])
async def test_a_file_is_read_as_any_editor_writes_it(folder: Folder, mark: bytes) -> None:
    live = folder.live()
    secret = folder.path / "secret.txt"
    secret.write_bytes(mark + b"found-in-a-file\r\n")
    path = folder.write("12", name="New")
    text = path.read_text().replace('"icims-secret-12"', '"file:secret.txt"').replace("\n", "\r\n")
    path.unlink()
    (path.parent / "12.TOML").write_bytes(mark + text.encode())
    await live.read()
    assert live.troubles == ()
    (customer,) = [each for each in live.settings.customers if each.id == "12"]
    assert (customer.name, customer.icims.client_secret.get_secret_value()) == ("New", "found-in-a-file")


async def test_a_file_that_may_be_read_by_now_is_seen_to_have_changed(folder: Folder) -> None:
    path = folder.write("12", name="New")
    live = folder.live()
    before = path.stat()
    path.chmod(0o640)
    assert live._changed()
    await live.read()
    assert not live._changed()
    # A copy in its place that keeps size and time of writing, as `cp --preserve` of another version may.
    path.write_text(path.read_text().replace("New", "Old"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert live._changed()
