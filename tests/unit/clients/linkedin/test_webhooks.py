"""LinkedIn's registry of webhooks: what is asked, and every way an answer may look."""

from typing import Any

import httpx
import pytest

from clients.errors import ProviderError
from clients.linkedin.webhooks import (
    Webhook,
    blocked_request,
    read_blocked,
    read_revalidated,
    revalidate_request,
    shown_url,
)
from models.problems import Category
from tests.support.replies import reply

API = "https://api.linkedin.com"
URL, URN = "https://hooks.example.com/webhooks/linkedin", "urn:li:developerApplication:234"


def test_the_request_of_linkedins_page() -> None:
    request = blocked_request(API)
    assert request.method == "GET"
    sent = httpx.Request(request.method, request.url, params=list(request.params) or None)
    expected = b"/v2/developerWebhooks?q=parentApplication&queryCriteria=(webhookStatus:BLOCKED)"
    assert sent.url.raw_path == expected
    assert request.headers == {"X-RestLi-Protocol-Version": "2.0.0"}


def answer(*elements: Any) -> Any:
    return {"paging": {"start": 0, "count": 10, "links": []}, "elements": list(elements)}


@pytest.mark.parametrize("url", ["webhook", "webhookUrl", "url", "callbackUrl"])
@pytest.mark.parametrize("application", ["application", "developerApplication", "developerApplicationUrn"])
def test_every_spelling_of_an_element(url: str, application: str) -> None:
    element = {application: URN, url: URL, "webhookStatus": "BLOCKED"}
    assert read_blocked(reply(answer(element))) == (Webhook(URL, URN),)


def test_nothing_blocked() -> None:
    assert read_blocked(reply(answer())) == ()
    assert read_blocked(reply(answer({"webhook": URL, "webhookStatus": "ACTIVE"}))) == ()


@pytest.mark.parametrize("element", [{}, "text", None, {"webhook": 7}, {"webhookStatus": "blocked"}])
def test_an_element_that_cannot_be_read_counts_as_blocked(element: Any) -> None:
    assert read_blocked(reply(answer(element))) == (Webhook(None, None),)


@pytest.mark.parametrize("body", [{}, {"elements": None}, {"elements": {}}, [], "text", None])
def test_an_answer_without_elements_is_unreadable(body: Any) -> None:
    with pytest.raises(ProviderError) as error:
        read_blocked(reply(body))
    assert error.value.problem.category is Category.UNEXPECTED


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (401, Category.CREDENTIALS),
        (403, Category.PERMISSION),
        (404, Category.CONFIGURATION),
        (429, Category.RATE_LIMITED),
        (500, Category.TEMPORARY),
        (503, Category.TEMPORARY),
    ],
)
def test_a_refusal_names_the_parent_application(status: int, category: Category) -> None:
    with pytest.raises(ProviderError) as error:
        read_blocked(reply({"message": "no", "status": status}, status=status))
    assert error.value.problem.category is category
    if status in {401, 403}:
        assert "[linkedin.parent]" in error.value.problem.remedy


def test_validating_again_is_one_action_for_one_webhook() -> None:
    request = revalidate_request(API, Webhook(URL, URN))
    assert (request.method, request.url) == ("POST", f"{API}/v2/developerWebhooks?action=revalidateWebhook")
    assert request.headers == {"X-RestLi-Protocol-Version": "2.0.0", "X-RestLi-Method": "action"}
    assert request.body == {"application": URN, "webhook": URL}
    read_revalidated(reply({"value": {}}))
    with pytest.raises(ProviderError):
        read_revalidated(reply({"message": "no"}, status=404))


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert (
        shown_url("https://user:word@hooks.example.com:8443/a/b?key=secret#x") == "https://hooks.example.com:8443/a/b"
    )
    assert shown_url("http://[broken") == "an address that cannot be read"
