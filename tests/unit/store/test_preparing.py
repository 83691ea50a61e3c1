"""Tables are made once by whoever asks first, and nobody who gives up asking leaves the file locked."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from store.admin import backup
from store.database import Store
from store.errors import StoreUnavailable
from store.preparing import Preparing
from store.revisions import NEWEST, is_current
from tests.support.processes import ROOT


async def test_who_gives_up_in_the_middle_leaves_the_store_usable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    for turns in range(0, 60, 2):
        async with Store(url, timeout=30) as store:
            preparing = Preparing(store, url)
            asking = asyncio.create_task(preparing.done())
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait({asking})
            await preparing.stop()
    async with Store(url, timeout=5) as store:
        await Preparing(store, url).done()
        async with store.writing() as connection:
            await connection.execute(text("DELETE FROM jobs"))


async def test_a_store_that_cannot_be_prepared_is_tried_again_when_it_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the way")
    url = f"sqlite:///{tmp_path}/folder/store.db"
    async with Store(url, timeout=5) as store:
        preparing = Preparing(store, url)
        with pytest.raises(StoreUnavailable):
            await preparing.done()
        (tmp_path / "folder").unlink()
        await preparing.done()
        await preparing.stop()


async def test_a_store_that_is_current_is_not_migrated_again_though_another_one_writes(migrated_file: Path) -> None:
    url = f"sqlite:///{migrated_file}"
    async with Store(url, timeout=30) as writer, Store(url, timeout=30) as store, writer.writing():
        await asyncio.wait_for(Preparing(store, url).done(), 20)


async def test_a_backup_that_was_put_back_is_used_by_many_at_once_again(migrated_file: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    await backup(f"sqlite:///{migrated_file}", tmp_path / "store.db")
    async with Store(url, timeout=30) as store:
        assert not await is_current(store)
        await Preparing(store, url).done()
        assert await is_current(store)


def test_the_newest_revision_is_that_of_the_steps() -> None:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_a_worker_and_a_gateway_load_no_steps_before_they_need_them() -> None:
    program = "import sys, worker, webhook_gateway.app; print('alembic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert said.stdout.strip() == "False"
