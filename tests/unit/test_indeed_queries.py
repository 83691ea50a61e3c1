"""The query documents and their variables, against Indeed's schema (contracts/indeed.md, section 9)."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, execute_sync, parse, validate

from clients.http import Request
from clients.indeed import protocol
from clients.indeed.protocol import EmployerJob, FoundJob, Page
from models.lifecycle import Live
from tests.unit.replies import reply, sample

SCHEMA = build_schema((Path(__file__).parents[2] / "sandbox/indeed/schema.graphql").read_text(encoding="utf-8"))
IRI = "dXJuOmluZGVlZDplbXBsb3llcmpvYjphMWIyYzNkNC1lNWY2LTc4OTAtYWJjZC1lZjEyMzQ1Njc4OTA="
URL = "https://apis.indeed.com/graphql"
REQUESTS = {
    "find": protocol.find_request(URL, "id", None),
    "find next": protocol.find_request(URL, "id", "cursor"),
    "node": protocol.job_request(URL, "id", IRI),
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
    # Coercion comes before any resolver, and its errors are the only ones that a null root leaves.
    assert set(executed(request_, root=None).values()) == {None}


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
    assert protocol.read_job(reply({"data": data})) == EmployerJob(
        employer_job_id=node["id"],
        title="Certified Nursing Assistant CNA",
        campaign_categories=("c",),
        tracking_urls=("https://example.com/t",),
        live=Live.NOT_LIVE,
    )


def test_the_find_query_asks_for_all_that_the_reader_reads() -> None:
    node = json.loads(sample("indeed_node.json"))["data"]["node"]
    listing = {
        "employerJobs": [node, None],
        "estimatedTotalResultsCount": 2,
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "endCursor": "next", "startCursor": None},
    }
    data = executed(REQUESTS["find"], {"findEmployerJobsPartner": listing})
    found = FoundJob(node["id"], "CBA-Anytown-Posting-Id", "CBA-Anytown-Req-Id")
    assert protocol.read_find(reply({"data": data})) == Page((found,), "next", complete=False)


def test_the_clear_mutation_asks_for_all_that_the_reader_reads() -> None:
    posting = {"sourcedPostingId": "9b2e0a52-0d7c-4a38-8e0f-3c1c5ce5c1de", "employerJobId": IRI}
    payload = {"results": [{"jobPosting": posting}]}
    data = executed(REQUESTS["clear"], {"jobsIngest": {"clearSourcedJobPostingUpdates": payload}})
    assert data["jobsIngest"]["clearSourcedJobPostingUpdates"] == payload
    protocol.read_clear(reply({"data": data}), 1)


def test_the_seeds_own_mutation_reaches_the_same_field() -> None:
    seed = (
        "mutation ClearSourcedJobPostingUpdates { jobsIngest { clearSourcedJobPostingUpdates(input: { updates: [{ "
        'sourcedPostingId: "<SOURCED POSTING ID OF JOB POSTING>" }] }) { results { jobPosting { sourcedPostingId '
        "employerJobId } } } }}"
    )
    assert validate(SCHEMA, parse(seed)) == []
