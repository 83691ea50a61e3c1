"""The query documents and their variables, against Indeed's schema (docs/providers/indeed.md)."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, execute_sync, parse, validate

from clients.http import Request
from clients.indeed import protocol
from clients.indeed.found import FoundJob
from clients.indeed.nodes import nodes_request, read_nodes
from clients.indeed.reading import Pay
from clients.indeed.search import Page, Search, find_request, read_find, searches
from models.overlay import Overlay, OverlayLocation, OverlaySalary
from models.states import Live
from tests.support.replies import reply, sample

SCHEMA = build_schema((Path(__file__).parents[4] / "sandbox/indeed/schema.graphql").read_text(encoding="utf-8"))
IRI = "dXJuOmluZGVlZDplbXBsb3llcmpvYjphMWIyYzNkNC1lNWY2LTc4OTAtYWJjZC1lZjEyMzQ1Njc4OTA="
URL = "https://apis.indeed.com/graphql"
WHOLE = Overlay(
    url="https://www.example.com/jobs/123",
    campaign_categories=("springCampaign",),
    tracking_url="https://www.example.com/jobs/123?utm_source=indeed",
    title="Software Developer",
    description="Come build the future with us!",
    description_formatting="TEXT",
    location=OverlayLocation(
        city_region_postal="Phoenix, AZ 85003", street_address="1234 Sunny Lane, Phoenix, AZ 85003"
    ),
    salary=OverlaySalary(currency="USD", maximum_minor=1000, minimum_minor=1000, period="HOUR"),
    company_name="Example",
)
"""The seed's example, with the two fields that it leaves out."""
FILTERED = Search(
    feed_types=("INTEGRATED_FROM_PARTNER", "CRAWLED_FROM_WEB"),
    legacy_source_id="60a9614a5d973a21",
    job_requisition_ids=("R-1", "R-2"),
    include_multi_location_jobs=True,
    newest_first=False,
)
REQUESTS = {
    "find": find_request(URL, "id", Search()),
    "find next": find_request(URL, "id", Search(), after="cursor"),
    "find filtered": find_request(URL, "id", FILTERED, before="cursor"),
    "nodes": nodes_request(URL, "id", [IRI, IRI]),
    "node": protocol.job_request(URL, "id", IRI),
    "pay": protocol.pay_request(URL, "id", IRI, plain=False),
    "pay plain": protocol.pay_request(URL, "id", IRI, plain=True),
    "update": protocol.update_request(URL, "id", {IRI: WHOLE}),
    "update many": protocol.update_request(URL, "id", {IRI: Overlay(title="A"), "u": Overlay(tracking_url=URL)}),
    "clear": protocol.clear_request(URL, "id", [IRI]),
    "clear many": protocol.clear_request(URL, "id", [IRI, "9b2e0a52-0d7c-4a38-8e0f-3c1c5ce5c1de"]),
}


def executed(request: Request, root: Any, schema: GraphQLSchema = SCHEMA) -> Any:
    """Run a request as a server of the schema would, and give its JSON answer."""
    document = parse(request.body["query"])
    result = execute_sync(schema, document, root_value=root, variable_values=request.body["variables"])
    assert result.errors is None
    return json.loads(json.dumps(result.data))


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_query_is_valid_in_the_schema(request_: Request) -> None:
    assert validate(SCHEMA, parse(request_.body["query"])) == []


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_variables_coerce_to_the_schemas_inputs(request_: Request) -> None:
    # Coercion comes before any resolver, and its errors are the only ones that an empty root leaves.
    assert not any(executed(request_, root={"nodes": []}).values())


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_request_names_the_client_and_posts_json(request_: Request) -> None:
    assert (request_.method, request_.url) == ("POST", URL)
    assert request_.headers["indeed-client-id"] == "id"
    assert set(request_.body) == {"query", "variables"}
    assert json.loads(json.dumps(request_.body)) == request_.body


def test_the_job_query_asks_for_all_that_the_reader_reads() -> None:
    node = json.loads(sample("indeed_node.json"))["data"]["node"]
    status = node["seatsConnection"]["seats"][0]["jobPost"]["status"]
    status["globalStatus"] = status["globalStatus"][0]  # an object in the schema
    metadata = node["jobData"]["externalPostingMetadata"]
    metadata |= {"campaignCategories": ["c"], "trackingUrls": ["https://example.com/t"]}
    node["__typename"] = "EmployerJob"
    data = executed(REQUESTS["node"], {"node": node})
    wanted = json.loads(sample("indeed_node.json"))
    wanted["data"]["node"]["jobData"]["externalPostingMetadata"] |= metadata
    assert protocol.read_job(reply({"data": data})) == protocol.read_job(reply(wanted))


@pytest.mark.parametrize("plain", [False, True])
def test_the_salary_queries_ask_for_all_that_the_reader_reads(*, plain: bool) -> None:
    named = {"currency": "USD", "minimumMinor": 5200, "maximumMinor": 6800}
    salary = {"period": "HOUR", **({"min": 52.0, "max": 68.5} if plain else named)}
    node = {"__typename": "EmployerJob", "id": IRI, "jobData": {"salary": salary}}
    data = executed(REQUESTS["pay plain" if plain else "pay"], {"node": node})
    expected = (
        Pay(period="HOUR", minimum=Decimal(52), maximum=Decimal("68.5"))
        if plain
        else Pay(period="HOUR", currency="USD", minimum_minor=5200, maximum_minor=6800)
    )
    assert protocol.read_pay(reply({"data": data})) == expected


def test_an_update_has_the_values_of_the_seeds_example() -> None:
    (update,) = REQUESTS["update"].body["variables"]["input"]["updates"]
    assert update == {
        "sourcedPostingId": IRI,
        "metadata": {
            "url": "https://www.example.com/jobs/123",
            "campaignCategories": ["springCampaign"],
            "trackingUrl": "https://www.example.com/jobs/123?utm_source=indeed",
        },
        "body": {
            "title": "Software Developer",
            "description": "Come build the future with us!",
            "descriptionFormatting": "TEXT",
            "jobLocation": {
                "general": {
                    "cityRegionPostal": "Phoenix, AZ 85003",
                    "streetAddress": "1234 Sunny Lane, Phoenix, AZ 85003",
                }
            },
            "salary": {"currency": "USD", "maximumMinor": 1000, "minimumMinor": 1000, "period": "HOUR"},
            "companyName": "Example",
        },
    }


def test_what_is_not_set_is_not_sent() -> None:
    updates = REQUESTS["update many"].body["variables"]["input"]["updates"]
    assert updates == [
        {"sourcedPostingId": IRI, "body": {"title": "A"}},
        {"sourcedPostingId": "u", "metadata": {"trackingUrl": URL}},
    ]


def as_the_schema_has_it(node: dict[str, Any]) -> dict[str, Any]:
    """Take the guide's sample, whose `globalStatus` is an array, which the schema does not allow."""
    status = node["seatsConnection"]["seats"][0]["jobPost"]["status"]
    status["globalStatus"] = status["globalStatus"][0]
    return node


def seeds_job(iri: str) -> FoundJob:
    return FoundJob(
        iri,
        "CBA-Anytown-Posting-Id",
        "CBA-Anytown-Req-Id",
        marks=(),
        live=Live.NOT_LIVE,
        title="Certified Nursing Assistant CNA",
        url="http://www.indeed.com/job/certified-nursing-assistant-cna-9354ed892ad3a1b6",
        first_seen=datetime(2022, 3, 22, 20, 33, 28, tzinfo=UTC),
    )


def test_the_find_query_asks_for_all_that_the_reader_reads() -> None:
    node = as_the_schema_has_it(json.loads(sample("indeed_node.json"))["data"]["node"])
    listing = {
        "employerJobs": [node, None],
        "estimatedTotalResultsCount": 2,
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": True, "endCursor": "next", "startCursor": "previous"},
    }
    data = executed(REQUESTS["find"], {"findEmployerJobsPartner": listing})
    found = seeds_job(node["id"])
    page = Page((found,), "next", complete=False, nulls=1, previous_cursor="previous", estimated_total=2)
    assert read_find(reply({"data": data})) == page


def test_the_nodes_query_asks_for_all_that_the_reader_reads() -> None:
    node = as_the_schema_has_it(json.loads(sample("indeed_node.json"))["data"]["node"])
    data = executed(REQUESTS["nodes"], {"nodes": [None, node | {"__typename": "EmployerJob", "id": IRI}]})
    found = seeds_job(IRI)
    assert read_nodes(reply({"data": data}), [IRI]).jobs == {IRI: found}


def test_a_search_names_all_its_filters_and_its_order() -> None:
    assert REQUESTS["find filtered"].body["variables"] == {
        "input": {
            "filters": {
                "legacySourceId": "60a9614a5d973a21",
                "jobFeedType": ["INTEGRATED_FROM_PARTNER", "CRAWLED_FROM_WEB"],
                "jobRequisitionId": ["R-1", "R-2"],
                "includeMultiLocationJobs": True,
            },
            "sort": [{"sortDirection": "ASC", "sortField": "datePostedOnIndeed"}],
        },
        "first": 100,
        "after": None,
        "before": "cursor",
    }


def test_more_feed_types_than_indeed_takes_at_once_are_several_searches() -> None:
    feeds = ("INTEGRATED_FROM_PARTNER", "CRAWLED_FROM_WEB", "HOSTED_ON_INDEED")
    assert [each.feed_types for each in searches(feeds)] == [feeds[:2], feeds[2:]]
    assert searches(()) == (Search(),)
    both = searches(feeds, legacy_source_ids=("a", "b", "a"))
    assert [(each.legacy_source_id, each.feed_types) for each in both] == [
        ("a", feeds[:2]),
        ("a", feeds[2:]),
        ("b", feeds[:2]),
        ("b", feeds[2:]),
    ]


def test_the_clear_mutation_asks_for_all_that_the_reader_reads() -> None:
    posting = {"sourcedPostingId": "9b2e0a52-0d7c-4a38-8e0f-3c1c5ce5c1de", "employerJobId": IRI}
    payload = {"results": [{"jobPosting": posting}]}
    data = executed(REQUESTS["clear"], {"jobsIngest": {"clearSourcedJobPostingUpdates": payload}})
    assert data["jobsIngest"]["clearSourcedJobPostingUpdates"] == payload
    (result,) = protocol.read_clear(reply({"data": data}), 1)
    assert result.accepted


def test_the_seeds_own_mutation_reaches_the_same_field() -> None:
    seed = (
        "mutation ClearSourcedJobPostingUpdates { jobsIngest { clearSourcedJobPostingUpdates(input: { updates: [{ "
        'sourcedPostingId: "<SOURCED POSTING ID OF JOB POSTING>" }] }) { results { jobPosting { sourcedPostingId '
        "employerJobId } } } }}"
    )
    assert validate(SCHEMA, parse(seed)) == []
