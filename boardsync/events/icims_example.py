"""The request that iCIMS sends when a user cancels a posting, as its page prints it (Job Unpost)."""

import gzip
from dataclasses import dataclass

CUSTOMER_ID = "1234"
JOB_ID = "1209"
BODY = """{
    "customerId": "1234",
    "userId": "121",
    "eventType": "JobUnpostToWebEvent",
    "systemId": "1209"
}"""
LINK = (
    'http://providertest.icims.com/customers/1234/jobs/1209;rel="job";title="Job Profile",'
    'http://providertest.icims.com/customers/1234/people/121;rel="user";title="Posting User",'
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A request to send."""

    headers: dict[str, str]
    body: bytes


def unpost() -> Sample:
    """Return the page's example: gzip body, the `Link` header with its trailing comma."""
    headers = {
        "Connection": "close",
        "Link": LINK,
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": "Apache-HttpClient/4.2.1 (java 1.5)",
        "Accept-Encoding": "gzip,deflate",
    }
    return Sample(headers, gzip.compress(BODY.encode(), mtime=0))
