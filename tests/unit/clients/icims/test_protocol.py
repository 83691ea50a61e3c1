"""iCIMS's job profile, address and errors as recorded (docs/providers/icims.md, 4.2, 4.4, 4.5)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from clients.errors import ProviderError
from clients.icims import protocol
from clients.icims.client import IcimsClient
from clients.icims.protocol import AddressRef, IcimsJob, read_address, read_job, read_positions
from models.icims_fields import IcimsFields
from models.problems import Category
from tests.support.replies import reply, sample
from tests.support.transport import Provider

URL = "https://api.icims.com"
PARIS = {"addresscity": "Paris", "addressstate": {"id": "D1", "abbrev": "IDF", "value": "Île-de-France"}}


def job_at(address: object) -> IcimsJob:
    return read_job(reply({"jobtitle": "Nurse", "joblocation": {"value": "US-MA-Boston", "address": address}}))


def test_the_recorded_job_is_read() -> None:
    job = read_job(reply(sample("icims_job.json")))
    assert job == IcimsJob(
        title="...", location="<one display string>", address=AddressRef("1800", "23"), number="2016-1123"
    )


def test_a_job_is_asked_for_by_the_ids_given_and_with_lowercase_fields() -> None:
    request = protocol.job_request(URL, "1234", "1209")
    assert (request.method, request.url) == ("GET", "https://api.icims.com/customers/1234/jobs/1209")
    assert request.params == (("fields", "jobtitle,joblocation,overview,responsibilities,qualifications,jobid"),)


@pytest.mark.parametrize("name", ["title", "overview", "responsibilities", "qualifications"])
@pytest.mark.parametrize(
    ("value", "expected"), [("  Nurse ", "Nurse"), ("", None), ("  ", None), (None, None), (5, None), ({}, None)]
)
def test_a_field_that_is_empty_or_no_text_is_null(name: str, value: object, expected: str | None) -> None:
    job = read_job(reply({"jobtitle" if name == "title" else name: value}))
    assert getattr(job, name) == expected


@pytest.mark.parametrize("location", [None, "Boston", 5, [], {}, {"value": None, "address": None}])
def test_a_job_with_no_readable_location_is_still_read(location: object) -> None:
    job = read_job(reply({"jobtitle": "Nurse", "joblocation": location, "links": []}))
    assert (job.title, job.location, job.address) == ("Nurse", None, None)


def test_hidden_fields_are_null() -> None:
    assert read_job(reply({"links": []})) == IcimsJob(title=None)


@pytest.mark.parametrize(
    "link",
    [
        "https://api.icims.com/customers/6405/companies/1800/fields/addresses/23",
        "http://evil.example/customers/6405/companies/1800/fields/addresses/23/",
        "file:///customers/6405/companies/1800/fields/addresses/23",
    ],
)
def test_an_address_link_is_reduced_to_its_ids(link: str) -> None:
    address = job_at(link).address
    assert address == AddressRef("1800", "23")
    assert address is not None
    url = protocol.address_request(URL, "1234", address).url
    assert url == "https://api.icims.com/customers/1234/companies/1800/fields/addresses/23"


@pytest.mark.parametrize(
    "link",
    [
        None,
        5,
        "",
        "https://api.icims.com/customers/6405/people/327",
        "https://api.icims.com/customers/6405/companies/../fields/addresses/23",
        "https://api.icims.com/customers/6405/companies/1/fields/addresses/23/../../..",
        "https://api.icims.com/customers/6405/companies/\u0661/fields/addresses/\u0662",
    ],
)
def test_any_other_link_is_passed_over(link: object) -> None:
    assert job_at(link).address is None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (PARIS, "Paris, IDF"),
        ({**PARIS, "addresscountry": {"value": "France"}}, "Paris, IDF, France"),
        (
            {"addresscity": "Boston", "addressstate": {"abbrev": "MA"}, "addresscountry": {"abbrev": "US"}},
            "Boston, MA, US",
        ),
        ({"addresscity": " Boston ", "addressstate": None, "addresscountry": "US"}, "Boston, US"),
        ({"addressstate": {"abbrev": "MA"}}, None),
        ({}, None),
    ],
)
def test_an_address_is_put_into_words(address: dict[str, Any], words: str | None) -> None:
    found = read_address(reply(address))
    assert (found and found.in_words) == words


ERRORS = [
    (401, {"errorCode": 6, "errorMessage": "Invalid Username or Password credentials provided."}, Category.CREDENTIALS),
    (404, {"errorCode": 2, "errorMessage": "Job not found."}, Category.NOT_FOUND),
    (404, {"errorCode": 3, "errorMessage": "Access denied."}, Category.PERMISSION),
    (403, {"errorCode": 99, "errorMessage": "?"}, Category.PERMISSION),
    (429, {"errorCode": 99, "errorMessage": "?"}, Category.RATE_LIMITED),
    (500, {"errorCode": 0, "errorMessage": "INTERNAL_ERROR"}, Category.TEMPORARY),
    (503, {"errorCode": 0, "errorMessage": "maintenance"}, Category.TEMPORARY),
    (505, {"errorCode": 0, "errorMessage": "HTTP version"}, Category.TEMPORARY),
    (400, {"errorCode": 1, "errorMessage": "FIELD_REQUIRED"}, Category.UNEXPECTED),
    (302, {"errorCode": 99, "errorMessage": "?"}, Category.UNEXPECTED),
]


@pytest.mark.parametrize(("status", "error", "category"), ERRORS)
@pytest.mark.parametrize("read", [read_job, read_address])
def test_an_error_has_the_category_of_its_status_and_code(
    read: Any, status: int, error: dict[str, Any], category: Category
) -> None:
    with pytest.raises(ProviderError) as caught:
        read(reply({"errors": [error]}, status=status))
    assert caught.value.problem.category is category
    assert caught.value.problem.provider_text == error["errorMessage"]
    assert caught.value.code == str(error["errorCode"])


@pytest.mark.parametrize(
    ("header", "code", "category"),
    [
        ("3:Access denied to job", "3", Category.PERMISSION),
        (" 3 :Access denied to job", "3", Category.PERMISSION),
        ("3:jobtitle:Access denied", "3", Category.PERMISSION),
        ("2:Job not found.", "2", Category.NOT_FOUND),
        ("7:Something else", "7", Category.UNEXPECTED),
        ("", "", Category.TEMPORARY),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": []}', b'{"errors": "x"}', b'{"errors": ["x"]}'])
def test_the_header_tells_the_error_where_the_body_does_not(
    body: bytes, header: str, code: str, category: Category
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_job(reply(body, status=404, headers={"x-error": header}))
    assert (caught.value.problem.category, caught.value.code) == (category, code)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset": "6693"}, 6693),
        ({"x-ratelimit-reset": "6693", "retry-after": "5"}, 5),
        ({"retry-after": "5"}, 5),
        ({"x-ratelimit-reset": "later"}, None),
        ({}, None),
    ],
)
def test_a_used_up_quota_waits_for_the_seconds_to_its_reset(headers: dict[str, str], seconds: int | None) -> None:
    with pytest.raises(ProviderError) as caught:
        read_job(reply({}, status=429, headers=headers))
    wait = caught.value.problem.retry_after
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_the_quota_header_of_another_error_is_no_wait() -> None:
    with pytest.raises(ProviderError) as caught:
        read_job(reply({}, status=500, headers={"x-ratelimit-reset": "6693"}))
    assert caught.value.problem.retry_after is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"null", b"\xff"])
def test_a_profile_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        read_job(reply(body))
    assert caught.value.problem.category is Category.UNEXPECTED


def client(provider: Provider) -> IcimsClient:
    return IcimsClient(
        provider.http(),
        api_url="https://api.icims.com/",
        token_url="https://login.icims.com/oauth/token",
        customer_id="1234",
        credentials=("id", "secret"),
    )


def icims(address: httpx.Response) -> Provider:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 86400})
        return httpx.Response(200, content=sample("icims_job.json")) if "/jobs/" in request.url.path else address

    return Provider(answer)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (httpx.Response(200, json=PARIS), "Paris, IDF"),
        (httpx.Response(200, json={}), "<one display string>"),
        (httpx.Response(404, json={"errors": [{"errorCode": 2}]}), "<one display string>"),
        (httpx.Response(404, json={"errors": [{"errorCode": 3}]}), "<one display string>"),
    ],
)
async def test_a_location_is_the_address_or_else_the_display_string(address: httpx.Response, words: str) -> None:
    provider = icims(address)
    icims_client = client(provider)
    assert await icims_client.location(await icims_client.job("1123")) == words
    assert {each.url.host for each in provider.requests} == {"login.icims.com", "api.icims.com"}
    (token,) = provider.asked("/oauth/token")
    assert b"audience=https%3A%2F%2Fapi.icims.com%2Fv1%2F" in token.content
    assert provider.asked("/customers/1234/companies/1800/fields/addresses/23")


async def test_a_location_whose_address_fails_is_tried_again() -> None:
    icims_client = client(icims(httpx.Response(500)))
    with pytest.raises(ProviderError) as caught:
        await icims_client.location(await icims_client.job("1123"))
    assert caught.value.problem.category is Category.TEMPORARY


async def test_a_location_without_an_address_is_the_display_string() -> None:
    provider = icims(httpx.Response(500))
    assert await client(provider).location(IcimsJob(title=None, location=json.dumps("x"))) == '"x"'
    assert provider.requests == []


@pytest.mark.parametrize("said", ["9" * 5000, "0", "-1", "two", "", 0, True, None, []])
def test_positions_that_are_no_number_are_not_known(said: object) -> None:
    fields = IcimsFields()
    assert read_positions(reply({fields.positions: said}), fields) is None
    assert read_positions(reply({fields.positions: " 2 "}), fields) == 2
