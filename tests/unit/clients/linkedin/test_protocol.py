"""LinkedIn's submissions, tasks and listings as recorded (docs/providers/linkedin.md)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.http import Request, Response
from clients.linkedin import protocol
from clients.linkedin.protocol import Accepted, Listing, PostingStatus, TaskState, TaskStatus, read_statuses, read_tasks
from models.events import StatusDetail
from models.problems import Category
from tests.support.replies import reply, sample

URL = "https://api.linkedin.com"
TASK = "urn:li:simpleJobPostingTask:<uuid>"
NO_ATTEMPT = "No attempt to enable LinkedInApply was found for this job."
Read = Callable[[Response, list[str]], list[Any]]


def read_submit(body: object, count: int = 1) -> tuple[Accepted | ProviderError, ...]:
    return protocol.read_submit(reply(body), count)


def listing(**result: object) -> PostingStatus:
    (found,) = read_statuses(reply({"results": {"j": result}, "statuses": {}, "errors": {}}), ["j"])
    assert isinstance(found, PostingStatus)
    return found


def ids_body(results: object = None, **more: object) -> dict[str, object]:
    return {"results": {} if results is None else results, "statuses": {}, "errors": {}, **more}


def test_the_recorded_acceptance_is_read() -> None:
    assert read_submit(sample("linkedin_accepted.json")) == (
        Accepted("urn:li:simpleJobPostingTask:03ff7ca6-dedf-4d92-b856-10669f8fe5ef"),
    )


def test_the_recorded_refusal_is_read() -> None:
    (refusal,) = read_submit(sample("linkedin_refused.json"))
    assert isinstance(refusal, ProviderError)
    assert (refusal.status, refusal.problem.category) == (422, Category.INVALID_POSTING)
    assert (
        refusal.problem.provider_text == "ERROR :: /title :: field is required but not found and has no default value"
    )


def test_the_recorded_task_is_read() -> None:
    expected = TaskStatus(TaskState.SUCCEEDED, job_posting="urn:li:jobPosting:4217555213")
    assert read_tasks(reply(sample("linkedin_tasks.json")), [TASK]) == [expected]


def test_the_recorded_listing_with_its_numeric_id_is_read() -> None:
    found = read_statuses(reply(sample("linkedin_status.json")), ["112233445566"])
    expected = PostingStatus(
        Listing.LISTED,
        url="https://www.linkedin.com/jobs/view/4222328777",
        location="Sunnyvale, California",
        listed_at=datetime(2025, 5, 5, 15, 15, 38, tzinfo=UTC),
        expires_at=datetime(2025, 11, 1, 15, 15, 39, tzinfo=UTC),
        apply=StatusDetail(status="NOT_ENABLED", type="PARTNER_ERROR", message=NO_ATTEMPT),
        promotion=StatusDetail(status="NOT_PROMOTED"),
    )
    assert found == [expected]


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_answers_stand_in_the_order_of_the_elements(accepted: list[bool]) -> None:
    elements = [
        {"id": f"task-{place}", "status": 202}
        if ok
        else {"error": {"message": str(place), "status": 422}, "status": 422}
        for place, ok in enumerate(accepted)
    ]
    answers = read_submit({"elements": elements}, len(elements))
    found = [each.task_id if isinstance(each, Accepted) else each.problem.provider_text for each in answers]
    assert found == [f"task-{place}" if ok else str(place) for place, ok in enumerate(accepted)]


@pytest.mark.parametrize(
    ("element", "category"),
    [
        (None, Category.UNEXPECTED),
        ("x", Category.UNEXPECTED),
        ({"status": 202}, Category.UNEXPECTED),
        ({"id": "", "status": 202}, Category.UNEXPECTED),
        ({"id": 5, "status": 202}, Category.UNEXPECTED),
        ({"id": "t", "status": 422}, Category.INVALID_POSTING),
        ({"id": "t", "status": 202, "error": {"message": "m", "status": 422}}, Category.INVALID_POSTING),
        ({"status": 500, "error": "boom"}, Category.TEMPORARY),
        ({"id": "t", "status": 202, "error": "boom"}, Category.UNEXPECTED),
        ({"id": "t", "status": 202, "error": {}}, Category.UNEXPECTED),
        ({"id": "t", "status": "202"}, Category.UNEXPECTED),
        ({"id": "t", "status": True}, Category.UNEXPECTED),
        ({"id": "t"}, Category.UNEXPECTED),
        ({}, Category.UNEXPECTED),
    ],
)
def test_an_element_that_is_no_plain_acceptance_is_an_error(element: object, category: Category) -> None:
    (answer,) = read_submit({"elements": [element]})
    assert isinstance(answer, ProviderError)
    assert answer.problem.category is category


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", {}, {"elements": None}, {"elements": []}, {"elements": [{}, {}]}]
)
def test_a_submission_whose_answers_do_not_match_is_unreadable(body: object) -> None:
    with pytest.raises(ProviderError) as caught:
        read_submit(body)
    assert caught.value.problem.category is Category.UNEXPECTED


@pytest.mark.parametrize(
    ("version", "base", "header"),
    [(None, "/v2", None), ("202604", "/rest", "202604"), ("202508.02", "/rest", "202508.02")],
)
def test_a_version_chooses_the_address_and_sends_its_header(version: str | None, base: str, header: str | None) -> None:
    submit = protocol.submit_request(URL, version, [{"a": 1}])
    tasks = protocol.tasks_request(URL, version, ["t"])
    status = protocol.status_request(URL, ["j"])
    assert [each.url for each in (submit, tasks, status)] == [
        f"{URL}{base}/simpleJobPostings",
        f"{URL}{base}/simpleJobPostingTasks",
        f"{URL}/v2/jobPostingStatus",
    ]
    assert [each.headers.get("LinkedIn-Version") for each in (submit, tasks, status)] == [header, header, None]
    assert submit.headers["X-Restli-Method"] == "batch_create"
    assert (submit.method, submit.body) == ("POST", {"elements": [{"a": 1}]})


def test_ids_are_repeated_and_not_listed() -> None:
    assert protocol.status_request(URL, ["a", "b"]).params == (("ids", "a"), ("ids", "b"))


@pytest.mark.parametrize(
    ("build", "limit"),
    [
        (lambda count: protocol.submit_request(URL, None, [{}] * count), 100),
        (lambda count: protocol.tasks_request(URL, None, ["t"] * count), 50),
        (lambda count: protocol.status_request(URL, ["j"] * count), 50),
    ],
)
def test_a_request_holds_no_more_than_linkedin_takes(build: Callable[[int], Request], limit: int) -> None:
    assert build(1)
    assert build(limit)
    for count in (0, limit + 1):
        with pytest.raises(ValueError, match=f"expected 1 to {limit} .*, got {count}"):
            build(count)


def test_as_many_task_ids_as_allowed_fit_into_the_query_string() -> None:
    urn = "urn:li:simpleJobPostingTask:03ff7ca6-dedf-4d92-b856-10669f8fe5ef"
    request = protocol.tasks_request(URL, None, [urn] * protocol.IDS_LIMIT)
    assert len(httpx.Request("GET", request.url, params=list(request.params)).url.query) <= 4096


@pytest.mark.parametrize("state", ["IN_PROGRESS", "SUCCEEDED", "FAILED", "PROCESSED"])
def test_every_documented_task_state_is_read(state: str) -> None:
    (found,) = read_tasks(reply(ids_body({"t": {"status": state, "errorMessage": " a\nb "}})), ["t"])
    assert found == TaskStatus(TaskState(state), error="a b")


@pytest.mark.parametrize("value", ["PENDING", "succeeded", "", None, 5, [], {}])
def test_an_unknown_enum_value_is_unknown_and_no_error(value: object) -> None:
    assert read_tasks(reply(ids_body({"t": {"status": value}})), ["t"]) == [TaskStatus(TaskState.UNKNOWN)]
    assert listing(listingStatus=value).listing is Listing.UNKNOWN


@pytest.mark.parametrize("status", ["listingStatus", "listedStatus", "ListedStatus", "ListingStatus"])
@pytest.mark.parametrize(
    "detail", ["listingStatusDetail", "listingStatusDetails", "ListingStatusDetails", "ListingStatusDetail"]
)
def test_every_spelling_of_the_listing_keys_is_read(status: str, detail: str) -> None:
    message = "INVALID_LOCATION: The job location cannot be standardized."
    result = {
        status: "NOT_LISTED",
        detail: {"errorCode": 1000, "errorType": "CUSTOMER_ERROR", "statusMessage": message},
    }
    detail_ = StatusDetail(
        status="NOT_LISTED", code=1000, type="CUSTOMER_ERROR", name="INVALID_LOCATION", message=message
    )
    assert listing(**result) == PostingStatus(Listing.NOT_LISTED, detail=detail_)


@pytest.mark.parametrize("plural", ["", "s"])
def test_the_statuses_beside_the_listing_are_read_in_either_spelling(plural: str) -> None:
    found = listing(
        listingStatus="LISTED",
        LinkedInApplyStatus="NOT_ENABLED",
        **{f"linkedinApplyStatusDetail{plural}": {"errorCode": 1154, "statusMessage": "BLOCKED_WEBHOOK: …"}},
        promotionStatus="BRAND_NEW",
        **{f"promotionStatusDetail{plural}": {"errorCode": None, "errorType": 7, "statusMessage": None}},
    )
    assert found.apply == StatusDetail(
        status="NOT_ENABLED", code=1154, name="BLOCKED_WEBHOOK", message="BLOCKED_WEBHOOK: …"
    )
    assert found.promotion == StatusDetail(status="BRAND_NEW")


@pytest.mark.parametrize("moment", [None, "soon", True, 1.5, 10**30, -(10**30), -1, 253_402_300_799_000])
def test_a_moment_that_is_none_is_not_known(moment: object) -> None:
    found = listing(listingStatus="LISTED", jobPostingInfo={"expireAt": moment, "listedAt": moment})
    assert (found.listed_at, found.expires_at) == (None, None)
    assert listing(listingStatus="LISTED", jobPostingInfo="?") == PostingStatus(Listing.LISTED)


def test_the_detail_of_another_status_is_not_the_listings() -> None:
    found = listing(
        listingStatus="LISTED", listingStatusDetail=None, promotionStatusDetail={"statusMessage": NO_ATTEMPT}
    )
    assert found == PostingStatus(Listing.LISTED)


READERS = pytest.mark.parametrize("read", [read_tasks, read_statuses])
UNKNOWN_ID = [
    ids_body(),
    {"results": {}},
    ids_body(statuses={"x": 404}),
    ids_body(errors={"x": {"message": "not found", "status": 404}}),
    ids_body(errors={"x": {"message": "not found"}}, statuses={"x": 404}),
    ids_body({}, errors={"other": {"status": 500}}),
]
PARTIAL = [
    (ids_body(errors={"x": {"message": "boom", "status": 500}}), Category.TEMPORARY),
    (ids_body(statuses={"x": 500}), Category.TEMPORARY),
    (ids_body({"y": {"status": "SUCCEEDED"}}, errors={"x": {"status": 503}}), Category.TEMPORARY),
    (ids_body(errors={"x": {"status": 403}}), Category.PERMISSION),
    (ids_body(errors={"x": {"message": "boom"}}), Category.UNEXPECTED),
    (ids_body(errors={"x": {"message": "boom", "status": "500"}}), Category.UNEXPECTED),
    (ids_body(errors={"x": "boom"}), Category.UNEXPECTED),
    (ids_body(errors=["boom"]), Category.UNEXPECTED),
    (ids_body(statuses=["boom"]), Category.UNEXPECTED),
    (ids_body(statuses={"x": 200}), Category.UNEXPECTED),
    (ids_body({"x": None}), Category.UNEXPECTED),
    (ids_body({"other": {}}, errors={"other": {"status": 500}}), Category.UNEXPECTED),
    (ids_body({"x": "?"}), Category.UNEXPECTED),
]


@READERS
@pytest.mark.parametrize("body", UNKNOWN_ID)
def test_an_id_that_linkedin_does_not_know_is_missing(read: Read, body: dict[str, object]) -> None:
    assert read(reply(body), ["x"]) == [None]


@READERS
def test_silence_about_one_of_several_ids_is_not_absence(read: Read) -> None:
    known, missing, silent = read(reply(ids_body({"x": {}}, statuses={"y": 404})), ["x", "y", "z"])
    assert (known is not None, missing) == (True, None)
    assert protocol.is_unsaid(silent)


@READERS
@pytest.mark.parametrize(("body", "category"), PARTIAL)
def test_a_partial_answer_is_an_error_and_never_absence(
    read: Read, body: dict[str, object], category: Category
) -> None:
    (found,) = read(reply(body), ["x"])
    assert isinstance(found, ProviderError)
    assert found.problem.category is category


@READERS
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", {}, {"results": None}, {"results": []}])
def test_an_answer_without_results_is_unreadable(read: Read, body: object) -> None:
    with pytest.raises(ProviderError) as caught:
        read(reply(body), ["x"])
    assert caught.value.problem.category is Category.UNEXPECTED


@pytest.mark.parametrize(
    "results",
    [
        {"J": {"listingStatus": "LISTED"}},
        {"k": {}},
        {"j": {"externalJobPostingId": "k"}},
        {"j": {"externalJobPostingId": 7}},
    ],
)
def test_what_is_said_of_another_job_never_counts_as_unknown_or_as_this_ones(results: dict[str, object]) -> None:
    (found,) = read_statuses(reply(ids_body(results)), ["j"])
    assert isinstance(found, ProviderError)
    assert found.problem.retried


@pytest.mark.parametrize("named", [7, "7", "J7"])
def test_a_result_that_names_its_own_job_is_read(named: object) -> None:
    id_ = str(named).lower()
    body = ids_body({id_: {"externalJobPostingId": named, "listingStatus": "NOT_LISTED"}})
    assert read_statuses(reply(body), [id_]) == [PostingStatus(Listing.NOT_LISTED)]


def test_elements_that_name_the_jobs_in_another_order_are_nobodys() -> None:
    elements = [{"id": f"t{each}", "status": 202, "entity": {"externalJobPostingId": each}} for each in ("b", "a")]
    with pytest.raises(ProviderError, match="another order"):
        protocol.read_submit(reply({"elements": elements}), 2, ["a", "b"])
    assert protocol.read_submit(reply({"elements": elements}), 2, ["b", "a"]) == (Accepted("tb"), Accepted("ta"))
