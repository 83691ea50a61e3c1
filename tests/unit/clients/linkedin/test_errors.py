"""Every documented error of LinkedIn (docs/providers/linkedin.md), wherever it appears; nothing else is final."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ErrorRow, ProviderError
from clients.linkedin.errors import ERRORS, error, task_error, until_midnight_utc
from clients.linkedin.protocol import read_submit, read_tasks
from clients.linkedin.webhooks import read_blocked
from models.problems import Category
from tests.support.replies import NOW, reply

CLOSED = "Cannot close job which is already closed or does not exist"
DAY = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."

ROWS = [
    (422, "ERROR :: /title :: field is required but not found and has no default value\n", Category.INVALID_POSTING),
    (422, "ERROR :: /location :: field is required but not found and has no default value", Category.INVALID_POSTING),
    (422, "ERROR :: /listedAt :: x cannot be coerced to Long\n", Category.INVALID_POSTING),
    (422, 'ERROR :: /jobPostingOperationType :: "UPDATED" is not an enum symbol\n', Category.INVALID_POSTING),
    (422, "ERROR :: /posterEmail :: field is required but not found and has no default value", Category.CONFIGURATION),
    (422, "ERROR :: /companyApplyUrl :: field is required but not found", Category.CONFIGURATION),
    (422, "ERROR :: /integrationContext :: urn:li:company:1 is not a urn", Category.CONFIGURATION),
    (422, "ERROR :: /company :: field is required but not found", Category.CONFIGURATION),
    (422, 'ERROR :: /listingType :: "FREE" is not an enum symbol', Category.CONFIGURATION),
    (422, "ERROR :: /externalJobPostingId :: field is required but not found", Category.CONFIGURATION),
    (422, "more than seven locations", Category.INVALID_POSTING),
    (400, "workplaceTypes may hold one value", Category.INVALID_POSTING),
    (
        400,
        "Invalid company apply url for job with externalPartnerId 1, taskUrn urn:li:simpleJobPostingTask:1",
        Category.CONFIGURATION,
    ),
    (
        400,
        "Either `context` or `company` or `companyPageUrl` or `companyName` must be provided",
        Category.CONFIGURATION,
    ),
    (401, "Invalid access token", Category.CREDENTIALS),
    (401, "The token used in the request has expired", Category.CREDENTIALS),
    (401, "The token used in the request is expired", Category.CREDENTIALS),
    (402, "Insufficient job slots for contract = urn:li:contract:1 for purchase flow", Category.OUT_OF_SLOTS),
    (402, "Insufficient lifetime budget", Category.OUT_OF_SLOTS),
    (
        403,
        "Caller is not authorized to access the jobs for contract: urn:li:contract:{contract_id}",
        Category.PERMISSION,
    ),
    (403, "Not enough permissions to access: POST /simpleJobPostings", Category.PERMISSION),
    (
        403,
        "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/elements]",
        Category.PERMISSION,
    ),
    (403, "Not enough permissions to access: POST (Name)", Category.PERMISSION),
    (404, "Resource (Name) does not exist", Category.CONFIGURATION),
    (409, CLOSED, Category.REFUSED),
    (422, "ERROR :: /contract :: field is required but not found and has no default value", Category.CONFIGURATION),
    (422, "ErrorCode:2009 The job is a duplicate", Category.FED_FROM_ELSEWHERE),
    (426, "Requested version 20250101 is not active", Category.CONFIGURATION),
    (400, "something nobody wrote down", Category.INVALID_POSTING),
    (422, "something nobody wrote down", Category.INVALID_POSTING),
    (405, "Method Not Allowed", Category.UNEXPECTED),
    (408, "Request Timeout", Category.TEMPORARY),
    (409, "Conflicting update in progress", Category.UNEXPECTED),
    (418, "something nobody wrote down", Category.UNEXPECTED),
    (421, "Misdirected Request", Category.TEMPORARY),
    (451, "Unavailable", Category.UNEXPECTED),
    (503, "duplicate request", Category.TEMPORARY),
    (429, "duplicate request, already closed or does not exist", Category.RATE_LIMITED),
    (999, "Request denied", Category.RATE_LIMITED),
    (414, "Request-URI Too Long", Category.UNEXPECTED),
    (429, DAY, Category.RATE_LIMITED),
    (429, "Too many requests", Category.RATE_LIMITED),
    (500, "Internal Server Error", Category.TEMPORARY),
    (502, "Bad Gateway", Category.TEMPORARY),
    (504, "Gateway Timeout", Category.TEMPORARY),
]


@pytest.mark.parametrize(("status", "message", "category"), ROWS)
def test_a_refused_request_has_the_category_of_its_row(status: int, message: str, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply({"message": message, "status": status}, status=status), 1)
    assert (caught.value.problem.category, caught.value.status) == (category, status)
    assert caught.value.problem.provider_text == message.strip()


@pytest.mark.parametrize(("status", "message", "category"), ROWS)
def test_a_refused_element_has_the_category_of_its_row(status: int, message: str, category: Category) -> None:
    element = {"error": {"message": message, "status": status}, "status": status}
    (answer,) = read_submit(reply({"elements": [element]}), 1)
    assert isinstance(answer, ProviderError)
    assert (answer.problem.category, answer.status) == (category, status)
    assert answer.problem.provider_text == message.strip()


@pytest.mark.parametrize(("status", "message", "category"), [row for row in ROWS if row[0] != 404])
def test_a_failed_id_has_the_category_of_its_row(status: int, message: str, category: Category) -> None:
    body = {"results": {}, "statuses": {}, "errors": {"t": {"message": message, "status": status}}}
    (found,) = read_tasks(reply(body), ["t"])
    assert isinstance(found, ProviderError)
    assert (found.problem.category, found.status) == (category, status)


TASKS = [
    (CLOSED, Category.REFUSED),
    ("ErrorCode:2009", Category.FED_FROM_ELSEWHERE),
    ("The job is a duplicate of another", Category.FED_FROM_ELSEWHERE),
    ("Insufficient job slots for contract = urn:li:contract:1 for purchase flow", Category.OUT_OF_SLOTS),
    ("Insufficient lifetime budget", Category.OUT_OF_SLOTS),
    (
        "Invalid company apply url for job with externalPartnerId 1, taskUrn urn:li:simpleJobPostingTask:1",
        Category.CONFIGURATION,
    ),
    ("Caller is not authorized to access the jobs for contract: urn:li:contract:1", Category.PERMISSION),
    ("ERROR :: /location :: field is required but not found and has no default value", Category.INVALID_POSTING),
    ("ErrorCode:4711 no idea", Category.REFUSED),
    ("", Category.REFUSED),
]

PASSING_TASKS = ["Internal Server Error", "503 Service Unavailable", "Request timed out", "timeout", "try again later"]


@pytest.mark.parametrize("message", PASSING_TASKS)
def test_a_task_that_failed_as_linkedin_failed_is_tried_again(message: str) -> None:
    assert task_error(message).problem.category is Category.TEMPORARY


PAGES = [b"", b"<html>403</html>", b"[]", b"null", b"{}", b'"no"', b'{"error": "x"}']


@pytest.mark.parametrize("body", PAGES)
@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 405, 408, 409, 410, 421, 422, 426, 451, 999])
def test_whatever_stands_in_front_of_linkedin_refuses_nothing_for_good(body: bytes, status: int) -> None:
    for read in (lambda answer: read_submit(answer, 1), lambda answer: read_tasks(answer, ["t"]), read_blocked):
        with pytest.raises(ProviderError) as caught:
            read(reply(body, status=status))
        assert caught.value.problem.category is Category.TEMPORARY
        assert caught.value.status == status


def test_a_firewall_is_told_apart_from_a_missing_permission() -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply(b"<html>Request blocked</html>", status=403), 1)
    assert "firewall" in caught.value.problem.reason
    assert "permissions" in caught.value.problem.reason


DOCUMENTED = {400, 401, 402, 403, 404, 409, 422, 426}


@given(st.integers(300, 999), st.text("xyz .:", max_size=30) | st.sampled_from(["duplicate", "version", CLOSED]))
def test_only_documented_statuses_and_words_are_final(status: int, message: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply({"message": message, "status": status}, status=status), 1)
    known = status in DOCUMENTED or message in {"duplicate", "version", CLOSED}
    assert caught.value.problem.retried or (known and status < 500 and status not in {408, 421, 429})


@pytest.mark.parametrize(("message", "category"), TASKS)
def test_a_failed_task_goes_by_its_words_and_is_never_waited_out(message: str, category: Category) -> None:
    problem = task_error(message).problem
    assert (problem.category, problem.provider_text) == (category, message)
    assert not problem.retried


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: row.reason)
def test_every_row_says_what_happened_and_what_to_do(row: ErrorRow) -> None:
    assert row.reason.endswith((".", ")."))
    assert row.remedy.endswith(".")


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b"[]", b"null", b"\xff"])
@pytest.mark.parametrize(("status", "category"), [(502, Category.TEMPORARY), (429, Category.RATE_LIMITED)])
def test_a_status_counts_whatever_the_body_is(body: bytes, status: int, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply(body, status=status), 1)
    assert caught.value.problem.category is category


def test_a_foreign_contract_is_told_apart_from_a_missing_permission() -> None:
    contract, other = (
        error("submit", status=403, text=text, response=reply()).problem
        for text in ("not authorized to access the jobs for contract: urn:li:contract:1", "Not enough permissions")
    )
    assert "contract_urn" in contract.remedy
    assert "contract_urn" not in other.remedy


ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_the_day_limit_ends_at_the_next_midnight_utc(now: datetime) -> None:
    wait = until_midnight_utc(now)
    assert timedelta(0) < wait <= timedelta(days=1)
    assert (now.astimezone(UTC) + wait).time().isoformat() == "00:00:00"


@pytest.mark.parametrize("message", [DAY, DAY.lower()])
@pytest.mark.parametrize("where", ["request", "element"])
def test_the_day_limit_waits_until_midnight(message: str, where: str) -> None:
    refusal = {"message": message, "status": 429, "serviceErrorCode": 101}
    if where == "request":
        with pytest.raises(ProviderError) as caught:
            read_submit(reply(refusal, status=429), 1)
        found = caught.value
    else:
        (element,) = read_submit(reply({"elements": [{"error": refusal, "status": 429}]}), 1)
        assert isinstance(element, ProviderError)
        found = element
    assert found.problem.retry_after == timedelta(hours=13, minutes=30)
    assert NOW + timedelta(hours=13, minutes=30) == datetime(2026, 11, 23, tzinfo=UTC)
    assert "00:00 UTC" in found.problem.remedy


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, None), ({"retry-after": "30"}, 30), ({"retry-after": "soon"}, None)]
)
def test_any_other_throttle_waits_as_long_as_linkedin_says(headers: dict[str, str], seconds: int | None) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply({"message": "slow down"}, status=429, headers=headers), 1)
    assert caught.value.problem.retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_given_wait_goes_before_midnight() -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(reply({"message": DAY}, status=429, headers={"retry-after": "30"}), 1)
    assert caught.value.problem.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("posterEmail", "poster_email"),
        ("companyApplyUrl", "apply_url"),
        ("integrationContext", "organization_urn"),
        ("listingType", "listing_type"),
        ("externalJobPostingId", "external_job_posting_id"),
        ("contract", "contract_urn"),
    ],
)
def test_the_remedy_for_a_field_that_is_configured_names_its_key(field: str, key: str) -> None:
    text = f"ERROR :: /{field} :: field is required but not found"
    found = error("submit", status=422, text=text, response=reply({}))
    assert key in found.problem.remedy
    assert "in iCIMS, then send the signal" not in found.problem.remedy
