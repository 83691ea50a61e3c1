"""`doctor --customer --job` names each fault of one real job: in iCIMS, at the boards, in the configuration."""

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.providers import Providers, open_http
from boardsync.doctor.findings import Finding, Level
from boardsync.doctor.job import check_job
from config.loading import parse_settings
from config.settings import Settings
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import running_gateway
from tests.support.settings import raw_settings

Raw = dict[str, Any]
Plant = Callable[[Boards, str, Raw], Awaitable[None]]
POSTER = "owner@example.com"


def healthy(urls: dict[str, str]) -> Raw:
    raw = raw_settings(urls)
    raw["customers"][0]["linkedin"]["poster_email"] = POSTER
    return raw


@pytest.fixture(scope="module")
async def gateway(client: Client, sandbox_urls: dict[str, str]) -> AsyncIterator[str]:
    """Run a gateway that knows the customer as it should be."""
    settings = parse_settings(healthy(sandbox_urls), {}, base=Path())
    async with running_gateway(client, settings) as http:
        yield str(http.base_url).rstrip("/")


@pytest.fixture
async def fast(boards: Boards) -> Boards:
    """Let many checks in a row ask Indeed."""
    await boards.set(indeed__finds_per_second=1000)
    return boards


async def examine(raw: Raw, job: str, gateway: str) -> list[Finding]:
    settings: Settings = parse_settings(raw, {}, base=Path())
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    async with open_http() as http:
        return await check_job(http, Providers(settings, http), customer, job, gateway)


async def test_a_healthy_job_is_found_healthy_and_nothing_is_written(
    sandbox_urls: dict[str, str], fast: Boards, job: str, gateway: str
) -> None:
    found = await examine(healthy(sandbox_urls), job, gateway)
    assert [each for each in found if each.level is not Level.OK] == []
    checks = {each.check for each in found}
    assert checks >= {
        "icims.job", "icims.job.address", "icims.quota", "linkedin.job", "linkedin.job.close",
        "linkedin.job.poster_email", "indeed.listing", "indeed.job", "indeed.job.visible", "gateway.event",
    }  # fmt: skip
    close = next(each for each in found if each.check == "linkedin.job.close")
    assert f"externalJobPostingId {CUSTOMER}-{job}" in close.found
    assert await fast.writes(job) == []


def refuse(provider: str, operation: str, status: int, **fault: Any) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        await boards.fault(provider, operation, "http", status=status, times=None, **fault)

    return plant


def at_icims(**icims: Any) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        await boards.change_job(job, icims=icims)

    return plant


def at_indeed(**indeed: Any) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        await boards.change_job(job, indeed=indeed)

    return plant


def at_linkedin(**linkedin: Any) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        await boards.change_job(job, linkedin=linkedin)

    return plant


def configured(section: str, **keys: Any) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        customer = raw["customers"][0]
        part = customer[section] if section else customer
        part.update(keys)
        for key in [key for key, value in keys.items() if value is None]:
            del part[key]

    return plant


def both(*plants: Plant) -> Plant:
    async def plant(boards: Boards, job: str, raw: Raw) -> None:
        for each in plants:
            await each(boards, job, raw)

    return plant


async def named_otherwise(boards: Boards, job: str, raw: Raw) -> None:
    raw["customers"][0]["indeed"]["job_posting_id"] = "x{job_id}"
    await boards.change_job(job, indeed={"requisition_id": f"x{job}"})


async def without_an_id(boards: Boards, job: str, raw: Raw) -> None:
    await boards.change_job(job, indeed={"requisition_id": job, "job_posting_id": None})


async def used_up(boards: Boards, job: str, raw: Raw) -> None:
    await boards.set(icims__daily_quota=0)


CREATES = configured("linkedin", on_post="create")
ALL = {"closing_statuses": ["Hired"], "close_when": "all_positions_filled"}
INVALID = {"error": "invalid_client"}
BASIC_BY_FIELD = {"when": {"field": "positiontype", "value": "Per Diem"}, "listing_type": "BASIC"}
FAULTS: dict[str, tuple[Plant, str, Level, str]] = {
    "the secret of iCIMS is refused": (
        refuse("icims", "token", 401, body=INVALID), "icims.job", Level.FAIL, "client id and secret were refused",
    ),
    "iCIMS has no such job": (at_icims(deleted=True), "icims.job", Level.FAIL, "no such job"),
    "iCIMS hides the job": (at_icims(hidden=True), "icims.job", Level.FAIL, "does not let Boardsync read"),
    "iCIMS hides the title": (at_icims(hidden_fields=["jobtitle"]), "icims.job.title", Level.WARN, "jobtitle"),
    "iCIMS hides the title of a job to be created": (
        both(CREATES, at_icims(hidden_fields=["jobtitle"])), "icims.job.title", Level.FAIL, "jobtitle",
    ),
    "iCIMS hides the location": (
        at_icims(hidden_fields=["joblocation"]), "icims.job.location", Level.WARN, "joblocation",
    ),
    "iCIMS hides the description": (
        at_icims(hidden_fields=["overview", "responsibilities", "qualifications"]),
        "icims.job.description", Level.WARN, "overview",
    ),
    "iCIMS hides the number": (at_icims(hidden_fields=["jobid"]), "icims.job.number", Level.WARN, "no number"),
    "iCIMS hides the address": (
        refuse("icims", "address", 403, body={"errors": [{"errorCode": 3, "errorMessage": "no"}]}),
        "icims.job.address", Level.WARN, "hides the job's address",
    ),
    "iCIMS hides how many positions there are": (
        both(configured("", **ALL), at_icims(hidden_fields=["numberofpositions"])),
        "icims.job.positions", Level.FAIL, "numberofpositions",
    ),
    "the field of the company is wrong": (
        configured("icims", fields={"company": "nosuchfield"}), "icims.job.company", Level.WARN, "nosuchfield",
    ),
    "the folder is not among those that are posted": (
        both(configured("icims", posted_folders=["Approved"]), at_icims(folder="Filled")),
        "icims.job.folder", Level.WARN, "Filled",
    ),
    "the job is on none of the portals": (
        both(configured("icims", portals=["101"]), at_icims(portals=[])), "icims.job.portals", Level.WARN, "none of",
    ),
    "iCIMS does not answer for a portal": (
        both(
            configured("icims", portals=["101"]),
            refuse("icims", "portal_job", 403, body={"errors": [{"errorCode": 3, "errorMessage": "no"}]}),
        ),
        "icims.job.portals", Level.FAIL, "does not let",
    ),
    "iCIMS's quota of the day is used up": (used_up, "icims.job", Level.WARN, "quota is used up"),
    "the distributor id is missing": (
        configured("icims", report=True, job_distributor_id=None), "icims.distributor", Level.WARN, "not set",
    ),
    "LinkedIn's secret is refused": (
        refuse("linkedin", "token", 401, body=INVALID), "linkedin.job", Level.FAIL, "client id and secret were refused",
    ),
    "LinkedIn knows the job under another id": (
        configured("linkedin", external_job_posting_id="x-{job_id}"), "linkedin.job", Level.WARN, "knows no job x-",
    ),
    "LinkedIn withholds the job": (
        at_linkedin(message="INVALID_LOCATION: The job location cannot be standardized."),
        "linkedin.job.listing", Level.WARN, "INVALID_LOCATION",
    ),
    "LinkedIn does not list the job": (at_linkedin(listed=False), "linkedin.job.listing", Level.WARN, "does not list"),
    "the apply address is no https": (
        configured("icims", apply_url="http://jobs.example.com/{job_id}"),
        "linkedin.job.close", Level.WARN, "http://jobs.example.com/",
    ),
    "a job to be created has no description": (
        both(CREATES, at_icims(hidden_fields=["overview", "responsibilities", "qualifications"])),
        "linkedin.job.create", Level.FAIL, "description",
    ),
    "nobody says where people work": (CREATES, "linkedin.job.workplace", Level.WARN, "no workplace_type"),
    "members apply on LinkedIn itself": (
        both(CREATES, at_linkedin(apply={"status": "ENABLED"})), "linkedin.job.apply", Level.WARN, "LinkedIn Apply",
    ),
    "iCIMS hides what a rule for LinkedIn asks for": (
        both(configured("linkedin", rules=[BASIC_BY_FIELD]), at_icims(hidden_fields=["positiontype"])),
        "linkedin.job.rules", Level.WARN, "positiontype",
    ),
    "nobody owns the postings": (
        configured("linkedin", poster_email=None), "linkedin.job.poster_email", Level.WARN, "not set",
    ),
    "Indeed's secret is refused": (
        refuse("indeed", "token", 401, body=INVALID), "indeed.job", Level.FAIL, "client id and secret were refused",
    ),
    "Indeed lists nothing of the customer": (
        configured("indeed", legacy_source_id="nobody"), "indeed.listing", Level.FAIL, "lists no job",
    ),
    "Indeed knows the job under another id": (
        configured("indeed", job_posting_id="x-{job_id}"), "indeed.job", Level.WARN, "lists no job x-",
    ),
    "Indeed knows the job by its number alone": (
        named_otherwise,
        "indeed.job.named_otherwise", Level.FAIL, "these have it as their number",
    ),
    "a posting has the number and no id": (without_an_id, "indeed.job.requisition", Level.WARN, "no jobPostingId"),
    "an entry of Indeed's listing cannot be read": (
        at_indeed(listing="null"), "indeed.listing", Level.WARN, "not whole",
    ),
    "the posting has ended": (at_indeed(lifecycle="INACTIVE"), "indeed.job.live", Level.WARN, "0 live"),
    "the posting is in no search": (at_indeed(search_status="nowhere"), "indeed.job.visible", Level.WARN, "nowhere"),
    "the posting lacks its sponsorship": (
        at_indeed(search_status="sponsored_without_spend"), "indeed.job.visible", Level.WARN, "sponsored_without_spend",
    ),
    "somebody else has set a tracking URL": (
        configured("indeed", tracking_url="https://example.com/others"), "indeed.job.foreign", Level.WARN, "tracking",
    ),
    "the webhook's secret is another one": (
        configured("icims", webhook_secret="a-new-webhook-secret-5678"), "gateway.event", Level.FAIL, "401",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_named(
    sandbox_urls: dict[str, str], fast: Boards, job: str, gateway: str, fault: str
) -> None:
    plant, check, level, words = FAULTS[fault]
    raw = copy.deepcopy(healthy(sandbox_urls))
    await plant(fast, job, raw)
    found = await examine(raw, job, gateway)
    named = [each for each in found if each.check == check and each.level is level]
    assert [each for each in named if words in each.found], [each for each in found if each.level is not Level.OK]
    assert all(each.means and each.remedy for each in found if each.level is not Level.OK)
    assert await fast.writes(job) == []
    assert "secret-" not in str(found)


async def test_a_gateway_that_is_away_is_named(sandbox_urls: dict[str, str], fast: Boards, job: str) -> None:
    found = await examine(healthy(sandbox_urls), job, "http://127.0.0.1:9")
    assert [each.check for each in found if each.level is Level.FAIL] == ["gateway.event"]


async def test_the_job_is_looked_up_under_the_account_of_its_rule(
    sandbox_urls: dict[str, str], fast: Boards, job: str, gateway: str
) -> None:
    await fast.add_application("brand")
    await fast.add_job(job, indeed=[{}, {"client_id": "brand", "search_status": "nowhere"}], position_type="Per Diem")
    raw = healthy(sandbox_urls)
    raw["customers"][0]["indeed"]["rules"] = [
        {
            "when": {"field": "positiontype", "value": "Per Diem"},
            "client_id": "brand",
            "client_secret": "brand-secret",
            "advertiser_id": "brand-advertiser",
        }
    ]
    found = {each.check: each for each in await examine(raw, job, gateway)}
    assert "under brand/brand-advertiser" in found["indeed.account"].found
    assert "nowhere" in found["indeed.job.visible"].found
    await fast.change_job(job, icims={"hidden_fields": ["positiontype"]})
    said = await examine(raw, job, gateway)
    assert [each.level for each in said if each.check == "indeed.account"] == [Level.WARN]
    assert len([each for each in said if each.check == "indeed.job"]) == 2
