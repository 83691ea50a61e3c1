"""Calls to the simulated Indeed."""

from typing import Any

import httpx

from tests.sandbox.harness import Sandbox

UPDATE = """mutation UpdateSourcedJobPostings($input: UpdateSourcedJobPostingsInput!) {
  jobsIngest { updateSourcedJobPostings(input: $input) {
    results { jobPosting { sourcedPostingId employerJobId } } } } }"""
CLEAR = """mutation ClearSourcedJobPostingUpdates($input: ClearSourcedJobPostingUpdatesInput!) {
  jobsIngest { clearSourcedJobPostingUpdates(input: $input) {
    results { jobPosting { sourcedPostingId employerJobId } } } } }"""
NODE = """query GetJob($id: ID!) { node(id: $id) { ...on EmployerJob { id jobData { title description company
  dateCreated datePostedOnIndeed jobLocation { city countryCode postalCode fullAddress }
  salary { max min period currency minimumMinor maximumMinor } externalJobPageUrl
  externalPostingMetadata { jobPostingId jobRequisitionId campaignCategories trackingUrls } }
  managementUrls { viewJob } } } }"""
NODES = """query GetMultipleJobs($ids: [ID!] !) { nodes(ids: $ids) { ... on EmployerJob {
  id jobData { title description company datePostedOnIndeed jobLocation { city countryCode } } } } }"""
# The guide's own query, with the values that it writes as literals passed as variables.
FIND = """query FindEmployerJobsPartner($input: FindEmployerJobsPartnerInput, $first: Int!, $before: String,
  $after: String) { findEmployerJobsPartner(input: $input, first: $first, before: $before, after: $after) {
  employerJobs { id jobData { title datePostedOnIndeed dateCreated description company
    jobLocation { countryCode city postalCode fullAddress } externalJobPageUrl
    externalPostingMetadata { jobPostingId jobRequisitionId campaignCategories trackingUrls
      rawInputLocation isIntegratedJob } }
    managementUrls { viewJob }
    seatsConnection { pageInfo { endCursor hasNextPage hasPreviousPage startCursor }
      seats { jobPost { id externalPartnerCallToAction(input: { locale: "en-us" }) { imageAltText imageUrl }
        status { globalStatus { lifecycleStatus isIndeedApplyActive }
          surfaceStatuses { isRejected isSponsorshipRequired isMissingRequiredSponsorship } } } } } }
  estimatedTotalResultsCount pageInfo { endCursor hasNextPage hasPreviousPage startCursor } } }"""


async def post(
    sandbox: Sandbox, query: str, customer: str = "1234", headers: Any = None, **variables: Any
) -> httpx.Response:
    headers = headers or await sandbox.bearer("indeed", customer)
    body = {"query": query, "variables": variables}
    return await sandbox.http.post(sandbox.urls["indeed"] + "/graphql", headers=headers, json=body)


async def gql(sandbox: Sandbox, query: str, customer: str = "1234", **variables: Any) -> Any:
    reply = await post(sandbox, query, customer, **variables)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def ids(sandbox: Sandbox, job_id: str = "1209", customer: str = "1234") -> tuple[str, str]:
    job = (await sandbox.job(job_id, customer))["indeed"]
    return job["sourced_posting_id"], job["employer_job_id"]


async def update(sandbox: Sandbox, *items: Any) -> Any:
    return await gql(sandbox, UPDATE, input={"updates": list(items)})


async def change(sandbox: Sandbox, metadata: Any = None, **body: Any) -> Any:
    """Update job 1209 and return the reply."""
    uuid, _ = await ids(sandbox)
    return await update(sandbox, {"sourcedPostingId": uuid, "metadata": metadata, "body": body})


async def clear(sandbox: Sandbox, *sourced: str) -> Any:
    return await gql(sandbox, CLEAR, input={"updates": [{"sourcedPostingId": one} for one in sourced]})


async def node(sandbox: Sandbox, job_id: str = "1209") -> Any:
    _, iri = await ids(sandbox, job_id)
    return (await gql(sandbox, NODE, id=iri))["data"]["node"]


def code(body: Any) -> str:
    return str(body["errors"][0]["extensions"]["code"])
