"""What people read in the Temporal Web UI."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boards import Attention, Boards, Evidence, IndeedPosting, IndeedRecord, LinkedInRecord, StatusNote
from models.by_hand import EXAMPLE_INPUT
from models.lifecycle import Lifecycle, Received
from models.problems import Category
from models.states import BoardState, Intent, Live, Outcome, Phase
from models.words import HEADLINES, OUTCOMES, STATES
from workflows.lifecycle.details import details

BAR = "\ue000"
"""Stands for an escaped pipe while a row is split."""

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def lifecycle(linkedin: LinkedInRecord | None = None, indeed: IndeedRecord | None = None) -> Lifecycle:
    return Lifecycle(
        customer_id="1234",
        job_id="1209",
        intent=Intent.UNPOSTED,
        phase=Phase.CLOSING,
        boards=Boards(linkedin=linkedin, indeed=indeed),
    )


def evidence(answered: str) -> Evidence:
    return Evidence(at=AT, asked="Listing status", answered=answered)


def rows(markdown: str) -> list[list[str]]:
    """Read the rows of the table, as Markdown does: lines end at any line break, cells at a bare pipe."""
    lines = re.split(r"\r\n|\n|\r", markdown)
    table = [re.sub(r"\\([\\|])", _hidden, line) for line in lines if line.startswith("|")]
    return [[cell.replace(BAR, "|") for cell in line.split("|")[1:-1]] for line in table[2:]]


def _hidden(escaped: re.Match[str]) -> str:
    return BAR if escaped[1] == "|" else escaped[1]


def test_each_board_has_a_row() -> None:
    linkedin = LinkedInRecord(state=BoardState.CONFIRMING, since=AT, evidence=(evidence("old"), evidence("LISTED")))
    indeed = IndeedRecord(state=BoardState.SETTLED, outcome=Outcome.CLEARED, since=AT)
    found = [[cell.strip() for cell in row] for row in rows(details(lifecycle(linkedin, indeed)))]
    when = "2026-11-22 10:30:00 UTC"
    assert found == [
        ["LinkedIn", "waiting for proof", f"Listing status: LISTED ({when})"],
        ["Indeed", "done: cleared: none of our changes are left", "no answer recorded yet"],
    ]


def test_a_board_not_used_has_no_row() -> None:
    assert [row[0].strip() for row in rows(details(lifecycle(indeed=IndeedRecord(since=AT))))] == ["Indeed"]


@pytest.mark.parametrize("said", ["a|b", "a\nb", "a\r\nb", "a\rb", "|\n|", "a\\|b", "\\", "| x | y |"])
def test_what_a_board_said_cannot_break_the_table(said: str) -> None:
    (row,) = rows(details(lifecycle(LinkedInRecord(since=AT, evidence=(evidence(said),)))))
    assert len(row) == 3
    assert row[2] == f" Listing status: {' '.join(said.splitlines())} (2026-11-22 10:30:00 UTC) "


@given(st.text(max_size=60))
def test_whatever_a_board_says_its_row_has_three_cells(said: str) -> None:
    (row,) = rows(details(lifecycle(LinkedInRecord(since=AT, evidence=(evidence(said),)))))
    assert len(row) == 3


def test_attention_and_remedy_are_shown_and_what_is_awaited_is_not() -> None:
    attention = Attention(reason="Another advertiser.", category=Category.CLAIMED, remedy="Have it cleared.", since=AT)
    track = IndeedRecord(state=BoardState.ATTENTION, since=AT, attention=attention, awaiting="the next read")
    text = details(lifecycle(indeed=track))
    assert "**Indeed needs a person** since 2026-11-22 10:30:00 UTC." in text
    assert "- What happened: Another advertiser." in text
    assert "- What to do: Have it cleared." in text
    assert "the next read" not in text
    assert "goes on trying" not in text


def in_attention(remedy: str) -> Lifecycle:
    attention = Attention(reason="r", category=Category.STILL_SHOWN, remedy=remedy, since=AT)
    return lifecycle(LinkedInRecord(since=AT, attention=attention))


def test_each_signal_that_the_remedy_names_comes_with_its_input_and_command() -> None:
    text = details(in_attention("Close it and send `confirm`, or send `retry`."), namespace="boards")
    for signal in ("confirm", "retry"):
        assert f"- To send `{signal}`: More Actions, Send a Signal, with this input: `{EXAMPLE_INPUT}`" in text
        command = f"temporal workflow signal --namespace boards --workflow-id job-1234-1209 --name {signal} --input '"
        assert f"- Or in a terminal: `{command}{EXAMPLE_INPUT}'`" in text


def test_where_no_signal_is_needed_retry_is_offered() -> None:
    text = details(in_attention("Boardsync tries again by itself."))
    assert "- No signal is needed. `retry` tries at once." in text
    assert "--name retry" in text


def test_what_a_person_asked_is_not_shown_as_the_boards_answer() -> None:
    note = Evidence(at=AT, asked="Signal retry", answered="by Ana", by_hand=True)
    (row,) = rows(details(lifecycle(LinkedInRecord(since=AT, evidence=(evidence("LISTED"), note)))))
    assert "LISTED" in row[2]


def test_it_is_said_that_boardsync_goes_on_trying() -> None:
    attention = Attention(reason="r", category=Category.TEMPORARY, remedy="m", since=AT, retrying=True)
    assert "- Boardsync goes on trying meanwhile." in details(lifecycle(LinkedInRecord(since=AT, attention=attention)))


def test_what_linkedin_says_beside_the_listing_is_shown() -> None:
    blocked = StatusNote(status="NOT_ENABLED", meaning="LinkedIn Apply is off.", remedy="Mend the\nwebhook.")
    promoted = StatusNote(status="PROMOTED", meaning="The job is promoted.")
    listed = StatusNote(status="LISTED", meaning="Members see the job.")
    page = "https://www.linkedin.com/jobs/view/1"
    record = LinkedInRecord(since=AT, url=page, listing=listed, apply=blocked, promotion=promoted, reopened=2)
    text = details(lifecycle(record))
    assert "Listing on LinkedIn: LISTED. Members see the job.\n" in text
    assert "LinkedIn Apply: NOT_ENABLED. LinkedIn Apply is off. Mend the webhook.\n" in text
    assert "Promotion on LinkedIn: PROMOTED. The job is promoted.\n" in text
    assert f"[See the job on LinkedIn](<{page}>)" in text
    assert "LinkedIn listed the job again after it was closed: 2 time(s)." in text


def test_what_is_awaited_and_whether_the_posting_lives_are_shown() -> None:
    text = details(
        lifecycle(
            LinkedInRecord(since=AT, awaiting="the task's result"),
            IndeedRecord(since=AT, postings=(IndeedPosting(id="i", live=Live.LIVE),)),
        )
    )
    assert "Next on LinkedIn: the task's result." in text
    assert "The posting itself is still live on Indeed" in text


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize(("intent", "wish"), [(Intent.POSTED, "**posted**"), (Intent.UNPOSTED, "**taken down**")])
def test_the_head_tells_phase_and_wish(phase: Phase, intent: Intent, wish: str) -> None:
    text = details(Lifecycle(customer_id="1234", job_id="1209", intent=intent, phase=phase))
    assert text.startswith(f"### Job 1209: {HEADLINES[phase]}\n")
    assert f"The ATS (customer 1234) wants this job {wish}." in text


def test_the_last_event_is_shown() -> None:
    received = (Received(at=AT, what="first"), Received(at=AT + timedelta(hours=1), what="JobUnpostToWebEvent"))
    text = details(lifecycle().model_copy(update={"received": received}))
    assert text.endswith("Last heard: JobUnpostToWebEvent, 2026-11-22 11:30:00 UTC.")
    assert "first" not in text


@pytest.mark.parametrize(
    ("words", "kind"),
    [(HEADLINES, Phase), (STATES, BoardState), (OUTCOMES, Outcome)],
    ids=["phase", "state", "outcome"],
)
def test_there_are_words_for_every_value(words: dict[object, str], kind: type) -> None:
    assert set(words) == set(kind)  # type: ignore[call-overload]


def test_that_icims_could_not_be_told_is_said_with_the_time_of_the_next_try() -> None:
    failed = lifecycle().model_copy(update={"report_failed": "iCIMS's quota\nis used up.", "report_after": AT})
    assert "iCIMS was not told how the boards stand: iCIMS's quota is used up. " in details(failed)
    assert "It is told again at 2026-11-22 10:30:00 UTC." in details(failed)
    assert "was not told" not in details(lifecycle())
