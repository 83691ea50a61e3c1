"""Many customers whose configuration changes: `python -m benchmarks.customers` in short."""

from pathlib import Path

import pytest

from benchmarks.customers import drill


@pytest.mark.timeout(400)
async def test_changes_of_the_configuration_lose_nothing_and_harm_nobody(tmp_path: Path) -> None:
    figures = await drill(customers=8, closes=14, workers=1, folder=tmp_path)
    assert figures.acknowledged >= 14
    assert figures.closed == figures.acknowledged
    assert (figures.foreign, figures.died, figures.broken) == (0, 0, 2)
    assert "is not in the configuration: its jobs wait" in figures.paused
