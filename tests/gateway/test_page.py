"""The job's page on a real port, over a real Temporal: what it shows, to whom, and what when nobody answers."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiohttp import web
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import JobInput, Lifecycle
from models.states import BoardName, BoardState, Intent, Phase
from models.temporal import JOB_POSTING, LINKEDIN_STATE, Queue, search_attributes
from runtime.connection import connect
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, handle, send, state
from tests.support.listening import listening, silence
from tests.support.processes import HOST, free_port
from tests.support.workers import running_workers
from webhook_gateway.pages import reading
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.pages.page import JobPage, add_page

VALID_FOR = timedelta(days=30)
SECRET = "link-secret"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@asynccontextmanager
async def page_of(client: Client, settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, JobLinks]]:
    """Serve pages, and give a client with links for it."""
    port = free_port()
    links = JobLinks(SECRET, f"http://{HOST}:{port}", VALID_FOR)
    app = web.Application()
    add_page(app, JobPage(client, links, settings).handle)
    runner = web.AppRunner(app, access_log=None)
    async with AsyncExitStack() as stack:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, HOST, port).start()
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=30)
        )
        yield http, links


@pytest.fixture
async def pages(client: Client, settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, JobLinks]]:
    async with page_of(client, settings) as served:
        yield served


Pages = tuple[httpx.AsyncClient, JobLinks]


async def get(pages: Pages, job_id: str) -> httpx.Response:
    http, links = pages
    reply = await http.get(links.url(CUSTOMER, job_id))
    check_headers(reply)
    return reply


def check_headers(reply: httpx.Response) -> None:
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Content-Security-Policy"] == CSP
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Robots-Tag"] == "noindex"
    assert reply.text.count("<script") == reply.text.count('<script src="../page.js" defer></script>') == 1
    assert " style=" not in reply.text


async def in_phase(client: Client, job_id: str, phase: Phase) -> Lifecycle:
    return await eventually(lambda: state(handle(client, job_id)), lambda seen: seen.phase is phase)


@pytest.mark.usefixtures("workers")
async def test_a_job_is_followed_from_closing_to_closed(
    client: Client, settings: Settings, boards: Boards, job: str, pages: Pages
) -> None:
    await boards.fault("linkedin", "submit", "slow", job_id=job, seconds=3.0)
    lifecycle = await send(client, settings, job)
    closing = await get(pages, job)
    assert closing.status_code == 200
    assert "Being taken down" in closing.text
    assert "Example Health" in closing.text
    assert '<meta http-equiv="refresh" content="10">' in closing.text
    assert f"http://ui.example.com/namespaces/default/workflows/{workflow_id(CUSTOMER, job)}" in closing.text

    await lifecycle.result()
    closed = await get(pages, job)
    assert closed.status_code == 200
    assert "Closed on LinkedIn: it no longer lists the job." in closed.text
    assert "NOT_LISTED" in closed.text
    assert "closed: no longer listed" in closed.text
    assert "cleared: none of our changes are left" in closed.text
    assert "Our changes are off Indeed; the posting itself is still live, its feed decides." in closed.text
    assert "<dt>Closed</dt>" in closed.text
    assert "http-equiv" not in closed.text


async def test_the_receipt_is_shown_while_no_worker_runs(
    client: Client, settings: Settings, job: str, pages: Pages
) -> None:
    async with running_workers(client, settings):
        await (await send(client, settings, job)).result()
    closed = await get(pages, job)
    assert "Closed on LinkedIn: it no longer lists the job." in closed.text
    assert "NOT_LISTED" in closed.text


@pytest.mark.usefixtures("workers")
async def test_what_needs_a_person_is_said_in_the_boards_words_without_markup(
    client: Client, settings: Settings, boards: Boards, job: str, pages: Pages
) -> None:
    said = {"message": "no <b>slots</b> left<script>alert(1)</script>"}
    await boards.fault("linkedin", "submit", "http", job_id=job, status=402, body=said, times=None)
    lifecycle = await send(client, settings, job)
    await in_phase(client, job, Phase.ATTENTION)
    page = await get(pages, job)
    assert page.status_code == 200
    assert "LinkedIn needs a person" in page.text
    assert "Free a slot" in page.text
    assert "<code>retry</code>" in page.text
    assert "no <b>" not in page.text
    await lifecycle.terminate()


@pytest.mark.usefixtures("workers")
async def test_a_stopped_lifecycle_is_said_to_be_stopped(
    client: Client, settings: Settings, boards: Boards, job: str, pages: Pages
) -> None:
    await boards.fault("linkedin", "submit", "http", job_id=job, status=500, times=None)
    lifecycle = await send(client, settings, job)
    await state(lifecycle)
    await lifecycle.terminate()
    page = await get(pages, job)
    assert "Somebody stopped this job&#39;s workflow" in page.text
    assert "What happened" in page.text


@pytest.mark.usefixtures("workers")
async def test_an_open_job_is_looked_at_less_often(client: Client, settings: Settings, job: str, pages: Pages) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(client, job, Phase.OPEN)
    page = await get(pages, job)
    assert "Posted: the boards are as the ATS wants them" in page.text
    assert '<meta http-equiv="refresh" content="60">' in page.text
    await lifecycle.terminate()


async def test_without_workers_what_temporal_knows_is_shown(
    client: Client, settings: Settings, job: str, pages: Pages
) -> None:
    lifecycle = await send(client, settings, job)
    began = time.monotonic()
    page = await get(pages, job)
    assert time.monotonic() - began < 20, "the query itself is waited for as long as its client does"
    assert page.status_code == 200
    assert "The details are not available right now" in page.text
    assert "Being taken down" in page.text
    assert "at work" in page.text
    await lifecycle.terminate()


async def test_a_state_of_a_newer_version_is_left_out(client: Client, job: str, pages: Pages) -> None:
    known = search_attributes(CUSTOMER, job, Phase.CLOSING, [(BoardName.INDEED, BoardState.WORKING)])
    newer = TypedSearchAttributes([*known, SearchAttributePair(LINKEDIN_STATE, "levitating")])
    lifecycle = await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job),
        id=workflow_id(CUSTOMER, job),
        task_queue=Queue.JOB_POSTINGS.value,
        search_attributes=newer,
    )
    page = await get(pages, job)
    assert page.status_code == 200
    assert "levitating" not in page.text
    assert "Indeed" in page.text
    await lifecycle.terminate()


async def test_of_an_unknown_job_it_is_said_that_nothing_is_known_yet(pages: Pages) -> None:
    page = await get(pages, "99999999")
    assert page.status_code == 404
    assert "Nothing is known of job 99999999 yet" in page.text


async def test_links_that_are_wrong_foreign_or_expired_are_refused_alike(pages: Pages) -> None:
    http, links = pages
    key = links.url(CUSTOMER, "99999999").partition("key=")[2]
    then = datetime.now(UTC) - VALID_FOR - timedelta(seconds=2)
    expired = links.url(CUSTOMER, "99999999", at=then).partition("key=")[2]
    refused = [
        f"/jobs/{CUSTOMER}/99999999",
        f"/jobs/{CUSTOMER}/99999999?key=",
        f"/jobs/{CUSTOMER}/99999999?key=wrong",
        f"/jobs/{CUSTOMER}/99999999?key={expired}",
        f"/jobs/{CUSTOMER}/99999998?key={key}",
        f"/jobs/5678/99999999?key={key}",
        f"/jobs/{CUSTOMER}/{'9' * 21}?key={key}",
        f"/jobs/{CUSTOMER}/abc?key={key}",
        f"/jobs/%2e%2e%2f/1?key={key}",
        f"/jobs/{CUSTOMER}/%3Cscript%3E?key={key}",
        f"/jobs/{CUSTOMER}/99999999?key={key}%00",
        f"/jobs/{CUSTOMER}/99999999?key=%ff%fe",
    ]
    replies = [await http.get(path) for path in refused]
    for reply in replies:
        check_headers(reply)
    assert [reply.status_code for reply in replies] == [403] * len(refused)
    assert len({reply.text for reply in replies}) == 1
    assert "99999999" not in replies[0].text


async def test_the_page_is_only_read(pages: Pages) -> None:
    http, links = pages
    for method in ("POST", "PUT", "DELETE"):
        assert (await http.request(method, links.url(CUSTOMER, "1"))).status_code == 405


async def test_the_stylesheet_is_served_where_the_page_looks_for_it(pages: Pages) -> None:
    http, links = pages
    url = httpx.URL(links.url(CUSTOMER, "99999999")).join("../page.css")
    reply = await http.get(url)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "url(" not in reply.text
    assert "@import" not in reply.text


@pytest.mark.parametrize("kind", ["down", "silent"])
async def test_without_temporal_the_visitor_is_told_so(
    settings: Settings, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "STEP_TIMEOUT", 0.5)

    port = free_port()
    client = await connect(lazy=True, address=f"{HOST}:{port}")
    served_by = listening(silence, port=port) if kind == "silent" else nullcontext()
    async with served_by, page_of(client, settings) as served:
        began = time.monotonic()
        page = await get(served, "1209")
        assert time.monotonic() - began < 6
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "30"
        assert "cannot be read right now" in page.text
        http, _ = served
        assert (await http.get(f"/jobs/{CUSTOMER}/1209?key=wrong")).status_code == 403
