"""Which of a customer's calls go out."""

import httpx
import pytest

from activities.providers import Providers
from clients.errors import ProviderError
from config.settings import Settings
from tests.support.boards import CUSTOMER
from tests.support.settings import raw_settings
from tests.support.transport import Provider

URLS = {name: f"http://{name}.example" for name in ("icims", "linkedin", "indeed", "control")}


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
