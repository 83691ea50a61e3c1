"""`send`: events signed as each sender does, taken by the real gateway."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from temporalio.client import Client

from boardsync.events.signing import challenge_digest
from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent
from tests.support.cli import Cli
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually, handle, send, state
from tests.support.processes import HOST, free_port
from tests.support.settings import write_toml
from tests.support.webhooks import signals, webhook_settings


@asynccontextmanager
async def wired(client: Client, cli: Cli, raw: dict[str, Any], folder: Path) -> AsyncIterator[Cli]:
    """Run a gateway; yield the command line with the same configuration and the gateway's address."""
    settings = parse_settings(raw, {}, base=folder)
    async with running_gateway(client, settings) as http:
        raw["gateway"]["public_url"] = str(http.base_url)
        write_toml(folder / "boardsync.toml", raw)
        yield Cli({**cli.environment, "BOARDSYNC_CONFIG": str(folder / "boardsync.toml")})


@pytest.fixture
async def to_gateway(client: Client, cli: Cli, sandbox_urls: dict[str, str], tmp_path: Path) -> AsyncIterator[Cli]:
    raw = webhook_settings(sandbox_urls)
    raw["customers"][0]["closing_statuses"] = ["9782"]
    async with wired(client, cli, raw, tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("auth", ["basic", "hmac", "oauth", "none"])
async def test_an_unpost_is_taken_by_whatever_authentication_is_configured(
    client: Client, cli: Cli, sandbox_urls: dict[str, str], job_ids: Iterator[str], tmp_path: Path, auth: str
) -> None:
    job = next(job_ids)
    raw = webhook_settings(sandbox_urls)
    raw["customers"][0]["icims"]["webhook_auth"] = auth
    async with wired(client, cli, raw, tmp_path) as ready:
        said = await ready("send", "unpost", f"1234/{job}", "--json")
        sent = said.json
        assert (said.code, sent["status"], sent["accepted"]) == (0, 200, True)
        assert f"Job {job} is being closed on LinkedIn" in sent["reply"]
        assert f'"systemId": "{job}"' in sent["body"]
        assert "webhook-secret-1234" not in said.stdout
        raw["customers"][0]["icims"]["webhook_secret"] = "another"
        write_toml(tmp_path / "boardsync.toml", raw)
        refused = await ready("send", "unpost", f"1234/{job}")
    assert refused.code == (0 if auth == "none" else 1)
    assert len(await signals(client, f"job-1234-{job}", "ats_event")) == (2 if auth == "none" else 1)
    await handle(client, job).terminate()


@pytest.mark.usefixtures("workers")
async def test_posts_edits_and_hires_are_taken(client: Client, to_gateway: Cli, job: str) -> None:
    posted = await to_gateway("send", "post", f"1234/{job}", "--json")
    assert (posted.code, posted.json["status"]) == (0, 303)
    assert f"/jobs/1234/{job}?key=" in posted.json["reply_headers"]["location"]
    edited = await to_gateway("send", "edit", f"1234/{job}")
    assert "HTTP 303" in edited.stdout
    assert "Accepted." in edited.stdout
    ignored = await to_gateway("send", "status", f"1234/{job}", "--status", "1752", "--json")
    assert "changes nothing" in ignored.json["reply"]
    assert (await state(handle(client, job))).intent is Intent.POSTED
    hired = await to_gateway("send", "status", f"1234/{job}", "--old-status", "1752", "--candidate", "77", "--json")
    assert "The hire is noted" in hired.json["reply"]
    await handle(client, job).result()


async def test_linkedins_notifications_reach_the_lifecycle(
    client: Client, settings: Settings, to_gateway: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    said = await to_gateway("send", "linkedin-status", f"1234/{job}", "--status", "NOT_LISTED", "--json")
    assert (said.code, said.json["status"]) == (0, 200)
    (told,) = await signals(client, lifecycle.id, "linkedin_status")
    assert told["listing"]["status"] == "NOT_LISTED"
    resync = await to_gateway("send", "linkedin-resync", f"1234/{job}", "--json")
    assert (resync.code, resync.json["status"]) == (0, 200)
    challenge = await to_gateway("send", "linkedin-challenge", f"1234/{job}", "--json")
    assert (challenge.code, challenge.json["accepted"]) == (0, True)
    await lifecycle.terminate()


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("form", ["cloudevents", "legacy"])
async def test_indeeds_events_reach_the_lifecycle_that_knows_the_job(
    client: Client, settings: Settings, to_gateway: Cli, job: str, form: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)

    async def told() -> list[dict[str, Any]]:
        # The gateway finds the lifecycle by visibility, which lags behind.
        said = await to_gateway("send", "indeed-changed", f"1234/{job}", "--form", form, "--json")
        assert (said.code, said.json["status"]) == (0, 200)
        return await signals(client, lifecycle.id, "indeed_changed")

    await eventually(lambda: to_gateway("send", "indeed-changed", f"1234/{job}"), lambda said: said.code == 0)
    assert all(each["employer_job_id"] for each in await eventually(told, bool))
    await lifecycle.terminate()


@asynccontextmanager
async def receiver(answer: Any) -> AsyncIterator[str]:
    """Take requests as another gateway might."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        await runner.cleanup()


async def test_a_challenge_that_is_answered_wrongly_is_not_accepted(to_gateway: Cli) -> None:
    async def with_another_secret(request: web.Request) -> web.Response:
        code = request.query["challengeCode"]
        assert request.query["applicationId"] == "234"
        return web.json_response({"challengeCode": code, "challengeResponse": challenge_digest(code, "another")})

    async with receiver(with_another_secret) as url:
        said = await to_gateway("send", "linkedin-challenge", "1234/1", "--to", url)
    assert said.code == 1
    assert "Not accepted: the challengeResponse is not the one of this application's client secret" in said.stdout


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("unpost", "99/1"), 2, "customer 99 is not in the configuration"),
        (("status", "5678/1"), 2, "expected --status"),
        (("indeed-changed", "5678/1", "--iri", "x"), 2, "has no webhook_secret in [customers.indeed]"),
        (("indeed-changed", "1234/999999"), 1, "job 1234/999999 has no lifecycle"),
        (("explode", "1234/1"), 2, "explode"),
    ],
)
async def test_what_cannot_be_sent_is_said(to_gateway: Cli, words: tuple[str, ...], code: int, expected: str) -> None:
    said = await to_gateway("send", *words)
    assert (said.code, said.stdout) == (code, "")
    assert expected in said.stderr


async def test_no_gateway_is_said_with_the_remedy(to_gateway: Cli) -> None:
    url = f"http://{HOST}:{free_port()}"
    said = await to_gateway("send", "unpost", "1234/1", "--to", url, "--json")
    assert (said.code, said.stdout) == (1, "")
    assert f"no gateway answers at {url}/webhooks/icims: start it, or name it by --to" in said.stderr
