"""What the job's page says, and that nothing on it is markup but the page's own."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import words
from models.boards import Attention, Boards, Evidence, IndeedPosting, IndeedRecord, LinkedInRecord
from models.lifecycle import Lifecycle, Received
from models.problems import Category
from models.states import BoardName, BoardState, Intent, Live, Outcome, Phase
from webhook_gateway.pages.page import TEMPLATES
from webhook_gateway.pages.view import (
    NO_DETAILS,
    REFRESH_LATER,
    STOPPED,
    TONES,
    Frame,
    Moment,
    Page,
    full_page,
    partial_page,
)

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FRAME = Frame(job_id="1209", customer="Example Health", read_at=AT)
LIVE_POSTING = (IndeedPosting(id="i", live=Live.LIVE),)


def attention(reason: str = "No slots.", remedy: str = "Free one, then send `retry`.", **more: Any) -> Attention:
    return Attention(reason=reason, category=Category.OUT_OF_SLOTS, remedy=remedy, since=AT, **more)


def lifecycle(phase: Phase = Phase.CLOSING, **more: Any) -> Lifecycle:
    fields = {"customer_id": "1234", "job_id": "1209", "intent": Intent.UNPOSTED, "phase": phase, **more}
    return Lifecycle.model_validate(fields)


def render(page: Page) -> str:
    return TEMPLATES.get_template("job.html").render(page=page, refresh=page.refresh)


class Outline(HTMLParser):
    """The tags with their attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_used_board_is_shown_with_state_outcome_and_evidence_newest_first() -> None:
    evidence = tuple(
        Evidence(at=AT + timedelta(minutes=n), asked="Listing status", answered=said, ids={"task": f"t{n}", "new": "x"})
        for n, said in enumerate(["LISTED", "NOT_LISTED"])
    )
    linkedin = LinkedInRecord(state=BoardState.SETTLED, outcome=Outcome.CLOSED, since=AT, evidence=evidence)
    (board,) = full_page(lifecycle(boards=Boards(linkedin=linkedin)), FRAME).boards
    assert (board.label, board.tone, board.state) == ("LinkedIn", "done", "done")
    assert board.outcome == "closed: no longer listed"
    assert [each.answered for each in board.evidence] == ["NOT_LISTED", "LISTED"]
    assert board.evidence[0].ids == [("Task", "t1"), ("new", "x")]
    assert board.evidence[0].at == Moment(date="2026-11-22", clock="10:31:00 UTC", iso="2026-11-22T10:31:00Z")


def test_times_of_other_zones_are_shown_in_utc() -> None:
    at = AT.astimezone(timezone(timedelta(hours=-5)))
    assert Moment.of(at) == Moment(date="2026-11-22", clock="10:30:00 UTC", iso="2026-11-22T10:30:00Z")


def test_what_is_awaited_and_whether_the_posting_lives_are_shown() -> None:
    boards = Boards(
        linkedin=LinkedInRecord(since=AT, state=BoardState.CONFIRMING, awaiting="LinkedIn is read"),
        indeed=IndeedRecord(since=AT, state=BoardState.SETTLED, postings=LIVE_POSTING),
    )
    text = Outline(render(full_page(lifecycle(boards=boards), FRAME))).text
    assert "LinkedIn is read." in text
    assert "The posting itself is still live on Indeed" in text
    assert "waiting for proof" in text


def test_needs_of_the_job_come_before_those_of_its_boards() -> None:
    boards = Boards(
        indeed=IndeedRecord(since=AT, state=BoardState.ATTENTION, attention=attention(retrying=True)),
        linkedin=LinkedInRecord(since=AT),
    )
    page = full_page(lifecycle(Phase.ATTENTION, attention=attention("A hire was taken back."), boards=boards), FRAME)
    assert [(need.subject, need.reason) for need in page.needs] == [
        ("This job", "A hire was taken back."),
        ("Indeed", "No slots."),
    ]
    html = render(page)
    assert "Free one, then send <code>retry</code>." in html
    assert html.count("Boardsync goes on trying meanwhile.") == 1


def test_the_web_ui_is_linked_only_where_it_is_configured() -> None:
    asking = lifecycle(Phase.ATTENTION, attention=attention())
    linked = Frame(job_id="1209", customer="E", read_at=AT, ui_link="http://ui.example.com/w?a=1&b=2")
    html = render(full_page(asking, linked))
    assert html.count('href="http://ui.example.com/w?a=1&amp;b=2" rel="noopener noreferrer"') == 2
    assert "Web UI" not in render(full_page(asking, FRAME))


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [(Phase.CLOSING, 10), (Phase.UPDATING, 10), (Phase.ATTENTION, 10), (Phase.OPEN, 60), (Phase.CLOSED, None)],
)
def test_the_page_renews_itself_as_often_as_things_change(phase: Phase, seconds: int | None) -> None:
    html = render(full_page(lifecycle(phase), FRAME))
    meta = f'<meta http-equiv="refresh" content="{seconds}">'
    assert (meta in html) == (seconds is not None)
    assert ("http-equiv" in html) == (seconds is not None)
    assert ("the page no longer changes" in html) == (seconds is None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, None),
        ({"hires": ("a",)}, "1"),
        ({"hires": ("a",), "hires_needed": 3}, "1 of 3 needed"),
        ({"hires": ("a",), "hires_needed": 1, "closed_by_hires": True}, "1 of 1 needed: this is why"),
    ],
)
def test_hires_are_counted_in_words(fields: dict[str, Any], said: str | None) -> None:
    hires = full_page(lifecycle(**fields), FRAME).hires
    assert hires is None if said is None else hires is not None and hires.startswith(said)


def test_a_page_renews_itself_until_icims_was_told() -> None:
    ended = lifecycle(Phase.CLOSED)
    assert full_page(ended, FRAME).refresh is None
    assert full_page(ended.model_copy(update={"report_due": True}), FRAME).refresh == REFRESH_LATER


def test_it_is_said_that_icims_could_not_be_told() -> None:
    html = render(full_page(lifecycle(report_failed="iCIMS <refused> it."), FRAME))
    assert "iCIMS &lt;refused&gt; it." in html


def test_what_was_heard_is_shown_newest_first_with_who_and_why() -> None:
    received = (
        Received(at=AT, what="JobUnpostToWebEvent", by="121", count=3),
        Received(at=AT, what="signal retry", by="Ana", reason="slots bought"),
    )
    page = full_page(lifecycle(received=received), FRAME)
    assert [each.text for each in page.heard] == ["signal retry by Ana", "JobUnpostToWebEvent by 121, 3 times"]
    assert "A request to try again (signal retry) by Ana: slots bought" in Outline(render(page)).text


def test_a_stopped_lifecycle_is_not_said_to_be_going_on() -> None:
    stopped = Frame(job_id="1209", customer="E", read_at=AT, stopped=True)
    for page in (full_page(lifecycle(), stopped), partial_page(Phase.CLOSING, {}, stopped)):
        assert page.headline == "Stopped"
        assert "Being taken down" not in render(page)
        assert STOPPED in Outline(render(page)).text


def test_without_details_what_is_known_is_said_and_no_more() -> None:
    page = partial_page(Phase.CLOSING, {BoardName.INDEED: BoardState.WORKING}, FRAME)
    outline = Outline(render(page))
    assert NO_DETAILS in outline.text
    assert "Being taken down" in outline.text
    assert "LinkedIn" not in outline.text
    assert "No answer" not in outline.text  # which would be said of evidence that is only out of reach
    assert render(partial_page(None, {}, FRAME))


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("state", BoardState)
def test_every_state_has_a_heading_a_word_and_a_sign_beside_its_colour(phase: Phase, state: BoardState) -> None:
    page_boards = Boards(indeed=IndeedRecord(since=AT, state=state))
    page = full_page(lifecycle(phase, boards=page_boards), FRAME)
    outline = Outline(render(page))
    assert [tag for tag, _ in outline.tags].count("h1") == 1
    assert words.headline(lifecycle(phase, boards=page_boards)) in outline.text
    assert words.STATES[state] in outline.text
    assert TONES[phase]
    assert TONES[state]


@pytest.mark.parametrize(
    ("found", "kind"),
    [(words.HEADLINES, Phase), (words.STATES, BoardState), (words.OUTCOMES, Outcome), (words.INTENTS, Intent)],
)
def test_there_are_words_for_every_value(found: dict[object, str], kind: type[StrEnum]) -> None:
    assert set(found) == set(kind)
    assert not any(set("*<`") & set(text) for text in found.values())


def with_text(said: str) -> Lifecycle:
    evidence = Evidence(at=AT, asked=said, answered=said, ids={said: said})
    asked = attention(said, said)
    return lifecycle(
        attention=asked,
        report_failed=said,
        boards=Boards(
            linkedin=LinkedInRecord(since=AT, attention=asked, evidence=(evidence,), awaiting=said),
            indeed=IndeedRecord(since=AT, postings=LIVE_POSTING, awaiting=said, evidence=(evidence,)),
        ),
        received=(Received(at=AT, what=said, by=said, reason=said),),
    )


MARKUP = st.text(alphabet=st.sampled_from("<>&\"'/=!-{}%# \nscriptonerrorxé\u202e\ud800\0"), min_size=1, max_size=60)
PLAIN = Outline(render(full_page(with_text("plain"), FRAME))).tags


@given(MARKUP)
def test_whatever_a_board_or_a_person_says_adds_no_tag_and_no_attribute(said: str) -> None:
    frame = Frame(job_id="1209", customer=said, read_at=AT, ui_link=None)
    html = render(full_page(with_text(said), frame))
    assert Outline(html).tags == PLAIN


@pytest.mark.parametrize(
    "said",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></head><body onload=alert(1)>",
        "{{ 7 * 7 }}{% raw %}",
        "<!--",
        "]]>",
        "&lt;script&gt;",
        "javascript:alert(1)",
    ],
)
def test_markup_is_shown_as_it_was_said(said: str) -> None:
    outline = Outline(render(full_page(with_text(said), FRAME)))
    assert outline.tags == PLAIN
    assert outline.text.count(said) >= 8
