"""Every documented error of Indeed (docs/providers/indeed.md), and that nothing else is final."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.indeed.protocol import read_clear, read_job
from clients.indeed.search import read_find
from models.problems import Category
from tests.support.replies import reply, sample

MODERATION = "Advertiser is in a restricted moderation status"
CLAIMED = "Advertiser is requesting an update to EJ (id=<EJID>), but the job is claimed by a different advertiser."


def failure(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read_job(reply(body, status=status, headers=headers))
    return caught.value


def of_extensions(**extensions: object) -> dict[str, Any]:
    return {"data": None, "errors": [{"extensions": extensions}]}


def of_message(text: str, /, **extensions: object) -> dict[str, Any]:
    return {"data": None, "errors": [{"message": text, "path": ["node"], "extensions": extensions}]}


FORBIDDEN = [
    ("indeed_restricted.json", Category.PERMISSION, "partner manager"),
    ("indeed_permissions.json", Category.PERMISSION, "Hosted_Job"),
    ("indeed_claimed.json", Category.CLAIMED, "clear its updates"),
]


@pytest.mark.parametrize(("name", "category", "remedy"), FORBIDDEN)
@pytest.mark.parametrize("place", ["as recorded", "top level", "both", "generic at the top", "generic in extensions"])
def test_the_three_forbidden_errors_are_told_apart_wherever_their_message_stands(
    name: str, category: Category, remedy: str, place: str
) -> None:
    body = json.loads(sample(name))
    extensions = body["errors"][0]["extensions"]
    message = extensions["message"]
    if place == "top level":
        body = of_message(extensions.pop("message"), **extensions)
    elif place == "both":
        body = of_message(message, **extensions)
    elif place == "generic at the top":
        body = of_message("Forbidden", **extensions)
    elif place == "generic in extensions":
        body = of_message(message, **{**extensions, "message": "Forbidden"})
    error = failure(sample(name) if place == "as recorded" else body)
    assert error.problem.category is category
    assert remedy in error.problem.remedy
    assert message in error.problem.provider_text
    assert error.code == "FORBIDDEN"
    assert not error.problem.retried


@pytest.mark.parametrize(
    ("code", "message", "category"),
    [
        ("UNAUTHENTICATED", "", Category.CREDENTIALS),
        ("FORBIDDEN", "Client is not authorized", Category.CREDENTIALS),
        ("FORBIDDEN", "", Category.CREDENTIALS),
        ("BAD_USER_INPUT", "Invalid id", Category.INVALID_POSTING),
        ("NOT_FOUND", "", Category.NOT_FOUND),
        ("DOWNSTREAM_SERVICE_ERROR", "", Category.TEMPORARY),
        ("INTERNAL_SERVER_ERROR", "", Category.TEMPORARY),
        ("BAD_REQUEST", "", Category.REFUSED),
        ("GRAPHQL_PARSE_FAILED", "Syntax Error", Category.REFUSED),
        ("SERVICE_UNAVAILABLE", "", Category.TEMPORARY),
        ("SOMETHING_NEW", "", Category.UNEXPECTED),
        ("", "", Category.UNEXPECTED),
    ],
)
@pytest.mark.parametrize("shape", [of_message, lambda message, **more: of_extensions(message=message, **more)])
def test_each_code_has_its_category(shape: Any, code: str, message: str, category: Category) -> None:
    error = failure(shape(message, code=code))
    assert (error.problem.category, error.code) == (category, code)
    assert error.problem.provider_text == message


@pytest.mark.parametrize("entry", [{}, {"extensions": None}, {"extensions": "x"}, {"message": None}, None, "x"])
def test_an_entry_of_no_known_shape_is_an_error_that_is_tried_again(entry: object) -> None:
    assert failure({"errors": [entry]}).problem.category is Category.UNEXPECTED


@pytest.mark.parametrize(
    "errors",
    [{"message": "no"}, {"extensions": {"code": "INTERNAL_SERVER_ERROR"}}, "sorry", {}, "", 0, False, True, 1, 1.5],
    ids=repr,
)
def test_errors_in_any_form_are_errors(errors: object) -> None:
    node = json.loads(sample("indeed_node.json"))
    assert failure({**node, "errors": errors}).problem.retried
    results = [{"jobPosting": {"sourcedPostingId": "a", "employerJobId": "b"}}]
    cleared = {"data": {"jobsIngest": {"clearSourcedJobPostingUpdates": {"results": results}}}, "errors": errors}
    (result,) = read_clear(reply(cleared), 1)
    assert result.error is not None
    assert result.error.problem.retried


@pytest.mark.parametrize("errors", [None, []])
def test_no_errors_are_none(errors: object) -> None:
    assert read_job(reply({**json.loads(sample("indeed_node.json")), "errors": errors}))


PASSING = [
    {
        "message": "Exception while fetching data (/node) : timeout",
        "path": ["node"],
        "extensions": {"classification": "DataFetchingException"},
    },
    {"type": "RATE_LIMITED"},
    {"errorType": "SERVICE_UNAVAILABLE"},
    {"extensions": {"category": "rate-limit"}},
    {"extensions": {"classification": "RateLimited"}},
    {"extensions": {"classification": {"type": "TOO_MANY_REQUESTS"}}},
    {"extensions": {"code": "SERVICE_UNAVAILABLE"}},
    {"extensions": {"code": "GATEWAY_TIMEOUT"}},
    {"extensions": {"code": 503}},
    {"extensions": {"code": None}},
    {"message": "Something went wrong"},
    {"message": "You may not do this"},
]


@pytest.mark.parametrize("entry", PASSING, ids=json.dumps)
@pytest.mark.parametrize("status", [200, 400, 404, 405, 408, 500, 503])
def test_what_indeed_does_not_document_is_tried_again(entry: dict[str, Any], status: int) -> None:
    problem = failure({"data": None, "errors": [entry]}, status=status).problem
    assert problem.retried
    assert (problem.category is Category.RATE_LIMITED) is bool(re.search(r"(?i)rate|many", json.dumps(entry)))


DOCUMENTED = {"UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "BAD_REQUEST", "GRAPHQL_PARSE_FAILED"}


@given(st.text(max_size=20) | st.sampled_from(sorted(DOCUMENTED)), st.text(max_size=20), st.integers(200, 999))
def test_only_documented_codes_are_final(code: str, message: str, status: int) -> None:
    error = failure(of_message(message, code=code), status=status)
    assert error.problem.retried or code in DOCUMENTED or status in {401, 403}


THROTTLED = [
    of_extensions(code="429"),
    of_extensions(code=429),
    of_extensions(code="TOO_MANY_REQUESTS"),
    of_extensions(code="RATE_LIMITED"),
    of_extensions(code="RATE_LIMIT_EXCEEDED"),
    of_extensions(code="THROTTLED"),
    of_extensions(status=429),
    of_extensions(statusCode=429),
    of_extensions(status="429"),
    of_extensions(message="Too many requests"),
    of_extensions(code="BAD_REQUEST", message="Rate limit exceeded"),
    of_message("HTTP 429"),
    of_message("Too Many Requests", code="INTERNAL_SERVER_ERROR"),
    of_message("Request was throttled"),
    of_message("Request failed", code="BAD_REQUEST", message="Too many requests"),
    of_message("rate-limit exceeded", message="Request failed"),
]


@pytest.mark.parametrize("body", THROTTLED, ids=[json.dumps(body["errors"][0]) for body in THROTTLED])
@pytest.mark.parametrize(("headers", "seconds"), [({}, None), ({"retry-after": "4"}, 4)])
def test_a_throttle_inside_the_answer_is_recognised(
    body: dict[str, Any], headers: dict[str, str], seconds: int | None
) -> None:
    problem = failure(body, headers=headers).problem
    assert problem.category is Category.RATE_LIMITED
    assert problem.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_number_that_contains_429_is_no_throttle() -> None:
    assert (
        failure(of_message("id 14290 is malformed", code="BAD_USER_INPUT")).problem.category is Category.INVALID_POSTING
    )


STATUSES = [
    (429, Category.RATE_LIMITED, Category.RATE_LIMITED),
    (401, Category.CREDENTIALS, Category.TEMPORARY),
    (403, Category.CREDENTIALS, Category.TEMPORARY),
    (500, Category.TEMPORARY, Category.TEMPORARY),
    (503, Category.TEMPORARY, Category.TEMPORARY),
    (400, Category.UNEXPECTED, Category.TEMPORARY),
    (302, Category.UNEXPECTED, Category.TEMPORARY),
]


@pytest.mark.parametrize(("status", "category", "_"), STATUSES)
def test_the_http_status_counts_where_an_error_has_no_code(status: int, category: Category, _: Category) -> None:
    assert failure({"errors": [{"message": "sorry"}]}, status=status).problem.category is category


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", {"errors": []}, {"message": "Forbidden"}])
@pytest.mark.parametrize(("status", "_", "category"), STATUSES)
def test_an_answer_that_is_no_graphql_refuses_nothing_for_good(
    body: object, status: int, _: Category, category: Category
) -> None:
    error = failure(body, status=status, headers={"retry-after": "4"})
    assert (error.problem.category, error.status) == (category, status)
    assert error.problem.retry_after == timedelta(seconds=4)


@pytest.mark.parametrize(
    ("status", "code", "category"),
    [
        (400, "BAD_USER_INPUT", Category.INVALID_POSTING),
        (500, "NOT_FOUND", Category.NOT_FOUND),
        (429, "INTERNAL_SERVER_ERROR", Category.RATE_LIMITED),
    ],
)
def test_a_code_says_more_than_the_http_status_but_for_429(status: int, code: str, category: Category) -> None:
    assert failure(of_extensions(code=code), status=status).problem.category is category


@pytest.mark.parametrize(
    ("codes", "category"),
    [
        (["INTERNAL_SERVER_ERROR", "NOT_FOUND"], Category.NOT_FOUND),
        (["NOT_FOUND", "INTERNAL_SERVER_ERROR"], Category.NOT_FOUND),
        (["INTERNAL_SERVER_ERROR", "429"], Category.TEMPORARY),
    ],
)
def test_of_several_errors_the_one_that_ends_retries_counts(codes: list[str], category: Category) -> None:
    body = {"data": None, "errors": [{"extensions": {"code": code}} for code in codes]}
    assert failure(body).problem.category is category


def test_errors_beside_data_are_an_error() -> None:
    body = json.loads(sample("indeed_node.json")) | of_extensions(code="INTERNAL_SERVER_ERROR", message="partial")
    body["data"] = json.loads(sample("indeed_node.json"))["data"]
    assert failure(body).problem.category is Category.TEMPORARY
    with pytest.raises(ProviderError):
        read_find(reply({"data": {"findEmployerJobsPartner": {"employerJobs": [], "pageInfo": {}}}, "errors": [{}]}))
