"""What goes back to iCIMS: tokens and reports."""

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from models.states import Outcome, Phase
from tests.gateway.icims.sending import PATH, job_event, post, settings_with
from tests.support.boards import Boards
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually, handle, state


@pytest.mark.usefixtures("workers")
async def test_oauth_token_in_event_out(client: Client, sandbox_urls: dict[str, str], job: str) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, webhook_auth="oauth")) as http:
        form = {"grant_type": "client_credentials", "client_id": "icims-1234", "client_secret": "webhook-secret-1234"}
        granted = await http.post(f"{PATH}/token", data=form)
        assert granted.status_code == 200
        assert granted.json()["token_type"] == "Bearer"
        bearer = {"Authorization": f"Bearer {granted.json()['access_token']}"}
        taken = await http.post(PATH, json=job_event("JobUnpostToWebEvent", job), headers=bearer)
        refused = await http.post(
            PATH, json=job_event("JobUnpostToWebEvent", job), headers={"Authorization": "Bearer x"}
        )
        wrong = await http.post(f"{PATH}/token", data={**form, "client_secret": "no"})
    assert taken.status_code == 200
    assert refused.status_code == 401
    assert wrong.status_code == 401
    assert wrong.json()["error"] == "invalid_client"
    await handle(client, job).result()


@pytest.mark.usefixtures("workers")
async def test_states_are_reported_back_with_all_boards_in_few_calls(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, report=True)) as http:
        await post(http, job_event("JobUnpostToWebEvent", job))
        await handle(client, job).result()
    reported = (await boards.job(job))["icims"]["reported"]
    statuses = {each["externalid"]: each["status"] for each in reported["jobboards"]}
    # Indeed's posting itself is still live: only what the agency had set is off.
    assert statuses == {"linkedin": "Unposted", "indeed": "Deletion in Progress"}
    assert (await boards.counts(job))["icims.jobboardposts"] == 1


@pytest.mark.usefixtures("workers")
async def test_a_report_that_fails_holds_up_no_board(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=403, times=None)
    settings = settings_with(sandbox_urls, report=True)
    async with running_gateway(client, settings) as http:
        await post(http, job_event("JobUnpostToWebEvent", job))
    described = handle(client, job)
    seen = await eventually(
        lambda: state(described),
        lambda seen: (
            {t.outcome for t in (seen.boards.linkedin, seen.boards.indeed) if t} == {Outcome.CLOSED, Outcome.CLEARED}
        ),
    )
    assert seen.phase is Phase.CLOSED
    failed = await eventually(lambda: state(described), lambda seen: seen.report_failed is not None)
    assert failed.report_due
    await boards.clear_faults()
    await eventually(described.describe, lambda found: found.status is WorkflowExecutionStatus.COMPLETED)
