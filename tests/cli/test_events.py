"""The command `events` after a secret that was changed at iCIMS first: seen, mended, tried again, closed."""

from pathlib import Path

from temporalio.client import Client

from boardsync.exits import ExitCode
from config.loading import parse_settings
from models.states import Phase
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import handle
from tests.support.settings import raw_settings, write_toml
from tests.support.workers import running_workers

SEALED = "c2FuZGJveC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW4="


async def test_a_refused_event_is_listed_and_closes_its_job_once_replayed(
    client: Client, temporal: str, sandbox_urls: dict[str, str], boards: Boards, job: str, tmp_path: Path
) -> None:
    config = tmp_path / "boardsync.toml"
    raw = raw_settings(sandbox_urls) | {"store": {"url": f"sqlite:///{tmp_path / 'store.db'}", "key": SEALED}}
    write_toml(config, raw)
    cli = Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})
    event = {"customerId": "1234", "systemId": job, "userId": "121", "eventType": "JobUnpostToWebEvent"}
    async with running_gateway(client, parse_settings(raw, {}, base=tmp_path)) as http:
        signed = {"Authorization": basic("icims-1234", "the-new-secret")}
        assert (await http.post("/webhooks/icims", json=event, headers=signed)).status_code == 401
    (refused,) = (await cli("events", "--refused", "--json")).json["events"]
    assert (refused["job_id"], refused["result"], refused["replayable"]) == (job, "refused", True)
    number = str(refused["id"])
    assert f"boardsync events --replay {number}" in (await cli("events", "--refused", "--customer", "1234")).stdout

    still = await cli("events", "--replay", number)
    assert still.code == ExitCode.NOT_DONE
    assert "refused again, 401" in still.stdout

    raw["customers"][0]["icims"]["webhook_secret"] = "the-new-secret"
    write_toml(config, raw)
    async with running_workers(client, parse_settings(raw, {}, base=tmp_path)):
        taken = await cli("events", "--replay", number)
        assert taken.code == 0, taken
        assert "taken, as received" in taken.stdout
        receipt = await handle(client, job).result()
    assert receipt.phase is Phase.CLOSED
    again = await cli("events", "--replay-all", "--json")
    assert (again.code, again.json["replayed"]) == (0, [])
    assert "was replayed already" in (await cli("events", "--replay", number)).stdout
