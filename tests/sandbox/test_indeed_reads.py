"""The simulated Indeed's reads: searches, nodes, and the status of the seat."""

from typing import Any

import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import (
    FIND,
    NODE,
    NODES,
    change,
    code,
    gql,
    ids,
    node,
)

TITLE = "Registered Nurse, Night Shift"


async def test_find_pages_filters_and_sorts(sandbox: Sandbox) -> None:
    sort = [{"sortDirection": "DESC", "sortField": "datePostedOnIndeed"}]

    async def page(**more: Any) -> Any:
        sandbox.clock.now += 1
        body = await gql(sandbox, FIND, **{"input": {"sort": sort}, "first": 2, **more})
        return body["data"]["findEmployerJobsPartner"]

    def found(answer: Any) -> list[str]:
        metadata = [one["jobData"]["externalPostingMetadata"] for one in answer["employerJobs"]]
        return [one["jobPostingId"] for one in metadata]

    first = await page()
    assert found(first) == ["1303", "1302"]
    assert first["estimatedTotalResultsCount"] == 5
    assert first["pageInfo"]["hasNextPage"] is True
    second = await page(after=first["pageInfo"]["endCursor"])
    assert found(second) == ["1301", "1242"]
    assert second["pageInfo"]["hasPreviousPage"] is True
    assert found(await page(before=second["pageInfo"]["startCursor"])) == ["1303", "1302"]
    last = await page(after=second["pageInfo"]["endCursor"])
    assert (found(last), last["pageInfo"]["hasNextPage"]) == (["1209"], False)
    wanted = {"jobRequisitionId": ["2026-1242"], "legacySourceId": "60a9614a5d973a21"}
    assert found(await page(input={"filters": wanted})) == ["1242"]
    assert found(await page(input={"filters": {"legacySourceId": "x"}})) == []


async def test_find_shows_integrated_jobs_unless_asked(sandbox: Sandbox) -> None:
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"feed_type": "CRAWLED_FROM_WEB"}})
    filters = {"jobFeedType": ["CRAWLED_FROM_WEB", "HOSTED_ON_INDEED"]}
    for asked, count in ({}, 4), ({"filters": filters}, 1):
        body = await gql(sandbox, FIND, input=asked, first=100)
        assert body["data"]["findEmployerJobsPartner"]["estimatedTotalResultsCount"] == count
    filters["jobFeedType"].append("INTEGRATED_FROM_PARTNER")
    assert code(await gql(sandbox, FIND, input={"filters": filters}, first=1)) == "BAD_USER_INPUT"


@pytest.mark.parametrize("variables", [{"first": 101}, {"first": -1}, {"first": 1, "after": "x"}])
async def test_find_refuses_bad_pages(sandbox: Sandbox, variables: Any) -> None:
    assert code(await gql(sandbox, FIND, **variables)) == "BAD_USER_INPUT"


async def test_nodes_keep_the_place_of_what_is_missing(sandbox: Sandbox) -> None:
    _, one = await ids(sandbox)
    _, two = await ids(sandbox, "1242")

    async def found() -> tuple[Any, Any]:
        body = await gql(sandbox, NODES, ids=[one, "bm90aGluZw==", two])
        return [item and item["id"] for item in body["data"]["nodes"]], body.get("errors")

    assert await found() == ([one, None, two], None)
    await sandbox.set(indeed__nodes_order="shuffled", indeed__missing_node="error")
    items, problems = await found()
    assert items == [two, None, one]
    assert problems[0]["extensions"]["code"] == "NOT_FOUND"
    assert problems[0]["path"] == ["nodes", 1]


async def test_a_node_is_named_by_iri_only(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    assert (await gql(sandbox, NODE, id=uuid))["data"]["node"] is None


async def test_status_of_the_seat(sandbox: Sandbox) -> None:
    async def seat() -> Any:
        body = await gql(sandbox, FIND, input={"filters": {"jobRequisitionId": ["2026-1209"]}}, first=1)
        job = body["data"]["findEmployerJobsPartner"]["employerJobs"][0]
        return job["seatsConnection"]["seats"][0]["jobPost"]

    assert (await seat())["status"]["globalStatus"] == {
        "lifecycleStatus": "ACTIVE",
        "isIndeedApplyActive": False,
    }
    edit = {"indeed": {"lifecycle": "INACTIVE", "search_status": "sponsored_without_spend"}}
    await sandbox.control("PATCH", "/jobs/1234/1209", edit)
    await sandbox.set(indeed__global_status_shape="array")
    shown = await seat()
    assert shown["status"]["globalStatus"][0]["lifecycleStatus"] == "INACTIVE"
    assert set(shown["status"]["surfaceStatuses"][0].values()) == {True}
    assert shown["externalPartnerCallToAction"][0]["imageUrl"].endswith("/en_us/not_searchable.svg")
    post_query = "query($id: ID!) { node(id: $id) { __typename id } }"
    assert (await gql(sandbox, post_query, id=shown["id"]))["data"]["node"]["__typename"] == "JobPost"


async def test_a_write_is_seen_after_the_visibility_delay(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__visibility_seconds=30)
    await change(sandbox, title="Nurse")
    assert (await sandbox.job())["indeed"]["overlay_left"]["title"] == "Nurse"
    sandbox.clock.now += 29
    assert (await node(sandbox))["jobData"]["title"] == TITLE
    sandbox.clock.now += 1
    assert (await node(sandbox))["jobData"]["title"] == "Nurse"
