"""A provider that answers hardly any call is told from one that refuses, fails now and then, or is not asked."""

import pytest

from activities.answers import LOOKED_BACK, Answers
from models.problems import Category

NO_ANSWER = Category.TEMPORARY.value


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(clock: Clock) -> Answers:
    return Answers(clock=clock)


def note(answers: Answers, *results: str, provider: str = "LinkedIn") -> None:
    for each in results:
        answers.note(provider, each)


def test_a_provider_that_was_not_asked_is_not_silent(answers: Answers) -> None:
    assert not answers.hardly("LinkedIn")


def test_calls_that_are_not_answered_make_a_provider_silent_and_no_other(answers: Answers) -> None:
    note(answers, *3 * [NO_ANSWER])
    assert answers.hardly("LinkedIn")
    assert not answers.hardly("Indeed")


def test_one_call_that_is_not_answered_says_little(answers: Answers) -> None:
    note(answers, NO_ANSWER)
    assert not answers.hardly("LinkedIn")


@pytest.mark.parametrize("refusal", [each.value for each in Category if each is not Category.TEMPORARY])
def test_a_refusal_is_an_answer(answers: Answers, refusal: str) -> None:
    note(answers, *20 * [refusal], *5 * [NO_ANSWER])
    assert not answers.hardly("LinkedIn")


def test_a_provider_that_fails_at_every_other_call_is_not_silent(answers: Answers) -> None:
    note(answers, *50 * [NO_ANSWER, "ok"])
    assert not answers.hardly("LinkedIn")


def test_what_was_answered_before_does_not_hide_that_nothing_is_any_more(answers: Answers, clock: Clock) -> None:
    note(answers, *1_000 * ["ok"])
    for _ in range(10):
        clock.now += LOOKED_BACK
        note(answers, *3 * [NO_ANSWER])
    assert answers.hardly("LinkedIn")


def test_a_provider_that_answers_again_is_silent_no_more(answers: Answers) -> None:
    note(answers, *8 * [NO_ANSWER])
    note(answers, "ok", "ok", "ok")
    assert not answers.hardly("LinkedIn")


def test_what_is_long_ago_counts_no_more(answers: Answers, clock: Clock) -> None:
    note(answers, *8 * [NO_ANSWER])
    clock.now += 10 * LOOKED_BACK
    assert not answers.hardly("LinkedIn")
