"""Send notifications as LinkedIn does, and see what reached a lifecycle."""

from typing import Any

import httpx
from temporalio.client import Client

from models.base import workflow_id
from models.events import LinkedInStatus
from models.temporal import LINKEDIN_STATUS
from tests.support.boards import CUSTOMER
from tests.support.webhooks import (
    CHILD_SECRET,
    encoded,
    linkedin_headers,
    signals,
)

PATH = "/webhooks/linkedin"


async def post(http: httpx.AsyncClient, payload: Any, secret: str = CHILD_SECRET, **headers: str) -> httpx.Response:
    body = encoded(payload)
    return await http.post(PATH, content=body, headers={**linkedin_headers(body, secret), **headers})


async def told(client: Client, job_id: str) -> list[LinkedInStatus]:
    found = await signals(client, workflow_id(CUSTOMER, job_id), LINKEDIN_STATUS)
    return [LinkedInStatus.model_validate(each) for each in found]
