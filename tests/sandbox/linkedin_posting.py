"""A posting for the simulated LinkedIn, and the product's own client of it."""

from dataclasses import replace
from typing import Any

from clients.linkedin.client import LinkedInClient
from clients.linkedin.posting import Posting, element
from models.states import Operation
from tests.sandbox.harness import Sandbox

POSTING = Posting(
    external_job_posting_id="1234-1209",
    title="Registered Nurse",
    description_parts=("<p>" + "A real description. " * 10 + "</p>",),
    location="San Francisco, CA",
    apply_url="https://jobs-1234.icims.com/jobs/1209/job",
    organization_urn="urn:li:organization:5678",
    contract_urn="urn:li:contract:91011",
    listing_type="PREMIUM",
    listed_at_ms=1_793_000_000_000,
)
CLOSE = element(POSTING, Operation.CLOSE)
CREATE = element(replace(POSTING, external_job_posting_id="1234-new"), Operation.CREATE)


def client(sandbox: Sandbox, *, path: str = "", version: str | None = None, **credentials: str) -> LinkedInClient:
    url = sandbox.urls["linkedin"]
    pair = credentials.get("id", "linkedin-1234"), credentials.get("secret", "linkedin-secret-1234")
    return LinkedInClient(
        sandbox.http,
        api_url=url + path,
        token_url=f"{url}/oauth/v2/accessToken",
        version=version,
        credentials=pair,
    )


def changed(built: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {name: value for name, value in {**built, **change}.items() if value is not None}
