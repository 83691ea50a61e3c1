"""A folder with three customers, as the tests of what is read of it begin."""

from pathlib import Path

import pytest

from tests.unit.config.folders import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    for id_ in ("11", "12", "13"):
        folder.write(id_)
    return folder
