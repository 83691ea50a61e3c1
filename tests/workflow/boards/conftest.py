"""What tests of the boards share."""

import pytest


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, refused_for_long: None) -> None:
    """Wait for no turn, and for no company: those waits are by the real clock, which is not a world's."""
    monkeypatch.setattr("clients.rate_limit.WINDOW", 0.001)
    monkeypatch.setattr("clients.gathering.UNHURRIED_WINDOW", 0.0)
