"""How a job is listed at LinkedIn: by rules, by the career portal that iCIMS's event names, by templates."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import customer_of, event, eventually, handle, send, state
from tests.support.linkedin import linkedin_workers, settles
from tests.support.settings import raw_settings
from webhook_gateway.dispatch import Dispatcher

OTHER = "urn:li:organization:8765"
PORTAL = "https://careers-examplehealth.icims.com/jobs/7/nurse/job"
RULE = {
    "when": {"field": "positiontype", "value": "per diem"},
    "listing_type": "BASIC",
    "organization_urn": OTHER,
    "apply_url": "https://{portal_host}/apply/{job_number}",
}


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    raw: dict[str, Any] = raw_settings(sandbox_urls, linkedin_task_after="100ms")
    for customer in raw["customers"]:
        customer |= {"boards": ["linkedin"], "closing_statuses": ["9782"]}
        customer["linkedin"] |= {"on_post": "create", "rules": [RULE]}
        customer["icims"]["apply_url"] = "https://example.com/{job_id}/{job_number}"
        # As an EU customer has it: the addresses for all lead nowhere.
        customer["icims"] |= {key: raw["icims"][key] for key in ("api_url", "token_url")}
        customer["closing"] = [{"when": {"field": "positiontype", "value": "Per Diem"}, "close_when": "never"}]
    raw["icims"] = {"api_url": "http://127.0.0.1:9", "token_url": "http://127.0.0.1:9/token"}
    return parse_settings(raw, {}, base=Path())


@pytest.fixture(autouse=True)
async def workers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with linkedin_workers(client, settings, boards):
        yield


async def sent(boards: Boards, job: str) -> dict[str, Any]:
    found: dict[str, Any] = (await boards.job(job))["linkedin"]["sent"]
    return {key: found[key] for key in ("companyApplyUrl", "listingType", "integrationContext")}


async def test_rules_portal_and_templates_say_how_a_job_is_listed_and_closed(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    by_rule, by_portal, by_template = (next(job_ids) for _ in range(3))
    for job in (by_rule, by_portal, by_template):
        kind = "Per Diem" if job == by_rule else "Full-Time"
        await boards.add_job(job, linkedin=False, indeed=False, position_type=kind)
        said = event(Intent.POSTED).model_copy(update={"portal_url": None if job == by_template else PORTAL})
        await Dispatcher(client, settings).ats_event(customer_of(settings), job, said)
    wanted = {
        by_rule: (f"https://careers-examplehealth.icims.com/apply/2026-{by_rule}", "BASIC", OTHER),
        by_portal: (PORTAL, "PREMIUM", "urn:li:organization:5678"),
        by_template: (f"https://example.com/{by_template}/2026-{by_template}", "PREMIUM", "urn:li:organization:5678"),
    }
    for job, (url, kind, organization) in wanted.items():
        await settles(handle(client, job), Outcome.LIVE)
        listed = {"companyApplyUrl": url, "listingType": kind, "integrationContext": organization}
        assert await sent(boards, job) == listed
        await send(client, settings, job)
        assert (await handle(client, job).result()).phase is Phase.CLOSED
        assert await sent(boards, job) == listed


async def test_hires_do_not_close_an_evergreen_job_and_close_another(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    evergreen, other = next(job_ids), next(job_ids)
    hire = {"key": "a", "filled": True, "close_when": "all_positions_filled"}
    for job in (evergreen, other):
        await boards.add_job(job, indeed=False, position_type="Per Diem" if job == evergreen else "Full-Time")
        said = {"event_type": "WorkFlowStatusChangeEvent", "hire": hire, "received_at": datetime.now(UTC)}
        await Dispatcher(client, settings).ats_event(
            customer_of(settings), job, event().model_validate({**event().model_dump(), "intent": None, **said})
        )
    assert (await handle(client, other).result()).phase is Phase.CLOSED
    seen = await eventually(lambda: state(handle(client, evergreen)), lambda seen: not seen.positions_wanted)
    assert (seen.phase, seen.intent, len(seen.hires)) == (Phase.OPEN, Intent.POSTED, 1)
    await send(client, settings, evergreen)
    assert (await handle(client, evergreen).result()).phase is Phase.CLOSED
