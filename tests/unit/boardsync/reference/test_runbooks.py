"""Every category of attention has its runbook, and no runbook says anything else than the code."""

import pytest

from boardsync.reference.messages import OPEN, PAGE, Message, messages, render
from models.by_hand import signals_named
from models.problems import Category
from tests.support.runbooks import PARTS, Runbook, runbooks

BOOKS = {book.heading: book for book in runbooks()}


def test_every_category_has_a_runbook_and_there_is_none_without_a_category() -> None:
    assert [book.heading for book in runbooks()] == [category.value for category in Category]


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS.keys())
def test_a_runbook_says_what_you_see_why_what_to_do_and_how_you_know_that_it_is_over(book: Runbook) -> None:
    at = [book.text.find(f"\n{part}") for part in PARTS]
    assert -1 not in at
    assert at == sorted(at)
    assert book.commands("Try it")
    assert book.commands("End it")


def test_the_words_of_the_code_stand_in_the_page_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert render() == page, "run `make docs`"


def test_every_category_can_happen_and_its_remedies_are_known() -> None:
    for category, said in messages().items():
        assert said, f"no problem of the category {category}"
        assert all(message.remedy.replace(OPEN, "").strip() for message in said)


def test_the_words_are_found_in_every_form_in_which_the_code_has_them() -> None:
    said = messages()
    (claimed,) = said[Category.CLAIMED]
    assert claimed.reason == "Another advertiser, or the employer in Indeed's own pages, has changed this job."
    assert (
        Message(
            f"Indeed does not list a job {OPEN} yet.",
            "Check that the ATS's feed sends the job to Indeed, and job_posting_id in [customers.indeed]; "
            "Boardsync goes on looking.",
        )
        in said[Category.NOT_TAKEN]
    )
    assert any("LinkedIn still shows the job" in message.reason for message in said[Category.STILL_SHOWN])


@pytest.mark.parametrize("category", Category)
def test_the_steps_name_every_signal_that_the_remedies_ask_for(category: Category) -> None:
    asked = {signal for message in messages()[category] for signal in signals_named(message.remedy)}
    assert asked <= set(signals_named(BOOKS[category.value].steps))
