"""What people send by hand: read as they write it, written out to be copied."""

import json
import shlex

import pytest
from pydantic import ValidationError
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from models.by_hand import signal_command, signals_named
from models.events import ManualAction
from runtime.failures import data_converter


@pytest.mark.parametrize(
    ("said", "by", "reason"),
    [
        (None, None, None),
        ("", None, None),
        ("  ", None, None),
        ({}, None, None),
        ({"by": None, "reason": None}, None, None),
        ({"by": "", "reason": ""}, None, None),
        ({"by": "Ana"}, "Ana", None),
        ({"reason": " slots bought "}, None, "slots bought"),
        ({"by": "Ana", "reason": "slots bought", "ticket": 7}, "Ana", "slots bought"),
        (" Ana ", "Ana", None),
        ('{"by": "Ana", "reason": null}', "Ana", None),
    ],
)
def test_an_action_is_read_as_people_write_it(said: object, by: str | None, reason: str | None) -> None:
    action = ManualAction.model_validate(said)
    assert (action.by or None, action.reason) == (by, reason)


WRONG = [0, 1.5, True, [], ["Ana"], {"by": 1}, {"by": {}}, {"reason": "x" * 2001}, "{by: Ana}", "x" * 201]


@pytest.mark.parametrize("said", WRONG)
def test_what_says_something_else_is_wrong(said: object) -> None:
    with pytest.raises(ValidationError):
        ManualAction.model_validate(said)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (ManualAction(), "by hand"),
        (ManualAction(by="Ana"), "by Ana"),
        (ManualAction(reason="slots bought"), "by hand: slots bought"),
        (ManualAction(by="Ana", reason="slots bought"), "by Ana: slots bought"),
    ],
)
def test_an_action_in_words(action: ManualAction, words: str) -> None:
    assert action.words == words


def test_the_signals_of_a_remedy_are_found_in_its_order() -> None:
    assert signals_named("Close it by hand and send `confirm`; or send `retry`, then `retry` again.") == (
        "confirm",
        "retry",
    )
    assert signals_named("Set `job_posting_id` and wait.") == ()


def test_a_command_can_be_pasted_into_a_shell() -> None:
    words = shlex.split(signal_command("1234", "1209", "retry", namespace="boards.acct"))
    assert words[:3] == ["temporal", "workflow", "signal"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options["--namespace"] == "boards.acct"
    assert options["--workflow-id"] == "job-1234-1209"
    assert options["--name"] == "retry"
    assert set(json.loads(options["--input"])) == {"by", "reason"}
    assert "--namespace" not in signal_command("1234", "1209", "retry")


def converted(error: Exception) -> Failure:
    failure = Failure()
    try:
        raise error
    except type(error) as raised:
        data_converter.failure_converter.to_failure(raised, data_converter.payload_converter, failure)
    return failure


def test_a_failure_that_speaks_for_itself_has_no_stack_trace_and_a_bug_has_one() -> None:
    assert converted(ApplicationError("no slots", type="out_of_slots")).stack_trace == ""
    assert "converted" in converted(ValueError("a bug")).stack_trace
    assert "converted" in converted(ApplicationError("of another kind", type="other")).stack_trace
