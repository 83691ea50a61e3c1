"""The console on a real port, over a real Temporal and a real store: what it shows, and who may act by it."""

import asyncio
import csv
import html
import io
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client

from boardsync.console.security import HEADERS
from config.settings import Settings
from config.store import Ledger
from models.base import workflow_id
from models.lifecycle import JobInput
from models.states import Intent, Phase
from models.temporal import BULK_CLOSE, JOB_POSTING, RECONCILE, RUNNING, Queue, search_attributes
from store.events import Events, LoggedEvent, Result
from store.ledger.notes import SigningKey
from store.ledger.verify import verify_file
from tests.support.boards import CUSTOMER, Boards
from tests.support.console import ANA, USER_HEADER, console_client, with_console
from tests.support.lifecycles import eventually, handle, in_phase, send, state, without_slots
from tests.support.settings import without_store
from tests.support.store import opened, receipts_of

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
async def console(client: Client, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with console_client(client, with_console(settings)) as http:
        yield http


async def shown(console: httpx.AsyncClient, path: str, **headers: str) -> str:
    reply = await console.get(path, headers=headers)
    assert reply.status_code == 200, reply.text
    for name, value in HEADERS.items():
        assert reply.headers[name] == value
    assert " style=" not in reply.text
    assert reply.text.count("<script") == 1
    return reply.text


def form(page: str, signal: str, **fields: str) -> tuple[str, dict[str, str]]:
    """Return where a form of a page goes, and what it carries."""
    found = re.search(
        rf'action="(/jobs/[0-9]+/[0-9]+/{signal}|/ledger/{signal})".*?name="token" value="([^"]+)"', page, re.DOTALL
    )
    assert found is not None
    return found[1], {"token": found[2], **fields}


def own(console: httpx.AsyncClient, **more: str) -> dict[str, str]:
    return {"Origin": str(console.base_url).rstrip("/"), **ANA, **more}


async def test_a_job_that_needs_a_person_is_found_understood_and_helped_by_name(
    client: Client, settings: Settings, boards: Boards, job: str, console: httpx.AsyncClient
) -> None:
    lifecycle = await without_slots(client, settings, boards, job)
    listed = await eventually(lambda: shown(console, f"/jobs?phase=attention&q={job}"), lambda page: "1 job." in page)
    assert f'href="/jobs/{CUSTOMER}/{job}"' in listed
    assert "No job slots are left" in listed
    # Counted from the console's start on, and anew every few seconds.
    await eventually(lambda: shown(console, "/"), lambda overview: "No job slots are left" in overview)
    page = await shown(console, f"/jobs/{CUSTOMER}/{job}", **ANA)
    assert "LinkedIn needs a person" in page
    assert "iCIMS took the job off its career site" in page
    await boards.clear_faults()
    path, fields = form(page, "retry", reason="Slots were bought")
    sent = await console.post(path, data=fields, headers=own(console))
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/jobs/{CUSTOMER}/{job}?sent=retry&how=sent")
    receipt = await lifecycle.result()
    told = [(each.what, each.by, each.reason) for each in receipt.received]
    assert ("signal retry", "ana@example.com", "Slots were bought") in told
    after = await shown(console, sent.headers["Location"])
    assert "Retry was sent." in after
    assert "Closed on LinkedIn" in after
    assert "Receipts in the ledger" in after


async def test_nothing_is_sent_by_a_forged_form(
    client: Client, settings: Settings, job: str, console: httpx.AsyncClient
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    page = await shown(console, f"/jobs/{CUSTOMER}/{job}", **ANA)
    path, fields = form(page, "close", reason="why not")
    forged = [
        (fields, {**ANA}),  # from nowhere
        (fields, own(console, Origin="http://evil.example.com")),
        (fields, own(console, **{"Sec-Fetch-Site": "cross-site"})),
        (fields, own(console, **{USER_HEADER: "bob@example.com"})),  # with another's token
        (fields, {"Origin": own(console)["Origin"]}),  # by nobody
        ({**fields, "token": ""}, own(console)),
        ({**fields, "token": fields["token"][:-2] + "AA"}, own(console)),
        ({"reason": "why not"}, own(console)),
        (fields, own(console, Host="rebound.example.com")),
        ({**fields, "reason": " "}, own(console)),
        ({**fields, "reason": "x" * 2001}, own(console)),
        ({**fields, "reason": "x" * 100_000}, own(console)),
    ]
    found = [(await console.post(path, data=data, headers=headers)).status_code for data, headers in forged]
    assert found == [403, 403, 403, 403, 403, 403, 403, 403, 421, 400, 400, 413]
    elsewhere = path.replace(job, "99")
    assert (await console.post(elsewhere, data=fields, headers=own(console))).status_code == 403
    assert (await console.get(path, headers=own(console))).status_code == 405
    assert [each.what for each in (await state(lifecycle)).received] == ["JobPostToWebEvent"]


async def test_who_is_not_named_may_look_and_not_act(
    client: Client, settings: Settings, job: str, console: httpx.AsyncClient
) -> None:
    await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)
    page = await shown(console, f"/jobs/{CUSTOMER}/{job}")
    assert "<form" not in page
    assert f"boardsync retry {CUSTOMER}/{job}" in page


async def test_closed_and_stopped_jobs_are_listed_searched_by_title_and_exported(
    client: Client, settings: Settings, boards: Boards, job: str, console: httpx.AsyncClient
) -> None:
    await boards.change_job(job, title=f"=Nurse {job}")
    closed = await send(client, settings, job)
    await closed.result()
    await boards.add_job("777")
    cancelled = await send(client, settings, "777", Intent.POSTED)
    await in_phase(cancelled, Phase.OPEN)
    await cancelled.cancel()
    stopped = await eventually(lambda: shown(console, "/jobs?which=stopped&q=777"), lambda page: "1 job." in page)
    assert "Stopped: cancelled" in stopped
    found = await eventually(
        lambda: shown(console, f"/jobs?which=all&q=nurse+{job}"), lambda page: "1 job." in page and "Closed" in page
    )
    assert f"=Nurse {job}" in found
    exported = (await console.get(f"/jobs.csv?which=closed&q={job}")).text.lstrip("\ufeff").splitlines()
    assert len(exported) == 2
    assert f'"\'=Nurse {job}"' in exported[1]


async def begin(client: Client, job: str) -> None:
    """Begin a lifecycle that no worker takes up."""
    await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job),
        id=workflow_id(CUSTOMER, job),
        task_queue="nobody",
        search_attributes=search_attributes(CUSTOMER, job, Phase.OPEN, ()),
    )


async def test_many_jobs_come_page_by_page_and_all_in_an_export(client: Client, console: httpx.AsyncClient) -> None:
    jobs = [str(900_000 + each) for each in range(53)]
    await asyncio.gather(*(begin(client, each) for each in jobs))
    # A page and its count are read side by side: all must be there before.
    await eventually(lambda: client.count_workflows(RUNNING), lambda found: found.count == len(jobs))
    first = await eventually(lambda: shown(console, "/jobs"), lambda page: "53 jobs." in page)
    address = re.search(r'href="(/jobs\?[^"]*page=[^"]+)"', first)
    assert address is not None
    second = await shown(console, html.unescape(address[1]))
    found = [re.findall(r'href="/jobs/1234/([0-9]+)"', page) for page in (first, second)]
    assert [len(each) for each in found] == [50, 3]
    assert sorted({*found[0], *found[1]}) == jobs
    exported = list(csv.reader(io.StringIO((await console.get("/jobs.csv")).text.lstrip("\ufeff"))))
    assert sorted(each[2] for each in exported[1:]) == jobs


async def test_a_receipt_is_listed_verified_and_handed_on(
    client: Client, settings: Settings, job: str, console: httpx.AsyncClient
) -> None:
    keyed = with_console(
        settings.model_copy(update={"ledger": Ledger(key=SecretStr(SigningKey.new("ledger.test").text()))})
    )
    await (await send(client, settings, job)).result()
    (receipt, *_) = await receipts_of(settings, job)
    listed = await shown(console, "/ledger")
    assert f'href="/ledger/{receipt.leaf}"' in listed
    assert "Not proven" in await shown(console, f"/ledger/{receipt.leaf}")  # the store of the tests has no key
    async with opened(keyed) as stored:
        await stored.ledger.sign()
    async with console_client(client, keyed) as signed:
        page = await shown(signed, f"/ledger/{receipt.leaf}")
        assert "Verified right now: Entry" in page
        assert "Closed on LinkedIn: it no longer lists the job." in page
        proof = await signed.get(f"/ledger/{receipt.leaf}/proof")
        assert keyed.ledger.key is not None
        key = SigningKey.parse(keyed.ledger.key.get_secret_value()).verifier
        assert verify_file(proof.content, key).leaf == receipt.leaf
        document = await signed.get(f"/ledger/{receipt.leaf}/page")
        assert document.headers["Content-Disposition"].startswith("attachment")
        assert "<form method" not in await shown(signed, "/ledger"), "who is not named may only look"
        path, fields = form(await shown(signed, "/ledger", **ANA), "verify")
        by_ana = own(signed)
        by_nobody = {"Origin": by_ana["Origin"]}
        for data, headers in ((fields, ANA), (fields, by_nobody), ({}, by_ana)):
            assert (await signed.post(path, data=data, headers=headers)).status_code == 403
        assert "Nobody has asked" in await shown(signed, "/ledger")
        assert (await signed.post(path, data=fields, headers=by_ana)).status_code == 303
        await eventually(lambda: shown(signed, "/ledger"), lambda page: "Whole: " in page)
        for path in ("/ledger/99999999", "/ledger/x", "/ledger/99999999/proof", "/ledger/-1/page"):
            assert (await signed.get(path)).status_code == 404


async def test_events_taken_and_refused_are_told_page_by_page(
    settings: Settings, job_ids: Iterator[str], console: httpx.AsyncClient
) -> None:
    job = next(job_ids)
    taken = LoggedEvent(
        at=datetime.now(UTC),
        sender="icims",
        customer_id="77",
        job_id=job,
        type="JobUnpostToWebEvent",
        result=Result.TAKEN,
    )
    refused = taken.model_copy(update={"result": Result.REFUSED, "reason": "unknown customer <b>77</b>"})
    async with opened(settings) as stored:
        await Events(stored.store, stored.sealer).add([(each, None) for each in [*[taken] * 120, refused]])
    page = await shown(console, "/events?customer=77")
    assert "iCIMS took the job off its career site" in page
    assert "unknown customer &lt;b&gt;77&lt;/b&gt;" in page
    older = re.search(r'href="(/events\?[^"]*before=[0-9]+)"', page)
    assert older is not None
    assert (await shown(console, html.unescape(older[1]))).count(f'href="/jobs/77/{job}"') == 21
    only = await shown(console, f"/events?refused=1&job=77%2F{job}")
    assert only.count(f'href="/jobs/77/{job}"') == 1
    assert "A job is written 1234/1209" in await shown(console, "/events?job=nonsense")


async def test_runs_say_how_far_they_are_and_what_came_of_them(
    client: Client, settings: Settings, job: str, job_ids: Iterator[str], console: httpx.AsyncClient
) -> None:
    await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)
    asked = {"customer_id": CUSTOMER, "job_ids": [job, next(job_ids)], "dry_run": True, "by": "Ana", "reason": "a test"}
    queue = Queue.JOB_POSTINGS.value
    await client.execute_workflow(BULK_CLOSE, asked, id="bulk-close-of-the-console", task_queue=queue)
    await client.execute_workflow(RECONCILE, {"customer_id": CUSTOMER}, id="reconcile-of-the-console", task_queue=queue)
    page = await eventually(
        lambda: shown(console, "/runs"), lambda page: "Closing many jobs" in page and "Comparing a whole" in page
    )
    assert "2 would be closed" in page
    assert "By Ana. a test" in page
    assert "Found: " in page
    assert (await state(handle(client, job))).phase is Phase.OPEN


async def test_configuration_says_what_is_wrong_and_nothing_secret(
    settings: Settings, console: httpx.AsyncClient
) -> None:
    page = await shown(console, "/configuration")
    assert "temporal.namespace" in page
    assert "Example Health" in page
    assert "[ledger] key" in page  # which the tests' store has not
    for each in settings.customers:
        assert each.icims.client_secret.get_secret_value() not in page
    assert "whom the header <code>X-Forwarded-User</code> names" in page


async def test_pages_that_there_are_not_are_told_in_words(console: httpx.AsyncClient) -> None:
    for path in ("/jobs/1234/99999999", "/nothing", "/jobs/1234/x", "/jobs/1234/99999999/steps"):
        reply = await console.get(path)
        assert (reply.status_code, "<h1>" in reply.text) == (404, True), path
    assert "<h1>Jobs</h1>" in await shown(console, "/jobs?page=bm9uc2Vuc2U%3D~x.y")


async def test_without_a_store_jobs_are_shown_all_the_same(client: Client, settings: Settings, job: str) -> None:
    await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)
    async with console_client(client, with_console(without_store(settings))) as console:
        await eventually(lambda: shown(console, "/"), lambda overview: "The store cannot be reached" in overview)
        page = await eventually(lambda: shown(console, f"/jobs?q={job}"), lambda page: "1 job." in page)
        assert "Titles and numbers could not be searched" in page
        assert "Posted" in await shown(console, f"/jobs/{CUSTOMER}/{job}")
    assert handle(client, job).id
