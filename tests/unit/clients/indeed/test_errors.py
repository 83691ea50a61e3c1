"""Every documented error of Indeed (seed, Troubleshoot errors; contracts/indeed.md, section 5)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from clients.errors import ProviderError
from clients.indeed.protocol import read_job
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
        ("SOMETHING_NEW", "", Category.REFUSED),
        ("", "", Category.REFUSED),
    ],
)
@pytest.mark.parametrize("shape", [of_message, lambda message, **more: of_extensions(message=message, **more)])
def test_each_code_has_its_category(shape: Any, code: str, message: str, category: Category) -> None:
    error = failure(shape(message, code=code))
    assert (error.problem.category, error.code) == (category, code)
    assert error.problem.provider_text == message


@pytest.mark.parametrize("entry", [{}, {"extensions": None}, {"extensions": "x"}, {"message": None}, None, "x"])
def test_an_entry_of_no_known_shape_is_still_a_refusal(entry: object) -> None:
    assert failure({"errors": [entry]}).problem.category is Category.REFUSED


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


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", {"errors": []}, {"errors": [{"message": "sorry"}]}])
@pytest.mark.parametrize(
    ("status", "category"),
    [
        (429, Category.RATE_LIMITED),
        (401, Category.CREDENTIALS),
        (403, Category.CREDENTIALS),
        (500, Category.TEMPORARY),
        (503, Category.TEMPORARY),
        (400, Category.REFUSED),
        (302, Category.REFUSED),
    ],
)
def test_the_http_status_counts_where_the_body_has_no_code(body: object, status: int, category: Category) -> None:
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
