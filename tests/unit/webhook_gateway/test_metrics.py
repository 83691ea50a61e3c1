"""What became of an event is counted, told once, and never by words from outside."""

import logging

import pytest
from prometheus_client import REGISTRY

from runtime.logs import Seldom
from tests.support.metrics import alerts
from webhook_gateway.metrics import NOT_TAKEN, RESULTS, TYPES, counting, logger
from webhook_gateway.requests import BadRequest, Fault, HungUp, Refused, Unauthorized


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"{name}_total", labels)


def test_every_result_is_there_from_the_start_so_that_the_first_one_is_an_increase() -> None:
    for sender, types in TYPES.items():
        for kind in types:
            for result in (*RESULTS[sender], *NOT_TAKEN):
                assert value("boardsync_webhook_events", sender=sender, type=kind, result=result) is not None


def test_one_refusal_is_an_alert_though_its_counter_begins_at_one() -> None:
    (refused,) = [each for each in alerts() if each["alert"] == "EventRefused"]
    metric = "boardsync_webhook_refusals_total"
    assert f"unless {metric}" in refused["expr"]
    assert "offset 15m" in refused["expr"]
    assert "for" not in refused


def test_a_refusal_is_counted_and_logged_by_customer_type_and_reason(caplog: pytest.LogCaptureFixture) -> None:
    labels = {"sender": "icims", "customer": "1234", "type": "unpost", "reason": "field"}
    before = value("boardsync_webhook_refusals", **labels) or 0.0
    with counting("icims") as seen:
        seen.customer, seen.type, seen.authenticated = "1234", "unpost", True
        seen.refuse(BadRequest(Fault.FIELD, "systemId is missing"))
    assert value("boardsync_webhook_refusals", **labels) == before + 1
    (line,) = caplog.messages
    assert line == "refused an event of icims: customer 1234, type unpost: systemId is missing"


@pytest.mark.parametrize("refused", [Unauthorized("X-LI-Signature is wrong"), BadRequest(Fault.TOO_SLOW, "too slow")])
def test_refusals_of_nobody_are_told_a_few_times_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setattr("webhook_gateway.metrics._seldom", Seldom(logger, clock=lambda: 0.0))
    for _ in range(50):
        with counting("linkedin") as seen:
            seen.refuse(refused)
    assert 0 < len(caplog.messages) <= 10
    assert {each.levelno for each in caplog.records} == {logging.WARNING}


@pytest.mark.parametrize(("error", "result"), [(HungUp(), "hung_up"), (ValueError(), "failed")])
def test_a_sender_that_goes_away_is_not_our_failure(error: Exception, result: str) -> None:
    labels = {"sender": "indeed", "type": "unknown", "result": result}
    before = value("boardsync_webhook_events", **labels)
    assert before is not None
    with pytest.raises(type(error)), counting("indeed"):
        raise error
    assert value("boardsync_webhook_events", **labels) == before + 1
