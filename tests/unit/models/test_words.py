"""No words say that the boards are as the ATS wants them, while one does not list the job."""

from datetime import UTC, datetime
from typing import Any

import pytest

from models.lifecycle import (
    Boards,
    BoardState,
    Evidence,
    IndeedRecord,
    Intent,
    Lifecycle,
    LinkedInRecord,
    Outcome,
    Phase,
)
from models.texts import clipped
from models.words import HEADLINES, headline
from workflows.lifecycle.details import details

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
READ = (Evidence(at=AT, asked="Listing status", answered="NOT_LISTED"),)


def lifecycle(linkedin: dict[str, Any], indeed: dict[str, Any] | None = None, **fields: Any) -> Lifecycle:
    boards = Boards(
        linkedin=LinkedInRecord(since=AT, **linkedin),
        indeed=None if indeed is None else IndeedRecord(since=AT, **indeed),
    )
    return Lifecycle(customer_id="1234", job_id="1209", boards=boards, **fields)


LIVE = {"state": BoardState.SETTLED, "outcome": Outcome.LIVE, "evidence": READ}
UNLISTED = {"state": BoardState.IDLE, "evidence": READ}


@pytest.mark.parametrize(
    ("linkedin", "indeed", "expected"),
    [
        (UNLISTED, None, "Posted in the ATS, but not listed on LinkedIn"),
        (UNLISTED, LIVE, "Posted in the ATS, but not listed on LinkedIn"),
        (LIVE, {**UNLISTED, "outcome": Outcome.NOT_FOUND}, "Posted in the ATS, but not listed on Indeed"),
        (UNLISTED, UNLISTED, "Posted in the ATS, but not listed on LinkedIn and Indeed"),
        (LIVE, LIVE, HEADLINES[Phase.OPEN]),
        (LIVE, {**LIVE, "outcome": Outcome.CLEARED}, HEADLINES[Phase.OPEN]),
        ({}, None, HEADLINES[Phase.OPEN]),
    ],
)
def test_the_headline_names_each_board_that_does_not_list_a_posted_job(
    linkedin: dict[str, Any], indeed: dict[str, Any] | None, expected: str
) -> None:
    seen = lifecycle(linkedin, indeed)
    assert headline(seen) == expected
    text = details(seen)
    assert text.startswith(f"### Job 1209: {expected}\n")
    assert ("does not list the job" in text) is (expected != HEADLINES[Phase.OPEN])


@pytest.mark.parametrize("phase", set(Phase) - {Phase.OPEN})
def test_any_other_phase_keeps_its_headline(phase: Phase) -> None:
    assert headline(lifecycle(UNLISTED, phase=phase, intent=Intent.UNPOSTED)) == HEADLINES[phase]


@pytest.mark.parametrize("text", ["", "Ana", "x" * 300, "é" * 400, "\U0001f600" * 100, "\ud83d" * 400, "é\ud83d" * 200])
def test_a_text_is_cut_by_bytes_and_never_within_a_character(text: str) -> None:
    kept = clipped(text)
    assert len(kept.encode(errors="replace")) <= 300
    assert kept == text or kept.endswith("…")
    assert text.encode(errors="replace").decode().startswith(kept.removesuffix("…"))
