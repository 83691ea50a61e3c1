"""Which of a customer's calls go out."""

import httpx
import pytest
from prometheus_client import REGISTRY

from activities.linkedin.submissions import submit
from activities.providers import Providers
from clients.errors import ProviderError
from config.settings import Settings
from tests.support.boards import CUSTOMER
from tests.support.settings import raw_settings
from tests.support.transport import Provider

URLS = {name: f"http://{name}.example" for name in ("icims", "linkedin", "indeed", "control")}


async def test_the_quota_of_each_customer_and_the_tokens_of_each_credential_are_shown() -> None:
    headers = {"x-ratelimit-remaining": "120", "x-ratelimit-limit": "10000"}
    token = {"access_token": "t", "expires_in": 3600}

    def answer(asked: httpx.Request) -> httpx.Response:
        body = token if "token" in str(asked.url) else {"jobtitle": "Nurse"}
        return httpx.Response(200, json=body, headers=headers)

    provider = Provider(answer)
    labels = {"provider": "iCIMS", "client_id": f"icims-{CUSTOMER}"}
    before = REGISTRY.get_sample_value("boardsync_credential_tokens_fetched_total", labels) or 0.0
    async with provider.http() as http:
        await Providers(Settings.model_validate(raw_settings(URLS)), http).icims(CUSTOMER).job("1209")
    assert REGISTRY.get_sample_value("boardsync_credential_tokens_fetched_total", labels) == before + 1
    assert REGISTRY.get_sample_value("boardsync_icims_requests_left", {"customer": CUSTOMER}) == 120
    assert REGISTRY.get_sample_value("boardsync_icims_requests_limit", {"customer": CUSTOMER}) == 10_000


async def test_what_is_submitted_to_linkedin_is_counted_for_the_customer() -> None:
    def answer(asked: httpx.Request) -> httpx.Response:
        token, taken = {"access_token": "t", "expires_in": 1800}, {"elements": [{"id": "urn:li:task:1", "status": 202}]}
        return httpx.Response(200, json=taken if asked.url.path.endswith("simpleJobPostings") else token)

    def counted() -> float:
        return REGISTRY.get_sample_value("boardsync_linkedin_records_submitted_total", {"customer": CUSTOMER}) or 0.0

    provider, before = Provider(answer), counted()
    async with provider.http() as http:
        client, _ = Providers(Settings.model_validate(raw_settings(URLS)), http).linkedin(CUSTOMER)
        close: dict[str, object] = {"jobPostingOperationType": "CLOSE", "externalJobPostingId": "1234-1209"}
        await submit(client, close, "1234-1209", customer_id=CUSTOMER)
    assert counted() == before + 1


async def test_a_board_that_is_paused_gets_no_call_and_the_others_get_theirs() -> None:
    raw = raw_settings(URLS)
    raw["linkedin"]["paused"] = True
    provider = Provider(lambda _: httpx.Response(503))
    async with provider.http() as http:
        providers = Providers(Settings.model_validate(raw), http)
        with pytest.raises(ProviderError) as caught:
            await providers.linkedin(CUSTOMER)[0].status("1209")
        assert caught.value.code == "paused"
        assert provider.requests == []
        with pytest.raises(ProviderError) as caught:
            await providers.indeed(CUSTOMER)[0].job("1209")
        assert caught.value.status == 503
        assert provider.requests


@pytest.mark.parametrize("paused", [True, False])
async def test_a_provider_that_is_paused_does_not_count_as_one_that_does_not_answer(*, paused: bool) -> None:
    raw = raw_settings(URLS)
    raw["linkedin"]["paused"] = paused
    async with Provider(lambda _: httpx.Response(503)).http() as http:
        providers = Providers(Settings.model_validate(raw), http)
        for _ in range(9):
            with pytest.raises(ProviderError):
                await providers.linkedin(CUSTOMER)[0].status("1209")
    assert providers.answers.hardly("LinkedIn") is not paused
