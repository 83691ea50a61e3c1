"""Everything settles or asks: 429 in each form, failures before and after the write, refusals."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.boards import BoardRecord
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Outcome
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, asks, attention_of, eventually, indeed_of, linkedin_of, send
from tests.support.settings import sandbox_settings

pytestmark = pytest.mark.usefixtures("workers")

CLOSED_ONCE = ["indeed.clear", "linkedin.submit"]


async def closes(handle: Handle) -> None:
    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert indeed_of(receipt).outcome is Outcome.CLEARED


OF_A_JOB = ["icims.job", "linkedin.submit", "linkedin.tasks", "linkedin.status"]
OF_A_JOB += ["indeed.clear", "indeed.node"]
OF_ALL_JOBS = ["icims.token", "linkedin.token", "indeed.token", "indeed.find"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http", "status": 500},
        {"kind": "http", "status": 503, "body": "<html>down</html>"},
        {"kind": "http", "status": 429, "headers": {"Retry-After": "1"}},
        {"kind": "drop"},
        {"kind": "lost_answer"},
        {"kind": "garbage"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
async def test_failures_of_any_call_are_retried_and_nothing_is_written_twice(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], fault: dict[str, Any]
) -> None:
    jobs = dict(zip(job_ids, OF_A_JOB, strict=False))
    for job, call in jobs.items():
        await boards.add_job(job)
        await boards.fault(*call.split("."), job_id=job, times=2, **fault)
    for call in OF_ALL_JOBS:
        await boards.fault(*call.split("."), times=2, **fault)

    for handle in [await send(client, settings, job) for job in jobs]:
        await closes(handle)
    for job, call in jobs.items():
        assert sorted(await boards.writes(job)) == CLOSED_ONCE, call


@pytest.mark.parametrize("provider", ["linkedin", "indeed"])
async def test_a_retry_by_hand_asks_anew_for_a_token_that_was_refused_a_moment_ago(
    client: Client, settings: Settings, boards: Boards, job: str, provider: str
) -> None:
    await boards.fault(provider, "token", "http", status=401, body={"error": "invalid_client"})
    board_of: Callable[[Lifecycle], BoardRecord] = linkedin_of if provider == "linkedin" else indeed_of
    handle = await send(client, settings, job)
    await asks(handle, board_of, Category.CREDENTIALS)
    await handle.signal("retry", {"by": "Ana", "reason": "secret mended"})
    await closes(handle)
    assert (await boards.counts())[f"{provider}.token"] == 2


@pytest.mark.parametrize(("provider", "operation"), [("linkedin", "submit"), ("indeed", "clear")])
async def test_an_error_after_the_write_causes_no_second_write(
    client: Client, settings: Settings, boards: Boards, job: str, provider: str, operation: str
) -> None:
    await boards.fault(provider, operation, "http_after", status=504)
    await closes(await send(client, settings, job))
    assert sorted(await boards.writes(job)) == CLOSED_ONCE


@pytest.mark.parametrize("shape", ["http", "errors"])
@pytest.mark.parametrize("retry_after", ["none", "seconds", "date"])
async def test_indeeds_own_throttling_is_waited_out_in_each_form(
    client: Client, settings: Settings, boards: Boards, job: str, shape: str, retry_after: str
) -> None:
    await boards.set(indeed__throttle_shape=shape, indeed__retry_after=retry_after, indeed__mutations_per_second=0)
    handle = await send(client, settings, job)
    await eventually(boards.counts, lambda counts: counts.get("429", 0) >= 1)
    await boards.set(indeed__mutations_per_second=20)
    await closes(handle)


async def test_retry_after_as_a_date_is_kept(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=3)
    headers = {"Retry-After": format_datetime(at, usegmt=True)}
    await boards.fault("linkedin", "submit", "http", status=429, headers=headers)
    await closes(await send(client, settings, job))
    submits = await boards.records(provider="linkedin", operation="submit", job_id=job)
    assert [each["status"] for each in submits] == [429, 200]
    assert submits[1]["at"] >= at.replace(microsecond=0).timestamp()


async def test_linkedins_day_limit_asks_for_a_person_and_names_the_hour(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = sandbox_settings(sandbox_urls, attention_after="20s")
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    body = {"message": message, "status": 429}
    await boards.fault("linkedin", "submit", "http", status=429, body=body, times=None)
    seen = await asks(await send(client, settings, job), linkedin_of, Category.RATE_LIMITED)
    attention = attention_of(linkedin_of(seen))
    assert attention.retrying
    assert "00:00 UTC" in attention.remedy


@pytest.mark.parametrize(
    ("provider", "operation"), [("linkedin", "submit"), ("linkedin", "status"), ("indeed", "clear"), ("indeed", "node")]
)
async def test_an_expired_token_is_renewed_once_and_the_call_succeeds(
    client: Client, settings: Settings, boards: Boards, job: str, provider: str, operation: str
) -> None:
    await boards.fault(provider, operation, "expire_token")
    await closes(await send(client, settings, job))
    assert (await boards.counts())[f"{provider}.token"] == 2


@pytest.mark.parametrize(("provider", "operation"), [("linkedin", "submit"), ("indeed", "clear")])
async def test_that_even_a_fresh_token_is_refused_in_passing_needs_no_person(
    client: Client, settings: Settings, boards: Boards, job: str, provider: str, operation: str
) -> None:
    await boards.fault(provider, operation, "expire_token", times=3)
    await closes(await send(client, settings, job))


async def test_indeeds_expired_token_may_read_as_forbidden(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(indeed__expired_token_as="FORBIDDEN")
    await boards.fault("indeed", "node", "expire_token")
    await closes(await send(client, settings, job))


REFUSALS_OF_INDEED = [
    (
        "FORBIDDEN",
        "Advertiser is requesting an update to EJ (id=1), but the job is claimed by a different advertiser.",
        Category.CLAIMED,
    ),
    ("FORBIDDEN", "Advertiser is in a restricted moderation status", Category.PERMISSION),
    (
        "FORBIDDEN",
        "You are missing permissions for this action. Ask your administrator for the permissions "
        "[Hosted_Job Create, Hosted_Job Update, Hosted_Job Read]",
        Category.PERMISSION,
    ),
    ("FORBIDDEN", "Client is not authorized", Category.CREDENTIALS),
    ("UNAUTHENTICATED", "Token expired", Category.CREDENTIALS),
    ("BAD_USER_INPUT", "sourcedPostingId is malformed", Category.INVALID_POSTING),
]


@pytest.mark.parametrize("place", ["extensions", "top", "both"])
@pytest.mark.parametrize("path", [True, False])
@pytest.mark.usefixtures("refused_for_long")
async def test_indeeds_refusals_ask_for_a_person_in_every_documented_shape(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], place: str, path: bool
) -> None:
    await boards.set(indeed__error_message_place=place, indeed__error_path=path)
    jobs = dict(zip(job_ids, REFUSALS_OF_INDEED, strict=False))
    for job, (code, message, _) in jobs.items():
        await boards.add_job(job)
        words = {"code": code, "message": message}
        await boards.fault("indeed", "clear", "graphql_error", job_id=job, times=None, **words)

    handles = [await send(client, settings, job) for job in jobs]
    for handle, (_, message, category) in zip(handles, jobs.values(), strict=True):
        attention = attention_of(indeed_of(await asks(handle, indeed_of, category)))
        assert message in attention.reason
        # The other advertiser may let go of the job without a word.
        assert attention.retrying is (category is Category.CLAIMED)


REFUSALS_OF_LINKEDIN = [
    (403, "Caller is not authorized to access the jobs for contract: urn:li:contract:1", Category.PERMISSION),
    (403, "Not enough permissions to access: POST /simpleJobPostings", Category.PERMISSION),
    (402, "Insufficient job slots for contract = urn:li:contract:1 for purchase flow", Category.OUT_OF_SLOTS),
    (422, "ERROR :: /title :: field is required but not found and has no default value\n", Category.INVALID_POSTING),
    (401, "Invalid access token", Category.CREDENTIALS),
]


@pytest.mark.parametrize("kind", ["http", "element_error"])
@pytest.mark.usefixtures("refused_for_long")
async def test_linkedins_refusals_ask_for_a_person_at_once(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], kind: str
) -> None:
    # One after the other: a request that is refused as a whole is sent again in parts, for the others in it.
    for job, (status, message, category) in zip(job_ids, REFUSALS_OF_LINKEDIN, strict=False):
        await boards.add_job(job)
        body = {"message": message, "status": status}
        words: dict[str, Any] = {"message": message} if kind == "element_error" else {"body": body}
        await boards.fault("linkedin", "submit", kind, job_id=job, status=status, times=None, **words)
        handle = await send(client, settings, job)
        linkedin = linkedin_of(await asks(handle, linkedin_of, category))
        assert " ".join(message.split()) in attention_of(linkedin).reason
        assert linkedin.evidence[-1].answered == f"refused: {' '.join(message.split())}"
        assert (await boards.counts(job)).get("linkedin.submit.CLOSE", 0) <= 2


async def test_a_job_whose_id_at_indeed_changed_is_found_again(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "graphql_error", code="NOT_FOUND", message="job not found", times=None)
    handle = await send(client, settings, job)
    await asks(handle, indeed_of, Category.NOT_FOUND)
    await boards.clear_faults()
    # The id is known now: a retry that meets NOT_FOUND looks the job up anew.
    before = (await boards.counts())["indeed.find"]
    await boards.fault("indeed", "node", "graphql_error", code="NOT_FOUND", message="job not found")
    await handle.signal("retry")
    await closes(handle)
    assert (await boards.counts())["indeed.find"] > before


async def test_tokens_are_shared_by_many_jobs(client: Client, settings: Settings, boards: Boards) -> None:
    ids = await boards.add_jobs(70_000, 10)
    for handle in [await send(client, settings, each) for each in ids]:
        await closes(handle)
    counts = await boards.counts()
    assert (counts["linkedin.token"], counts["indeed.token"], counts["icims.token"]) == (1, 1, 1)
    assert counts["indeed.find"] < 2 * len(ids)  # one alone has two pages read; who waits at the same time shares them
