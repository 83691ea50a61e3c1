"""A user's token is renewed by its refresh token, which may rotate."""

import asyncio
import traceback
from urllib.parse import parse_qs

import httpx
import pytest

from clients.errors import ProviderError
from clients.oauth import Token, token_request
from clients.tokens import TokenSource
from models.problems import Category
from tests.support.transport import Provider
from tests.unit.clients.oauth.issuers import FORM, SECRET, TOKEN_URL, Clock, Rotating


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_users_token_is_renewed_before_it_expires_by_one_caller_for_all(*, rotates: bool) -> None:
    issuer = Rotating(rotates=rotates)
    source = issuer.source()
    for number in (1, 2, 3):
        tokens = await asyncio.gather(*(source.get() for _ in range(20)))
        assert {token.value for token in tokens} == {f"t{number}"}
        issuer.clock.now += 3600 - 60
    assert [form["refresh_token"] for form in issuer.asked] == (
        [["r1"], ["r2"], ["r3"]] if rotates else [["r1"], ["r1"], ["r1"]]
    )
    assert issuer.asked[0] == {
        "grant_type": ["refresh_token"],
        "client_id": ["id"],
        "client_secret": [SECRET],
        "refresh_token": ["r1"],
    }


async def test_a_dead_refresh_token_says_what_to_do_and_shows_nothing() -> None:
    issuer = Rotating(rotates=False)
    issuer.good = "another"
    with pytest.raises(ProviderError) as caught:
        await issuer.source().get()
    problem = caught.value.problem
    assert problem.category is Category.CREDENTIALS
    assert "refresh token" in problem.reason
    assert "Sign in" in problem.remedy
    assert SECRET not in problem.model_dump_json() + "".join(traceback.format_exception(caught.value))


async def test_a_refresh_token_beside_client_credentials_is_not_taken_up() -> None:
    answers = iter([{"access_token": "t", "expires_in": 10, "refresh_token": "r"}, {"access_token": "u"}])
    provider, clock = Provider(lambda _: httpx.Response(200, json=next(answers))), Clock()
    source = TokenSource(provider.http(), token_request(TOKEN_URL, FORM), provider="P", clock=clock)
    await source.get()
    clock.now += 20
    assert (await source.get()).value == "u"
    assert "refresh_token" not in parse_qs(provider.requests[1].content.decode())


def test_a_token_never_shows_its_refresh_token() -> None:
    assert "r-secret" not in repr(Token("t", 1, "r-secret"))
