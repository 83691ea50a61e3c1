"""Webhooks out, as values: settings that keep secrets, the signed request, Slack's form, what an answer means."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from clients.http import Response
from clients.notifications.protocol import notice_request, read_answer, slack_message, standard_message
from config.loading import ConfigurationError, parse_settings
from config.notifications import RETRY_AFTER
from config.settings import Settings
from models.boards import Attention
from models.notice_types import JobNoticeType, NoticeType
from models.notices import BoardStands, CheckpointNotice, DeliveryResult, JobNotice, WebhookNotice
from models.problems import Category
from models.states import BoardName, BoardState, Intent, Outcome, Phase
from tests.support.receiver import SIGNING_KEY
from tests.support.settings import raw_settings

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://127.0.0.1:1")
ENDPOINT = {"name": "ops", "url": "https://example.com/hooks", "secret": SIGNING_KEY}


def settings(*endpoints: dict[str, Any]) -> Settings:
    return parse_settings({**raw_settings(URLS), "notifications": list(endpoints)}, {}, base=Path())


def notice(kind: JobNoticeType = NoticeType.ATTENTION, reason: str = "no slots", remedy: str = "Buy one.") -> JobNotice:
    attention = Attention(reason=reason, category=Category.OUT_OF_SLOTS, remedy=remedy, since=AT)
    return JobNotice(
        id="msg_1",
        type=kind,
        at=AT,
        customer_id="1234",
        job_id="1209",
        intent=Intent.UNPOSTED,
        phase=Phase.ATTENTION,
        boards={"linkedin": BoardStands(state=BoardState.ATTENTION, outcome=Outcome.CLOSED, since=AT)},
        board=BoardName.LINKEDIN if kind is NoticeType.ATTENTION else None,
        attention=attention if kind is NoticeType.ATTENTION else None,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "http://example.com/hooks"}, "notifications[0].url: expected https, unless the host is this machine"),
        ({"url": "http://127.0.0.1.example.com/"}, "notifications[0].url: expected https"),
        ({"url": "ftp://example.com/"}, "notifications[0].url: expected an address such as"),
        ({"url": "example.com/hooks"}, "notifications[0].url: expected an address such as"),
        ({"url": "https://example.com:hunter2/"}, "notifications[0].url: expected an address such as"),
        ({"secret": "hunter2"}, "notifications[0].secret: expected whsec_ and base64 of 24 to 64 bytes"),
        ({"secret": "whsec_" + base64.b64encode(b"short").decode()}, "notifications[0].secret: expected whsec_"),
        ({"secret": "whsec_not base64"}, "notifications[0].secret: expected whsec_"),
        ({"secret": None}, 'notifications[0]: format "standard" needs a secret'),
        ({"events": []}, "notifications[0].events: Tuple should have at least 1 item"),
        ({"events": ["job.opened"]}, "notifications[0].events[0]: Input should be 'job.closed', 'job.attention'"),
        ({"customers": ["99"]}, "notifications names the customer 99, who is not configured"),
        ({"name": "Ops!"}, "notifications[0].name: String should match pattern"),
        ({"to": "me"}, "notifications[0].to: unknown key"),
    ],
)
def test_a_wrong_endpoint_is_refused_with_its_key_and_without_its_secrets(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        settings({**ENDPOINT, **change})
    assert str(refused.value).startswith(message)
    assert "hunter2" not in str(refused.value)


def test_two_endpoints_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="lists the name ops twice"):
        settings(ENDPOINT, ENDPOINT)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
def test_this_machine_may_be_told_without_tls(host: str) -> None:
    assert settings({**ENDPOINT, "url": f"http://{host}:9000/hooks"}).notifications[0].name == "ops"


def test_who_is_told_of_whom() -> None:
    given_settings = settings({**ENDPOINT, "customers": ["5678"], "events": ["job.closed"]})
    (endpoint,) = given_settings.notifications
    assert endpoint.wants(NoticeType.CLOSED, "5678")
    assert not endpoint.wants(NoticeType.CLOSED, "1234")
    assert not endpoint.wants(NoticeType.ATTENTION, "5678")
    assert given_settings.notices_of("5678") == (NoticeType.CLOSED,)
    assert given_settings.notices_of("1234") == ()
    assert settings().notices_of("1234") == ()
    assert SIGNING_KEY not in repr(given_settings)
    assert "example.com/hooks" not in repr(given_settings)


def test_the_usual_tries_take_three_days_as_the_standard_says() -> None:
    assert timedelta(days=3) <= sum(RETRY_AFTER, timedelta()) < timedelta(days=4)
    assert RETRY_AFTER[:2] == (timedelta(seconds=5), timedelta(minutes=5))
    assert settings().timing.notify_again == RETRY_AFTER


def test_the_library_verifies_the_request_and_another_secret_does_not() -> None:
    now = datetime.now(UTC)
    request = notice_request(
        "https://example.com", notice(), form="standard", secret=SIGNING_KEY, links={"lifecycle": "https://ui"}, now=now
    )
    assert request.content is not None
    body = Webhook(SIGNING_KEY).verify(request.content, dict(request.headers))
    assert body == {
        "type": "job.attention",
        "timestamp": "2026-11-22T10:30:00Z",
        "data": {
            "workflow_id": "job-1234-1209",
            "customer_id": "1234",
            "job_id": "1209",
            "intent": "unposted",
            "phase": "attention",
            "boards": {"linkedin": {"state": "attention", "outcome": "closed", "since": "2026-11-22T10:30:00Z"}},
            "board": "linkedin",
            "attention": {
                "reason": "no slots",
                "category": "out_of_slots",
                "remedy": "Buy one.",
                "since": "2026-11-22T10:30:00Z",
                "retrying": False,
            },
            "links": {"lifecycle": "https://ui"},
        },
    }
    assert SIGNING_KEY not in repr(request)


def test_id_and_body_stay_the_same_at_a_later_try_and_the_signature_does_not() -> None:
    first, later = (
        notice_request("https://example.com", notice(), form="standard", secret=SIGNING_KEY, links={}, now=now)
        for now in (AT, AT + timedelta(hours=5))
    )
    assert first.content == later.content
    assert first.headers["webhook-id"] == later.headers["webhook-id"] == "msg_1"
    assert first.headers["webhook-signature"] != later.headers["webhook-signature"]


@given(reason=st.text(max_size=5000), remedy=st.text(max_size=5000))
def test_slack_is_sent_no_markup_of_others_and_no_section_that_is_too_long(reason: str, remedy: str) -> None:
    message = slack_message(notice(reason=reason, remedy=remedy), {"lifecycle": "https://ui"})
    text = message["blocks"][0]["text"]["text"]
    assert "<" not in text
    assert ">" not in text
    assert len(text) <= 3000
    json.dumps(message).encode()


def test_slack_reads_what_happened_and_what_to_do() -> None:
    message = slack_message(notice(reason="a & b <!channel>"), {"lifecycle": "https://ui"})
    assert message["text"] == "Job 1209 of customer 1234 needs a person on LinkedIn"
    assert message["blocks"][0]["text"]["text"].splitlines() == [
        "*Job 1209 of customer 1234 needs a person on LinkedIn*",
        "What happened: a &amp; b &lt;!channel&gt;",
        "What to do: Buy one.",
    ]
    assert message["blocks"][1]["elements"][0]["text"] == "job.attention · <https://ui|lifecycle>"


@pytest.mark.parametrize("kind", get_args(JobNoticeType))
def test_each_type_has_both_forms(kind: JobNoticeType) -> None:
    assert standard_message(notice(kind), {})["type"] == kind.value
    assert slack_message(notice(kind), {})["text"].startswith("Job 1209 of customer 1234 ")


def test_a_checkpoint_is_told_as_it_was_signed() -> None:
    note = "ledger.example.com\n7\ncm9vdA==\n\n— ledger.example.com c2lnbmVk\n"
    told = CheckpointNotice(id="msg_2", at=AT, log="ledger.example.com", size=7, root="cm9vdA==", note=note)
    assert standard_message(told, {}) == {
        "type": "ledger.checkpoint",
        "timestamp": "2026-11-22T10:30:00Z",
        "data": {"log": "ledger.example.com", "size": 7, "root": "cm9vdA==", "note": note, "links": {}},
    }
    message = slack_message(told, {})
    assert message["text"] == "The ledger ledger.example.com holds 7 receipts"
    assert f"```{note}```" in message["blocks"][0]["text"]["text"]
    (auditor,) = settings({**ENDPOINT, "customers": ["5678"]}).notifications
    assert auditor.wants(NoticeType.CHECKPOINT)


def test_a_dead_webhook_is_told_to_all_and_names_no_job() -> None:
    attention = Attention(reason="Blocked.", category=Category.WEBHOOK_BLOCKED, remedy="Validate it.", since=AT)
    told = WebhookNotice(id="msg_3", at=AT, attention=attention)
    message = standard_message(told, {})
    assert (message["type"], message["data"]["attention"]["category"]) == ("webhook.attention", "webhook_blocked")
    assert "workflow_id" not in message["data"]
    assert slack_message(told, {})["blocks"][0]["text"]["text"].splitlines() == [
        "*LinkedIn's webhook needs a person*",
        "What happened: Blocked.",
        "What to do: Validate it.",
    ]
    (auditor,) = settings({**ENDPOINT, "customers": ["5678"]}).notifications
    assert auditor.wants(NoticeType.WEBHOOK)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, DeliveryResult.DELIVERED),
        (204, DeliveryResult.DELIVERED),
        (299, DeliveryResult.DELIVERED),
        (301, DeliveryResult.FAILED),
        (400, DeliveryResult.FAILED),
        (404, DeliveryResult.FAILED),
        (410, DeliveryResult.GONE),
        (429, DeliveryResult.FAILED),
        (500, DeliveryResult.FAILED),
    ],
)
def test_what_an_answer_means(status: int, result: DeliveryResult) -> None:
    headers = {"retry-after": "7"}
    delivery = read_answer(Response(status=status, headers=headers, body=b"<secret>", received_at=AT))
    assert delivery.result is result
    assert f"HTTP {status}" in delivery.answered
    assert "secret" not in delivery.answered
    assert delivery.retry_after == timedelta(seconds=7)
