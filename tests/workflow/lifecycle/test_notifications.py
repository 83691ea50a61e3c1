"""Others are told: signed, tried again for as long as configured, and no lifecycle waits for it."""

import json
from collections.abc import AsyncIterator, Sequence

import pytest
from pydantic import SecretStr
from temporalio.client import Client, WorkflowExecutionStatus

from models.notices import DeliveryResult
from models.states import Intent, Phase
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import basic, running_gateway
from tests.support.history import billable_actions, events
from tests.support.lifecycles import Handle, eventually, send, state
from tests.support.receiver import SIGNING_KEY, Receiver, Told, notifications_of, receiving, settings_for
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def got(receiver: Receiver) -> int:
    return len(receiver.got)


async def tries(notification: Told) -> Sequence[DeliveryResult]:
    (log,) = (await notification.result()).deliveries
    return [each.result for each in log.tries]


async def test_a_close_is_told_signed_and_again_after_failures_while_the_lifecycle_ends(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    receiver.answers = (500,)
    settings = settings_for(sandbox_urls, receiver, tries=20)
    async with running_workers(client, settings):
        handle = await send(client, settings, job)
        receipt = await handle.result()
        await eventually(lambda: got(receiver), lambda count: count >= 2)
        receiver.answers = (500, 204)
        (notification,) = await notifications_of(client, job)
        seen = await tries(notification)

    assert seen[-1] is DeliveryResult.DELIVERED
    assert set(seen[:-1]) == {DeliveryResult.FAILED}
    assert len(seen) == len(receiver.got) >= 3
    assert len(set(receiver.ids)) == 1
    bodies = receiver.verified()
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["type"] == "job.closed"
    data = bodies[0]["data"]
    assert (data["customer_id"], data["job_id"], data["phase"]) == (CUSTOMER, job, "closed")
    assert data["workflow_id"] == handle.id
    assert data["boards"]["linkedin"]["outcome"] == "closed"
    assert data["boards"]["indeed"]["outcome"] == "cleared"
    assert list(data["links"]) == ["page", "lifecycle"]  # the page needs no account
    assert data["links"]["page"].startswith("https://hooks.example.com/jobs/1234/")
    assert data["links"]["lifecycle"] == f"http://ui.example.com/namespaces/default/workflows/{handle.id}"
    assert receipt.closed_at is not None

    history = await events(handle)
    assert len(history) <= 60
    assert billable_actions(history) <= 12
    for stored in (await handle.fetch_history(), await notification.fetch_history()):
        assert SIGNING_KEY not in stored.to_json()
        assert receiver.url not in stored.to_json()


async def test_an_attention_is_told_once_with_category_reason_and_remedy(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    await boards.fault("linkedin", "submit", "http", status=422, body={"message": "/title :: no"}, times=2)
    settings = settings_for(sandbox_urls, receiver, events=["job.attention"])
    async with running_workers(client, settings):
        handle = await send(client, settings, job)
        await eventually(lambda: got(receiver), lambda count: count == 1)
        await handle.signal("confirm", {"by": "Ana"})
        await handle.signal("retry", {"by": "Ana"})
        await eventually(lambda: got(receiver), lambda count: count == 2)
        await handle.signal("retry", {"by": "Ana"})
        await handle.result()
        for notification in await notifications_of(client, job, count=2):
            await notification.result()

    first, second = receiver.verified()
    assert first["type"] == second["type"] == "job.attention"
    assert len(set(receiver.ids)) == 2
    assert first["data"]["board"] == "linkedin"
    assert first["data"]["attention"]["category"] == "invalid_posting"
    assert "/title" in first["data"]["attention"]["reason"]
    assert "`retry`" in first["data"]["attention"]["remedy"]
    assert "Ana" not in json.dumps([first, second])


async def test_a_job_that_is_posted_again_is_told_as_reopened(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    await boards.set(indeed__visibility_seconds=60)
    settings = settings_for(sandbox_urls, receiver)
    async with running_workers(client, settings):
        handle = await send(client, settings, job)
        await eventually(boards.counts, lambda counts: counts.get("indeed.clear", 0) == 1)
        await send(client, settings, job, Intent.POSTED)
        await eventually(lambda: got(receiver), lambda count: count == 1)
        await handle.terminate()
    (body,) = receiver.verified()
    assert body["type"] == "job.reopened"
    assert body["data"]["intent"] == "posted"


async def test_a_post_after_a_close_is_told_as_reopened_too(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    settings = settings_for(sandbox_urls, receiver)
    event = {"customerId": CUSTOMER, "userId": "121", "systemId": job}
    headers = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
    async with running_workers(client, settings), running_gateway(client, settings) as gateway:
        await (await send(client, settings, job)).result()
        for _ in range(2):
            body = {**event, "eventType": "JobPostToWebEvent"}
            assert (await gateway.post("/webhooks/icims", json=body, headers=headers)).status_code == 303
        await eventually(lambda: got(receiver), lambda count: count == 2)
        handle: Handle = client.get_workflow_handle(f"job-{CUSTOMER}-{job}")
        seen = await eventually(lambda: state(handle), lambda seen: seen.phase is Phase.OPEN)
        await handle.terminate()
    assert [body["type"] for body in receiver.verified()] == ["job.closed", "job.reopened"]
    assert seen.intent is Intent.POSTED


@pytest.mark.parametrize(
    ("answers", "results"),
    [
        ((503, 410), ["failed", "gone"]),
        ((307, 404), ["failed"] * 3),
    ],
    ids=["gone", "given up"],
)
async def test_each_answer_has_its_consequence(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    receiver: Receiver,
    answers: Sequence[int],
    results: list[str],
) -> None:
    receiver.answers = answers
    settings = settings_for(sandbox_urls, receiver, events=["job.closed"])
    async with running_workers(client, settings):
        await (await send(client, settings, job)).result()
        (notification,) = await notifications_of(client, job)
        assert await tries(notification) == results
        described = await notification.describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED
    assert len(receiver.got) == len(results)
    assert len(set(receiver.ids)) == 1


async def test_slack_gets_text_and_blocks(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    settings = settings_for(sandbox_urls, receiver, format="slack", secret=None)
    async with running_workers(client, settings):
        await (await send(client, settings, job)).result()
        await eventually(lambda: got(receiver), lambda count: count == 1)
    ((headers, body),) = receiver.got
    message = json.loads(body)
    assert "webhook-signature" not in headers
    assert message["text"] == f"Job {job} of customer {CUSTOMER} is done: this is what the boards show"
    assert "Closed on LinkedIn: it no longer lists the job." in message["blocks"][0]["text"]["text"]
    assert f"/workflows/job-{CUSTOMER}-{job}|lifecycle>" in message["blocks"][1]["elements"][0]["text"]


async def test_an_endpoint_of_another_customer_or_one_withdrawn_meanwhile_is_not_told(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    told_of = settings_for(sandbox_urls, receiver)
    others = settings_for(sandbox_urls, receiver, customers=["5678"])
    async with running_workers(client, others):
        await (await send(client, told_of, job)).result()
        (notification,) = await notifications_of(client, job)
        receipt = await notification.result()
    assert receipt.deliveries == ()
    assert receiver.got == []


async def test_what_nobody_wants_to_be_told_of_takes_no_workflow(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    await boards.set(indeed__visibility_seconds=60)
    settings = settings_for(sandbox_urls, receiver, events=["job.reopened"])
    async with running_workers(client, settings):
        handle = await send(client, settings, job)
        await eventually(boards.counts, lambda counts: counts.get("indeed.clear", 0) == 1)
        await send(client, settings, job, Intent.POSTED)
        await eventually(lambda: got(receiver), lambda count: count == 1)
        await boards.set(indeed__visibility_seconds=0)
        await send(client, settings, job)
        await handle.result()
    history = await events(handle)
    begun = [each for each in history if each.HasField("start_child_workflow_execution_initiated_event_attributes")]
    assert len(begun) == 1
    assert [each["type"] for each in receiver.verified()] == ["job.reopened"]


async def test_nothing_is_told_twice_or_lost_when_a_lifecycle_continues_as_new(
    sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"}, times=None)
    settings = settings_for(sandbox_urls, receiver)
    suggestion = "limit.historyCount.suggestContinueAsNew=12"
    async with running_temporal(dynamic_config=[suggestion]) as address:
        client = await client_of(address)
        async with running_workers(client, settings):
            handle = await send(client, settings, job)
            await eventually(lambda: got(receiver), lambda count: count == 1)
            for number in range(10):
                await handle.signal("confirm", {"reason": str(number)})
            await boards.clear_faults()
            await handle.signal("retry")
            await handle.result()
            await eventually(lambda: got(receiver), lambda count: count == 2)
    assert [body["type"] for body in receiver.verified()] == ["job.attention", "job.closed"]


async def test_an_endpoint_inside_is_told_only_where_it_is_named(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, receiver: Receiver
) -> None:
    settings = settings_for(sandbox_urls, receiver, tries=2)
    # As beside real boards: this machine's own names are not enough.
    (endpoint,) = settings.notifications
    elsewhere = endpoint.model_copy(update={"url": SecretStr(receiver.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"))})
    async with running_workers(client, settings.model_copy(update={"notifications": (elsewhere,)})):
        await (await send(client, settings, job)).result()
        (notification,) = await notifications_of(client, job)
        (log,) = (await notification.result()).deliveries
    assert {each.result for each in log.tries} == {DeliveryResult.FAILED}
    assert "The address is not public" in log.tries[0].answered
    assert receiver.got == []
