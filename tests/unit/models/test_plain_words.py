"""What providers and engineers call things, in plain words."""

import pytest

from models.plain_words import plainly


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("NOT_LISTED", "not listed (NOT_LISTED)"),
        ("LISTED", "listed (LISTED)"),
        ("JobUnpostToWebEvent by 121", "iCIMS took the job off its career site (JobUnpostToWebEvent) by 121"),
        ("signal retry by Ana", "a request to try again (signal retry) by Ana"),
        ("nothing of the overlay is left; posting live", "none of our changes are left; posting live"),
        ("Clear the updates (tracking_url, campaign_categories)", "Clear the updates (tracking link, campaign)"),
        ("ENLISTED people", "ENLISTED people"),
        ("Nurse, nights", "Nurse, nights"),
    ],
)
def test_a_term_is_said_in_plain_words(text: str, plain: str) -> None:
    assert plainly(text) == plain
