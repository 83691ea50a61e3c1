"""The commands of store and ledger against a job that was really closed."""

import json
import sqlite3
from pathlib import Path

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from store.ledger.notes import SigningKey
from tests.support.boards import CUSTOMER, Boards
from tests.support.cli import Cli
from tests.support.lifecycles import forget, send
from tests.support.settings import raw_settings, write_toml
from tests.support.workers import running_workers

KEY = SigningKey("ledger.example.com", b"k" * 32)


@pytest.fixture
async def closed(
    client: Client, temporal: str, sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> tuple[Cli, str]:
    """Close a job with a store of its own, and return a command line for it."""
    raw = raw_settings(sandbox_urls)
    raw |= {"store": {"url": f"sqlite:///{tmp_path / 'store.db'}"}, "ledger": {"key": KEY.text()}}
    write_toml(tmp_path / "boardsync.toml", raw)
    settings = parse_settings(raw, {}, base=tmp_path)
    async with running_workers(client, settings):
        await (await send(client, settings, job)).result()
    config = str(tmp_path / "boardsync.toml")
    return Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": config}), job


async def test_a_receipt_is_exported_verified_and_printed_long_after_temporal_forgot(
    closed: tuple[Cli, str], client: Client, tmp_path: Path
) -> None:
    cli, job = closed
    name = f"{CUSTOMER}/{job}"
    proof, html, pdf = (tmp_path / f"receipt.{kind}" for kind in ("tlog-proof", "html", "pdf"))
    said = await cli("receipt", name, "--proof", str(proof), "--html", str(html), "--pdf", str(pdf))
    assert (said.code, said.stderr) == (0, "")
    page = html.read_text(encoding="utf-8")
    assert "Closed on LinkedIn: it no longer lists the job." in page
    assert "NOT_LISTED" in page
    assert str(KEY.verifier) in page.replace("&#43;", "+")
    assert pdf.read_bytes().startswith(b"%PDF-")

    public = (await cli("ledger", "key", "show")).stdout.strip()
    assert public == str(KEY.verifier)
    elsewhere = Cli({})
    said = await elsewhere("verify", str(proof), "--key", public, "--json")
    assert (said.code, said.json["verified"], said.json["receipt"]["job_id"]) == (0, True, job)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(proof.read_bytes().replace(b"index 0", b"index 1"))
    assert (await elsewhere("verify", str(damaged), "--key", public)).code == 3
    other = str(SigningKey("ledger.example.com", b"o" * 32).verifier)
    said = await elsewhere("verify", str(proof), "--key", other, "--json")
    assert (said.code, said.json["kind"]) == (3, "wrong key")

    assert (await cli("receipt", name)).json["proven"] == {"linkedin": True, "indeed": True}
    await forget(client, f"job-{CUSTOMER}-{job}")
    said = await cli("receipt", name)
    assert (said.code, said.json["form"]) == (0, "boardsync receipt 1")
    assert said.json["boards"]["linkedin"]["proven"] is True
    missing = await cli("receipt", f"{CUSTOMER}/999999", "--proof", str(proof))
    assert missing.code == 1
    assert "no receipt in the store" in missing.stderr


async def test_the_store_is_looked_after(closed: tuple[Cli, str], tmp_path: Path) -> None:
    cli, job = closed
    said = await cli("store", "status", "--json")
    assert (said.code, said.json["current"], said.json["rows"]["receipts"]) == (0, True, 1)
    assert "receipts" in (await cli("store", "status")).stdout
    assert (await cli("store", "migrate")).code == 0
    copy = tmp_path / "copy.db"
    assert (await cli("store", "backup", str(copy))).code == 0
    with sqlite3.connect(copy) as database:
        assert database.execute("SELECT job_id FROM receipts").fetchall() == [(job,)]
    made = (await cli("store", "key")).stdout.strip()
    assert len(made) == 44
    pair = (await cli("ledger", "key", "new", "--name", "ledger.example.org", "--json")).json
    assert SigningKey.parse(pair["private"]).verifier.name == "ledger.example.org"

    said = await cli("ledger", "verify", "--json")
    assert (said.code, said.json["sound"], said.json["entries"]) == (0, True, 1)
    with sqlite3.connect(tmp_path / "store.db") as database:
        database.execute("UPDATE receipts SET body = replace(body, 'NOT_LISTED', 'LISTED    ')")
    said = await cli("ledger", "verify", "--json")
    assert said.code == 3
    assert {fault["kind"] for fault in said.json["faults"]} == {"changed"}


async def test_a_posting_is_linked_by_hand_and_figures_are_told(closed: tuple[Cli, str]) -> None:
    cli, job = closed
    name, iri = f"{CUSTOMER}/{job}", "iri://apis.indeed.com/EmployerJob/0b6f8d2a-5e0f-4f57-9d3e-7f6f2f0c1a11"
    assert (await cli("link", name, "--indeed", iri)).code == 0
    assert (await cli("link", name, "--indeed", iri, "--remove")).code == 0
    assert (await cli("link", name, "--indeed", iri, "--remove")).code == 3
    assert (await cli("link", name, "--indeed", "nonsense")).code == 2

    figures = (await cli("stats", "--customer", CUSTOMER, "--json")).json
    assert {board["board"]: board["count"] for board in figures["boards"]} == {"indeed": 1, "linkedin": 1}
    assert all(0 <= board["p50"] < 120 and board["within_promise"] == 1 for board in figures["boards"])
    assert "LinkedIn" in (await cli("stats", "--since", "1d")).stdout
    assert json.loads((await cli("stats", "--customer", "5678", "--json")).stdout)["boards"] == []


async def test_a_store_that_is_away_is_named_in_one_line(closed: tuple[Cli, str], tmp_path: Path) -> None:
    cli, job = closed
    (tmp_path / "store.db").rename(tmp_path / "gone.db")
    (tmp_path / "store.db").mkdir()
    for words in (["stats"], ["store", "status"], ["ledger", "verify"], ["receipt", f"1234/{job}", "--proof", "x"]):
        said = await cli(*words)
        assert said.code == 1
        assert said.stderr.startswith("boardsync: The store cannot be reached.")
