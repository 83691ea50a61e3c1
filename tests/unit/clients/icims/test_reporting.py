"""What Boardsync reads of a tenant's own fields, reports back, and watches of the daily quota."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from clients.errors import ProviderError
from clients.icims.client import IcimsClient
from clients.icims.protocol import job_request, positions_request, read_job, read_positions
from clients.icims.quota import Quota, read_quota
from clients.icims.reports import BoardPost, read_report, report_request
from models.icims_fields import IcimsFields
from models.problems import Category
from tests.support.replies import reply
from tests.support.transport import Provider

API = "https://api.icims.com"
START = datetime(2014, 8, 4, 11, 31, tzinfo=UTC)
END = datetime(2014, 12, 4, 23, 5, tzinfo=UTC)


def test_a_tenants_own_fields_are_asked_for_and_read() -> None:
    fields = IcimsFields(title="field1234", overview="rcf3018", positions="openings")
    request = job_request(API, "1234", "1209", fields)
    assert dict(request.params)["fields"].split(",")[:3] == ["field1234", "joblocation", "rcf3018"]
    job = read_job(reply({"field1234": "Nurse", "rcf3018": "<p>Nights</p>", "jobtitle": "other"}), fields)
    assert (job.title, job.overview) == ("Nurse", "<p>Nights</p>")
    assert dict(positions_request(API, "1234", "1209", fields).params) == {"fields": "openings"}


@pytest.mark.parametrize(
    ("value", "count"),
    [(5, 5), ("3", 3), (" 2 ", 2), (0, None), (-1, None), ("", None), (None, None), ("two", None), (True, None)],
)
def test_the_number_of_positions_is_a_positive_whole_number_or_unknown(value: Any, count: int | None) -> None:
    assert read_positions(reply({"numberofpositions": value, "links": []}), IcimsFields()) == count


def test_the_recorded_answer_to_a_question_for_positions_is_read() -> None:
    # MAPC: links come back even when only another field is asked for.
    assert read_positions(reply({"links": [], "numberofpositions": 5}), IcimsFields()) == 5


def test_a_report_has_the_documented_form() -> None:
    posts = [BoardPost("CareerBuilder.com", "764", "live", START, END)]
    request = report_request(API, "6405", "1234", "D90005", posts)
    assert (request.method, request.url) == ("PATCH", "https://api.icims.com/customers/6405/jobboardposts/")
    assert request.body == {
        "jobid": "1234",
        "jobdistributor": {"id": "D90005"},
        "jobboards": [
            {
                "jobboard": {"value": "CareerBuilder.com", "externalid": "764"},
                "status": "live",
                "startdate": "2014-08-04 11:31 AM",
                "enddate": "2014-12-04 11:05 PM",
            }
        ],
    }


@pytest.mark.parametrize("body", [b"", b"{}", b"OK"])
@pytest.mark.parametrize("status", [200, 201, 204])
def test_whatever_icims_says_with_a_success_is_a_success(status: int, body: bytes) -> None:
    read_report(reply(body, status=status))


def test_a_web_page_in_icims_place_is_no_success() -> None:
    with pytest.raises(ProviderError) as caught:
        read_report(reply(b"\n<html><body>It works!</body></html>"))
    assert caught.value.problem.category is Category.UNEXPECTED
    assert "a web page" in caught.value.problem.reason


@pytest.mark.parametrize(
    ("status", "code", "category"),
    [
        (400, 1, Category.INVALID_POSTING),
        (409, 1, Category.INVALID_POSTING),
        (422, 9, Category.INVALID_POSTING),
        (401, 6, Category.CREDENTIALS),
        (403, 3, Category.PERMISSION),
        (404, 3, Category.PERMISSION),
        (404, 2, Category.NOT_FOUND),
        (404, 9, Category.UNEXPECTED),
        (408, 0, Category.UNEXPECTED),
        (429, 0, Category.RATE_LIMITED),
        (500, 0, Category.TEMPORARY),
    ],
)
def test_a_refused_report_says_why(status: int, code: int, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read_report(reply({"errors": [{"errorMessage": "no", "errorCode": code}]}, status=status))
    assert caught.value.problem.category is category


@pytest.mark.parametrize(
    ("body", "category"),
    [
        (b"", Category.TEMPORARY),
        (b"<html>", Category.TEMPORARY),
        (b"Bad Request", Category.TEMPORARY),
        ({"message": "a board is missing"}, Category.INVALID_POSTING),
        ({}, Category.INVALID_POSTING),
    ],
    ids=str,
)
def test_a_report_is_found_faulty_only_in_an_apis_own_form(body: object, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read_report(reply(body, status=400))
    assert caught.value.problem.category is category


@pytest.mark.parametrize("body", [b"", b"<html>", {}, {"errors": {}}, {"errors": ["x"]}, {"message": "no"}], ids=str)
@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 421, 503, 999])
def test_whatever_stands_in_front_of_icims_refuses_nothing_for_good(body: object, status: int) -> None:
    with pytest.raises(ProviderError) as caught:
        read_report(reply(body, status=status))
    assert caught.value.problem.category is Category.TEMPORARY


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        ({"x-ratelimit-limit": "20000", "x-ratelimit-remaining": "19999"}, Quota(19999, 20000)),
        (
            {"x-ratelimit-limit": "9", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"},
            Quota(0, 9, timedelta(minutes=1)),
        ),
        ({"x-ratelimit-limit": "20000"}, None),
        ({"x-ratelimit-limit": "many", "x-ratelimit-remaining": "1"}, None),
        ({"x-ratelimit-limit": "5", "x-ratelimit-remaining": "6"}, None),
        ({"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-limit": "5", "x-ratelimit-remaining": "-1"}, None),
        ({"x-ratelimit-limit": "9" * 30, "x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-limit": "9" * 400, "x-ratelimit-remaining": "9" * 400}, None),
        ({}, None),
    ],
)
def test_the_quota_is_read_where_it_is_told(headers: dict[str, str], quota: Quota | None) -> None:
    assert read_quota(reply({}, headers=headers)) == quota


@pytest.mark.parametrize(("remaining", "warned"), [(999, True), (1000, False), (9999, False)])
async def test_a_quota_that_runs_low_is_logged(caplog: pytest.LogCaptureFixture, remaining: int, warned: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 86400})
        headers = {"x-ratelimit-limit": "10000", "x-ratelimit-remaining": str(remaining)}
        return httpx.Response(200, json={"jobtitle": "Nurse"}, headers=headers)

    async with Provider(answer).http() as http:
        client = IcimsClient(
            http, api_url=API, token_url="https://login/token", customer_id="1234", credentials=("id", "secret")
        )
        with caplog.at_level(logging.WARNING, "clients.icims.client"):
            await client.job("1209")
    assert bool(caplog.records) is warned
