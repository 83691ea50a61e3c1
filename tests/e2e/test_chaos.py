"""Every part breaks at random, in short: `make chaos` is the long form."""

import pytest

from benchmarks.chaos.running import Size, chaos
from benchmarks.chaos.table import rows

SHORT = Size(minutes=0.2, at_once=6, events=12)
SEED = 573
"""Draws a kill, a silent line, a full disk and a deploy, and no lie: a person is asked of one only after minutes."""


@pytest.mark.timeout(300)
async def test_whatever_breaks_no_invariant_does() -> None:
    found = await chaos(SEED, SHORT)
    assert found.violations == (), rows([found])
    assert sum(found.acknowledged.values()) > 20
    assert found.faults
    assert found.boards
    assert found.receipts > 0
