"""Each row of LinkedIn's error tables (docs/providers/linkedin.md), answered by the simulated LinkedIn.

The real client sends what provokes it, and the answer has the row's category: no words are put into anybody's mouth.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from clients.errors import ProviderError
from clients.linkedin.errors import task_error
from clients.linkedin.protocol import Accepted, TaskState
from models.problems import Category
from tests.sandbox.harness import Sandbox
from tests.sandbox.linkedin_posting import CLOSE, CREATE, changed, client


async def refusal(ask: Awaitable[Any]) -> ProviderError:
    """Return the error, whether the request or its one element was refused."""
    try:
        answer = await ask
    except ProviderError as error:
        return error
    (found,) = answer
    assert isinstance(found, ProviderError)
    return found


ELEMENTS: list[tuple[dict[str, Any], int, str, Category]] = [
    (changed(CLOSE, title=None), 422, "/title :: field is required but not found", Category.INVALID_POSTING),
    (changed(CLOSE, location=None), 422, "/location :: field is required but not", Category.INVALID_POSTING),
    (changed(CLOSE, contract=None), 422, "/contract :: field is required but not", Category.CONFIGURATION),
    (changed(CLOSE, listedAt="soon"), 422, "/listedAt :: soon cannot be coerced to Long", Category.INVALID_POSTING),
    (changed(CLOSE, title=7), 422, "/title :: 7 cannot be coerced to String", Category.INVALID_POSTING),
    (
        changed(CLOSE, jobPostingOperationType="UPDATED"),
        422,
        '/jobPostingOperationType :: "UPDATED" is not an enum symbol',
        Category.INVALID_POSTING,
    ),
    (changed(CLOSE, workplaceTypes=["remote", "hybrid"]), 400, "workplaceTypes", Category.INVALID_POSTING),
    (changed(CLOSE, companyApplyUrl="nowhere"), 400, "Invalid company apply url for job", Category.CONFIGURATION),
    (changed(CLOSE, integrationContext=None), 400, "must be provided", Category.CONFIGURATION),
    (
        changed(CLOSE, contract="urn:li:contract:1"),
        403,
        "not authorized to access the jobs for contract: urn:li:contract:1",
        Category.PERMISSION,
    ),
    (changed(CLOSE, listingType="FREE"), 422, '"FREE" is not an enum symbol', Category.CONFIGURATION),
    (changed(CLOSE, alternateLocations=["x"] * 8), 422, "7 alternate locations", Category.INVALID_POSTING),
    (changed(CLOSE, externalJobPostingId=12341209), 500, "Internal Server Error", Category.TEMPORARY),
    (
        changed(CLOSE, externalJobPostingId="1234-9999"),
        409,
        "Cannot close job which is already closed or does not exist",
        Category.REFUSED,
    ),
]


@pytest.mark.parametrize(("built", "status", "words", "category"), ELEMENTS, ids=lambda each: str(each)[:40])
async def test_what_is_wrong_with_an_element(
    sandbox: Sandbox, built: dict[str, Any], status: int, words: str, category: Category
) -> None:
    found = await refusal(client(sandbox).submit([built]))
    assert found.status == status
    assert words in found.problem.provider_text
    assert found.problem.category is category
    assert found.problem.remedy


@pytest.mark.parametrize(
    ("knobs", "status", "words", "category"),
    [
        ({"job_slots": 0}, 402, "Insufficient job slots for contract", Category.OUT_OF_SLOTS),
        ({"budget_left": False}, 402, "Insufficient lifetime budget", Category.OUT_OF_SLOTS),
        ({"records_per_minute": 0}, 429, "Too many requests", Category.RATE_LIMITED),
        ({"records_per_day": 0}, 429, "DAY limit", Category.RATE_LIMITED),
        ({"requests_per_day": 0}, 429, "DAY limit", Category.RATE_LIMITED),
    ],
)
async def test_what_the_contract_or_the_limits_do_not_allow(
    sandbox: Sandbox, knobs: dict[str, Any], status: int, words: str, category: Category
) -> None:
    await sandbox.set(**{f"linkedin__{name}": value for name, value in knobs.items()})
    found = await refusal(client(sandbox).submit([CREATE]))
    assert (found.status, found.problem.category) == (status, category)
    assert words in found.problem.provider_text
    waits = found.problem.retry_after
    assert (waits is not None) is ("DAY" in words)


async def test_a_slot_is_free_again_once_a_job_is_closed(sandbox: Sandbox) -> None:
    linkedin = client(sandbox)
    await sandbox.set(linkedin__job_slots=1)
    assert isinstance((await linkedin.submit([CREATE]))[0], Accepted)
    other = changed(CREATE, externalJobPostingId="1234-other")
    assert (await refusal(linkedin.submit([other]))).status == 402
    await linkedin.submit([changed(CREATE, jobPostingOperationType="CLOSE")])
    assert isinstance((await linkedin.submit([other]))[0], Accepted)


@pytest.mark.parametrize("text", ["is expired", "has expired"])
async def test_an_expired_token_that_stays_expired(sandbox: Sandbox, text: str) -> None:
    await sandbox.set(linkedin__expired_token_text=text)
    await sandbox.fault("linkedin", "submit", "expire_token", times=None)
    found = await refusal(client(sandbox).submit([CLOSE]))
    assert (found.status, found.problem.category) == (401, Category.CREDENTIALS)
    assert text in found.problem.provider_text


async def test_a_token_that_is_not_linkedins(sandbox: Sandbox) -> None:
    linkedin = client(sandbox)
    await linkedin.status("1234-1209")
    await sandbox.control("POST", "/reset")  # LinkedIn forgets the token: the client gets a fresh one, once
    await linkedin.status("1234-1209")
    body = {"message": "Invalid access token", "status": 401}
    await sandbox.fault("linkedin", "submit", "http", status=401, body=body, times=None)
    found = await refusal(linkedin.submit([CLOSE]))
    assert (found.status, found.problem.category) == (401, Category.CREDENTIALS)


class WithoutMethod(httpx.AsyncHTTPTransport):
    """A proxy that does not pass the header on which LinkedIn's batches depend, or spoils the body."""

    def __init__(self, *, spoil: bool = False) -> None:
        super().__init__()
        self._spoil = spoil

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("simpleJobPostings"):
            headers = [pair for pair in request.headers.raw if self._spoil or pair[0].lower() != b"x-restli-method"]
            content = request.content[:-1] + b"?" if self._spoil else request.content
            request = httpx.Request(request.method, request.url, headers=headers, content=content)
        return await super().handle_async_request(request)


async def through(sandbox: Sandbox, proxy: WithoutMethod) -> ProviderError:
    async with httpx.AsyncClient(transport=proxy) as http:
        return await refusal(client(replace(sandbox, http=http)).submit([CLOSE]))


@pytest.mark.parametrize(
    ("text", "words"),
    [("permissions", "Not enough permissions to access: POST /simpleJobPostings"), ("unpermitted", "[/elements]")],
)
async def test_a_missing_header_is_told_from_a_missing_permission(sandbox: Sandbox, text: str, words: str) -> None:
    await sandbox.set(linkedin__missing_method_text=text)
    found = await through(sandbox, WithoutMethod())
    assert (found.status, found.problem.category) == (403, Category.PERMISSION)
    assert words in found.problem.provider_text
    assert "proxy" in found.problem.remedy


async def test_a_body_that_linkedin_cannot_read(sandbox: Sandbox) -> None:
    found = await through(sandbox, WithoutMethod(spoil=True))
    assert (found.status, found.problem.category) == (504, Category.TEMPORARY)


async def test_the_parents_token(sandbox: Sandbox) -> None:
    parent = client(sandbox, id="linkedin-parent", secret="linkedin-parent-secret")
    found = await refusal(parent.submit([CLOSE]))
    assert (found.status, found.problem.category) == (403, Category.PERMISSION)
    assert "child application" in found.problem.remedy


async def test_an_address_that_linkedin_does_not_have(sandbox: Sandbox) -> None:
    found = await refusal(client(sandbox, path="/v3").submit([CLOSE]))
    assert (found.status, found.problem.category) == (404, Category.CONFIGURATION)
    assert "does not exist" in found.problem.provider_text


async def test_a_version_that_linkedin_does_not_serve(sandbox: Sandbox) -> None:
    found = await refusal(client(sandbox, version="209913").submit([CLOSE]))
    assert (found.status, found.problem.category) == (426, Category.CONFIGURATION)
    assert "version" in found.problem.remedy


async def test_too_many_and_repeated_elements(sandbox: Sandbox) -> None:
    found = await refusal(client(sandbox).submit([CLOSE, CLOSE]))
    assert (found.status, found.problem.category) == (400, Category.INVALID_POSTING)
    with pytest.raises(ValueError, match="1 to 100"):
        await client(sandbox).submit([CLOSE] * 101)


async def test_an_address_that_is_too_long(sandbox: Sandbox) -> None:
    with pytest.raises(ProviderError) as caught:
        await client(sandbox).status("x" * 4_100)
    assert (caught.value.status, caught.value.problem.category) == (414, Category.UNEXPECTED)


Provoke = Callable[[Sandbox], Awaitable[dict[str, Any]]]


async def duplicate_of_a_feeds_job(sandbox: Sandbox) -> dict[str, Any]:
    return changed(CREATE, companyJobCode="2026-1209")


async def created_twice(sandbox: Sandbox) -> dict[str, Any]:
    await client(sandbox).submit([CREATE])
    return CREATE


async def bad_address(sandbox: Sandbox) -> dict[str, Any]:
    await sandbox.set(linkedin__apply_url_surface="task")
    return changed(CREATE, companyApplyUrl="nowhere")


async def closed_twice(sandbox: Sandbox) -> dict[str, Any]:
    await sandbox.set(linkedin__conflict_surface="task")
    return changed(CLOSE, externalJobPostingId="1234-9999")


@pytest.mark.parametrize(
    ("provoke", "words", "category"),
    [
        (duplicate_of_a_feeds_job, "ErrorCode:2009", Category.FED_FROM_ELSEWHERE),
        (created_twice, "ErrorCode:2009", Category.FED_FROM_ELSEWHERE),
        (bad_address, "Invalid company apply url", Category.CONFIGURATION),
        (closed_twice, "already closed or does not exist", Category.REFUSED),
    ],
)
async def test_what_only_the_task_says(sandbox: Sandbox, provoke: Provoke, words: str, category: Category) -> None:
    built = await provoke(sandbox)
    linkedin = client(sandbox)
    (accepted,) = await linkedin.submit([built])
    assert isinstance(accepted, Accepted)
    sandbox.clock.now += 1
    task = await linkedin.task(accepted.task_id)
    assert task is not None
    assert task.state is TaskState.FAILED
    assert words in (task.error or "")
    assert task_error(task.error or "").problem.category is category


@pytest.mark.parametrize("surface", ["http", "element"])
async def test_a_conflict_and_a_bad_address_on_the_other_surfaces(sandbox: Sandbox, surface: str) -> None:
    await sandbox.set(linkedin__conflict_surface=surface, linkedin__apply_url_surface=surface)
    unknown = changed(CLOSE, externalJobPostingId="1234-9999")
    assert (await refusal(client(sandbox).submit([unknown]))).status == 409
    nowhere = changed(CLOSE, companyApplyUrl="nowhere")
    found = await refusal(client(sandbox).submit([nowhere]))
    assert (found.status, found.problem.category) == (400, Category.CONFIGURATION)


async def test_100_elements_are_answered_by_position(sandbox: Sandbox) -> None:
    built = [
        changed(CREATE, externalJobPostingId=f"1234-{n}", title=None if n % 7 == 0 else "T") for n in range(9000, 9100)
    ]
    answers = await client(sandbox).submit(built)
    assert [isinstance(each, Accepted) for each in answers] == [n % 7 != 0 for n in range(9000, 9100)]
