"""A signal in words."""

import pytest

from boardsync.jobs.signal_sentences import signal_in_words


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("retry", None, "Somebody sent `retry`."),
        ("retry", "Ana", "Ana sent `retry`."),
        ("close", {"by": "Ana", "reason": "filled"}, "Ana sent `close`: filled"),
        ("update", {"by": "Ana", "fields": {"title": "x", "salary": 1}}, "Ana sent `update` of title, salary."),
        ("update", {"fields": ["a"]}, "Somebody sent `update`."),
        ("ats_event", {"event_type": "E", "intent": "posted", "edited": True}, "iCIMS edited the posting (E)."),
        ("ats_event", {"event_type": "E", "hire": {"filled": False}}, "iCIMS took a hire back (E)."),
        ("ats_event", [], "iCIMS sent an event (event of unknown type)."),
        (
            "linkedin_status",
            {"listing": {"status": "NOT_LISTED", "name": "MEMBER_REPORTED"}, "apply": None},
            "LinkedIn notified: listing NOT_LISTED (MEMBER_REPORTED).",
        ),
        ("linkedin_resync", {}, "LinkedIn asked for the job to be sent again."),
        ("indeed_changed", {}, "Indeed said that the job changed."),
        ("frobnicate", {"by": "x"}, "The signal frobnicate came."),
    ],
)
def test_a_signal_is_told_whatever_came_with_it(name: str, said: object, words: str) -> None:
    assert signal_in_words(name, said) == words
