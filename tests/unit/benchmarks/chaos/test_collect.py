"""Secrets that were kept anywhere are found, and a search that sees nothing at all is known by its canary."""

from pathlib import Path

import pytest

from benchmarks.chaos.collect import search, secrets_in


@pytest.mark.parametrize(
    "text",
    [
        b"... hunter-of-secrets ...",
        b"Bearer linkedin-AbCdEfGhIjKlMnOpQrStUvWxYz012345 ",
        b'"person": "99887500000001"',
        b"x" * (1 << 20) + b" hunter-of-secrets",
        b"y" * ((1 << 20) - 8) + b"hunter-of-secrets",
    ],
)
def test_secrets_tokens_and_candidates_are_found_wherever_they_are(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "temporal.db"
    file.write_bytes(text + b" the canary")
    found, seen = search([file], {"gateway.link_secret": b"hunter-of-secrets"}, b"the canary")
    assert len(found) == 1
    assert seen


def test_what_is_named_after_a_board_is_no_token_and_a_blind_search_shows(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"indeed-1234-aaaaaaaaaaaaaaaaaaaaaaaaaaa linkedin-endpoint-health")
    assert search([file], {}, b"the canary") == ([], False)


def test_the_secrets_of_a_configuration_are_found_at_every_depth() -> None:
    raw = {
        "gateway": {"link_secret": "a"},
        "store": {"key": "b", "url": "sqlite:///x"},
        "customers": [{"linkedin": {"client_id": "i", "client_secret": "c"}}],
    }
    assert sorted(secrets_in(raw).values()) == [b"a", b"b", b"c"]
