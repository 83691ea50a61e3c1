"""Events of iCIMS, sent to a gateway."""

from typing import Any

import httpx

from config.settings import Settings
from tests.support.boards import CUSTOMER
from tests.support.gateway import basic
from tests.support.settings import raw_settings

PATH = "/webhooks/icims"
AUTH = {"Authorization": basic("icims-1234", "webhook-secret-1234"), "Content-Type": "application/json"}


HIRED, OTHER = "9782", "1752"


def settings_with(urls: dict[str, str], *, attention_after: str = "20s", **icims: Any) -> Settings:
    raw = raw_settings(urls, attention_after=attention_after)
    customer = raw["customers"][0]
    customer["closing_statuses"] = [HIRED]
    customer["close_when"] = icims.pop("close_when", "first_hire")
    customer["icims"] |= icims
    return Settings.model_validate(raw)


def job_event(kind: str, job_id: str, **more: str) -> dict[str, str]:
    return {"customerId": CUSTOMER, "userId": "121", "eventType": kind, "systemId": job_id, **more}


async def post(http: httpx.AsyncClient, event: dict[str, str]) -> httpx.Response:
    return await http.post(PATH, json=event, headers=AUTH)
