"""Indeed with more than one posting of a job, and postings that say or show other things than the ATS."""

from typing import Any

import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import CLEAR, NODE, NODES, clear, code, gql, ids, update
from tests.sandbox.receiver import receiving

ALL = """query($input: FindEmployerJobsPartnerInput, $first: Int!, $after: String) {
  findEmployerJobsPartner(input: $input, first: $first, after: $after) {
    employerJobs { id jobData { title externalPostingMetadata { jobPostingId jobRequisitionId } } }
    estimatedTotalResultsCount pageInfo { endCursor hasNextPage } } }"""
WHOLE = """query($id: ID!) { node(id: $id) { ... on EmployerJob { id jobData { title company externalJobPageUrl
  externalPostingMetadata { trackingUrls } } seatsConnection { seats { jobPost { id } } } } } }"""


async def post(sandbox: Sandbox, job_id: str, **fields: Any) -> Any:
    return await sandbox.control("POST", "/jobs", {"customer_id": "1234", "job_id": job_id, **fields})


async def page(sandbox: Sandbox, after: str | None = None, first: int = 100, **filters: Any) -> Any:
    sort = [{"sortField": "datePostedOnIndeed", "sortDirection": "DESC"}]
    body = await gql(sandbox, ALL, input={"filters": filters, "sort": sort}, first=first, after=after)
    return body["data"]["findEmployerJobsPartner"] if body["data"] else body


def job_ids(found: Any) -> list[str]:
    return [each["jobData"]["externalPostingMetadata"]["jobPostingId"] for each in found["employerJobs"]]


async def test_several_postings_share_one_job(sandbox: Sandbox) -> None:
    twins = [{"lifecycle": "INACTIVE", "posted_after": -3600}, {"location": "Reno, NV"}, {"posted_after": 60}]
    job = await post(sandbox, "77", indeed=twins)
    assert len({each["sourced_posting_id"] for each in job["indeed_postings"]}) == 3
    assert [each["live"] for each in job["indeed_postings"]] == [False, True, True]
    assert job["indeed"] == job["indeed_postings"][0]
    assert all(each["overlay_left"]["trackingUrl"] for each in job["indeed_postings"])
    assert job_ids(await page(sandbox)).count("77") == 3
    await clear(sandbox, job["indeed_postings"][1]["sourced_posting_id"])
    left = (await sandbox.job("77"))["indeed_postings"]
    assert [bool(each["overlay_left"]) for each in left] == [True, False, True]
    assert (await sandbox.records())[-1]["written"] == [left[1]["sourced_posting_id"]]


async def test_an_older_twin_is_listed_after_a_younger_one(sandbox: Sandbox) -> None:
    job = await post(sandbox, "77", indeed=[{}, {"posted_after": -1_000_000}])
    order = [each["id"] for each in (await page(sandbox))["employerJobs"]]
    first, second = (each["employer_job_id"] for each in job["indeed_postings"])
    assert order.index(first) < order.index(second)


async def test_a_posting_may_be_added_changed_and_taken_away(sandbox: Sandbox) -> None:
    added = await sandbox.control("POST", "/jobs/1234/1209/postings", {"requisition_id": "802", "job_posting_id": None})
    assert (added["requisition_id"], added["job_posting_id"], added["overlay_left"]) == ("802", None, {})
    path = f"/postings/{added['sourced_posting_id']}"
    changed = await sandbox.control("PATCH", path, {"overlay": {"companyName": "Agency"}, "lifecycle": "PENDING"})
    assert (changed["lifecycle"], changed["overlay_left"]) == ("PENDING", {"companyName": "Agency"})
    assert changed["claimed_by"] == "advertiser-1234"
    assert await sandbox.control("GET", path) == changed
    await sandbox.control("DELETE", path)
    assert len((await sandbox.job())["indeed_postings"]) == 1
    assert (await gql(sandbox, NODE, id=added["employer_job_id"]))["data"]["node"] is None


async def test_two_jobs_share_a_requisition_number(sandbox: Sandbox) -> None:
    await post(sandbox, "801", indeed={"requisition_id": "802"})
    await post(sandbox, "802", indeed=False)
    assert job_ids(await page(sandbox, jobRequisitionId=["802"])) == ["801"]


async def test_a_feed_says_other_things_than_the_ats(sandbox: Sandbox) -> None:
    special = {"title": "RN (Nights)", "company": "Feed Inc.", "url": "https://feed.example/é", "overlay": False}
    job = await post(sandbox, "77", indeed=special)
    await sandbox.control("PATCH", "/jobs/1234/77", {"title": "Edited in the ATS"})
    data = (await gql(sandbox, WHOLE, id=job["indeed"]["employer_job_id"]))["data"]["node"]["jobData"]
    assert (data["title"], data["company"], data["externalJobPageUrl"]) == (
        "RN (Nights)",
        "Feed Inc.",
        "https://feed.example/é",
    )
    await sandbox.control("PATCH", "/jobs/1234/77", {"indeed": {"title": None}})
    node = (await gql(sandbox, WHOLE, id=job["indeed"]["employer_job_id"]))["data"]["node"]
    assert node["jobData"]["title"] == "Edited in the ATS"


async def test_a_title_may_be_shown_short(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__title_shape="truncated")
    job = await post(sandbox, "77", title="x" * 90)
    data = (await gql(sandbox, WHOLE, id=job["indeed"]["employer_job_id"]))["data"]["node"]["jobData"]
    assert data["title"] == "x" * 75


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        ("as_sent", "https://Example.com?a=é b&u=http://x/%7e"),
        ("encoded", "https://Example.com?a=%C3%A9%20b&u=http://x/%7e"),
        ("normalised", "https://example.com/?a=%C3%A9%20b&u=http%3A%2F%2Fx%2F~"),
    ],
)
async def test_urls_may_be_shown_in_another_form(sandbox: Sandbox, shape: str, shown: str) -> None:
    await sandbox.set(indeed__url_shape=shape)
    url = "https://Example.com?a=é b&u=http://x/%7e"
    job = await post(sandbox, "77", overlay={"trackingUrl": url, "url": url})
    data = (await gql(sandbox, WHOLE, id=job["indeed"]["employer_job_id"]))["data"]["node"]["jobData"]
    assert (data["externalJobPageUrl"], data["externalPostingMetadata"]["trackingUrls"]) == (shown, [shown])


@pytest.mark.parametrize("node", ["null", "error"])
async def test_a_posting_may_be_null_by_id(sandbox: Sandbox, node: str) -> None:
    uuid, iri = await ids(sandbox)
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"node": node, "listing": "unlisted"}})
    body = await gql(sandbox, NODE, id=iri)
    assert (body["data"]["node"], "errors" in body) == (None, node == "error")
    assert "1209" not in job_ids(await page(sandbox))
    assert code(await clear(sandbox, uuid)) == "NOT_FOUND"


async def test_a_listing_may_hold_nulls(sandbox: Sandbox) -> None:
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"listing": "null"}})
    assert (await page(sandbox))["employerJobs"].count(None) == 1


@pytest.mark.parametrize(("old", "is_null"), [("INACTIVE", False), ("null", True)])
async def test_a_job_is_ingested_anew_under_another_iri(sandbox: Sandbox, old: str, *, is_null: bool) -> None:
    _, before = await ids(sandbox)
    (new,) = await sandbox.control("POST", "/jobs/1234/1209/reingest", {"old": old})
    assert new["employer_job_id"] != before
    assert (new["live"], new["overlay_left"], new["claimed_by"]) == (True, {}, None)
    assert ((await gql(sandbox, NODE, id=before))["data"]["node"] is None) == is_null
    old_posting, _ = (await sandbox.job())["indeed_postings"]
    assert (old_posting["live"], bool(old_posting["overlay_left"])) == (False, True)
    again = await sandbox.control("POST", "/jobs/1234/1209/reingest", {"keeps_overlay": True})
    assert len(again) == 1, "only what is live comes again"


async def test_inactive_postings_take_writes_or_not(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"lifecycle": "INACTIVE"}})
    assert "errors" not in await update(sandbox, {"sourcedPostingId": uuid, "body": {"title": "T"}})
    await sandbox.set(indeed__write_to_inactive="NOT_FOUND", indeed__inactive_jobs="unlisted")
    assert code(await clear(sandbox, uuid)) == "NOT_FOUND"
    assert "1209" not in job_ids(await page(sandbox))


async def test_seats_are_null_with_an_error_beside_a_whole_node(sandbox: Sandbox) -> None:
    _, iri = await ids(sandbox)
    await sandbox.fault("indeed", "node", "null_field", fields=["seatsConnection"], extensions={"x": 1})
    body = await gql(sandbox, WHOLE, id=iri)
    assert body["data"]["node"]["jobData"]["title"]
    assert body["data"]["node"]["seatsConnection"] is None
    assert body["errors"][0]["path"] == ["node", "seatsConnection"]
    assert "code" not in body["errors"][0]["extensions"]


async def test_a_listing_moves_while_it_is_paged(sandbox: Sandbox) -> None:
    body = {"customer_id": "1234", "first_job_id": 5000, "count": 250}
    await sandbox.control("POST", "/jobs/bulk", body)
    await sandbox.set(indeed__find_cursors="offset", indeed__finds_per_second=100)
    ended = [str(number) for number in range(5240, 5250)]
    await sandbox.fault("indeed", "find", "move", ends=ended, only="first_page")
    seen: list[str] = []
    after = None
    for _ in range(3):
        found = await page(sandbox, after)
        seen += job_ids(found)
        after = found["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == 245
    assert {str(number) for number in range(5000, 5250)} - set(seen) == {str(n) for n in range(5140, 5150)}


async def test_jobs_arrive_while_a_listing_is_paged(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__find_cursors="offset")
    await sandbox.fault("indeed", "find", "move", arrives=2)
    first = await page(sandbox, first=3)
    second = await page(sandbox, first.pop("pageInfo")["endCursor"], first=3)
    assert job_ids(first)[1:] == job_ids(second)[:2], "the entries shift, so some come twice"
    assert second["estimatedTotalResultsCount"] == 7


async def test_cursors_die_and_pages_come_empty(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__estimate_offset=40)
    text = "The cursor is not valid."
    await sandbox.fault("indeed", "find", "graphql_error", code="BAD_USER_INPUT", message=text, only="next_page")
    await sandbox.fault("indeed", "find", "empty_page", only="next_page", after=1)
    first = await page(sandbox, first=2)
    cursor = first["pageInfo"]["endCursor"]
    assert code(await gql(sandbox, ALL, first=2, after=cursor)) == "BAD_USER_INPUT"
    empty = await page(sandbox, cursor, first=2)
    assert (empty["employerJobs"], empty["pageInfo"]["hasNextPage"]) == ([], False)
    assert empty["estimatedTotalResultsCount"] == 45
    assert len((await page(sandbox, cursor, first=2))["employerJobs"]) == 2


async def test_the_entry_of_a_cursor_may_be_gone(sandbox: Sandbox) -> None:
    await sandbox.fault("indeed", "find", "move", ends=["1302"])
    first = await page(sandbox, first=2)
    assert job_ids(first)[-1] == "1302"
    assert code(await gql(sandbox, ALL, first=2, after=first["pageInfo"]["endCursor"])) == "BAD_USER_INPUT"


async def test_batches_have_limits_and_their_elements_errors_of_their_own(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__max_batch=2, indeed__nodes_max=2)
    three = [(await ids(sandbox, job))[1] for job in ("1209", "1242", "1301")]
    assert code(await gql(sandbox, NODES, ids=three)) == "BAD_USER_INPUT"
    updates = [{"sourcedPostingId": each} for each in three]
    assert code(await gql(sandbox, CLEAR, input={"updates": updates})) == "BAD_USER_INPUT"
    await sandbox.fault("indeed", "nodes", "graphql_error", job_id="1242", extensions={"category": "rate-limit"})
    body = await gql(sandbox, NODES, ids=three[:2])
    assert [each is None for each in body["data"]["nodes"]] == [False, True]
    assert body["errors"][0]["extensions"]["category"] == "rate-limit"


async def test_a_crawled_job_is_listed_only_where_its_feed_is_asked_for(sandbox: Sandbox) -> None:
    await post(sandbox, "77", indeed={"feed_type": "CRAWLED_FROM_WEB", "legacy_source_id": "other"})
    assert "77" not in job_ids(await page(sandbox))
    assert "77" in job_ids(await page(sandbox, jobFeedType=["CRAWLED_FROM_WEB"]))
    assert job_ids(await page(sandbox, legacySourceId="nothing-here")) == []


@pytest.mark.parametrize("silent", [False, True])
async def test_an_edit_in_the_ats_drops_the_overlay_with_or_without_an_event(sandbox: Sandbox, *, silent: bool) -> None:
    await sandbox.set(indeed__ats_edit="drops_overlay")
    async with receiving() as receiver:
        await sandbox.set(indeed__webhook_url=receiver.url)
        await sandbox.control("PATCH", "/jobs/1234/1209", {"title": "Edited", "indeed": {"silent": silent}})
        await sandbox.control("PATCH", "/jobs/1234/1242", {"indeed": {"lifecycle": "INACTIVE"}})
        taken = await receiver.deliveries(1 if silent else 2)
    _, edited = await ids(sandbox)
    assert [each.json["data"]["employerJobId"] == edited for each in taken].count(True) == (0 if silent else 1)
    assert (await sandbox.job())["indeed"]["overlay_left"] == {}


async def test_what_one_application_brought_another_one_neither_sees_nor_writes(sandbox: Sandbox) -> None:
    other = {
        "client_id": "brand",
        "client_secret": "brand-secret",
        "advertiser_id": "brand-advertiser",
        "webhook_secret": "brand-webhook-secret",
    }
    (customer,) = [each for each in await sandbox.control("GET", "/customers") if each["customer_id"] == "1234"]
    await sandbox.control("POST", "/customers", {**customer, "indeed_others": [other]})
    job = await post(sandbox, "77", indeed=[{}, {"client_id": "brand"}])
    first, second = job["indeed_postings"]
    assert (first["claimed_by"], second["claimed_by"]) == ("advertiser-1234", "brand-advertiser")
    assert job_ids(await page(sandbox)).count("77") == 1
    assert (await gql(sandbox, WHOLE, id=second["employer_job_id"]))["data"]["node"] is None
    assert code(await clear(sandbox, second["sourced_posting_id"])) == "NOT_FOUND"
    assert all(each["overlay_left"] for each in (await sandbox.job("77"))["indeed_postings"])
