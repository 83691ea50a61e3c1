"""A running process follows its files: each change is taken up soon, and none half written."""

import asyncio

import pytest

from config.live import Live
from runtime.beside import beside
from tests.support.lifecycles import eventually
from tests.unit.config.folders import Folder, names, said


async def test_a_secret_in_a_file_of_its_own_is_taken_up_and_its_loss_is_of_one_customer(folder: Folder) -> None:
    secret = folder.path / "12.secret"
    secret.write_text("first")
    folder.write("12", linkedin={**linkedin(), "client_secret": "file:12.secret"})
    live = folder.live()
    async with beside(live.follow()):
        secret.write_text("second\n")
        await eventually(lambda: secret_of(live), lambda found: found == "second")
        secret.unlink()
        folder.write("13", name="New")
        await eventually(lambda: _names(live), lambda found: found["13"] == "New")
    assert await secret_of(live) == "second"
    assert "cannot read the file" in said(live)
    assert "second" not in said(live)


def linkedin() -> dict[str, str]:
    return {
        "client_id": "x",
        "application_urn": "urn:li:developerApplication:1",
        "organization_urn": "urn:li:organization:1",
    }


async def secret_of(live: Live) -> str:
    customer = live.settings.customer("12")
    assert customer is not None
    assert customer.linkedin is not None
    return customer.linkedin.client_secret.get_secret_value()


async def _names(live: Live) -> dict[str, str]:
    return names(live.settings)


async def test_a_file_is_read_only_once_nobody_writes_to_it(folder: Folder) -> None:
    live = Live.open(folder.environ, look_every=0.01, quiet_for=0.2)
    seen: list[str] = []
    live.on_change(lambda settings: seen.append(names(settings)["12"]))
    path = folder.write("12", name="Whole")
    whole = path.read_text()
    async with beside(live.follow()):
        for end in range(0, len(whole), 50):
            path.write_text(whole[:end])
            await asyncio.sleep(0)
        path.write_text(whole)
        await eventually(lambda: _names(live), lambda found: found["12"] == "Whole")
    assert seen == ["Whole"]


async def test_a_file_that_changes_between_two_looks_is_looked_at_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live.open(folder.environ, quiet_for=0)
    looks = [{folder.path: (number, 0, 0, 0)} for number in (1, 2, 3, 3)]
    monkeypatch.setattr(live, "_stamps", lambda: looks.pop(0))
    await live._once_quiet()
    assert looks == []


async def test_sighup_does_not_wait_for_the_next_look(folder: Folder) -> None:
    live = Live.open(folder.environ, look_every=3600, quiet_for=0.01)
    async with beside(live.follow()):
        folder.write("12", name="New")
        live.hurry()
        await eventually(lambda: _names(live), lambda found: found["12"] == "New")
