"""`statuses`: what a customer's events named, to choose `closing_statuses` from; whose it was is kept nowhere."""

from pathlib import Path

from temporalio.client import Client

from config.loading import parse_settings
from tests.support.cli import Cli
from tests.support.gateway import basic, running_gateway
from tests.support.settings import raw_settings, write_toml

CANDIDATE, WORKFLOW = "7770001364", "7770002203"


def kept_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.glob("store.db*"))


async def test_statuses_of_genuine_events_are_listed_and_candidates_are_not(
    client: Client, temporal: str, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    config = tmp_path / "boardsync.toml"
    raw = raw_settings(sandbox_urls) | {"store": {"url": f"sqlite:///{tmp_path / 'store.db'}"}}
    raw["customers"][0]["closing_statuses"] = ["never-seen"]
    write_toml(config, raw)
    cli = Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})
    assert "No event of this customer has named a candidate status" in (await cli("statuses", "1234")).stdout

    event = {"customerId": "1234", "jobId": job, "eventType": "WorkFlowStatusChangeEvent", "personId": CANDIDATE}
    event |= {"systemId": WORKFLOW, "oldStatus": "1752"}
    right, wrong = basic("icims-1234", "webhook-secret-1234"), basic("icims-1234", "guessed")
    async with running_gateway(client, parse_settings(raw, {}, base=tmp_path)) as http:
        for status, signed in (("9782", right), ("D10100", right), ("9782", right), ("forged", wrong)):
            body = event | {"newStatus": status}
            await http.post("/webhooks/icims", json=body, headers={"Authorization": signed})

    said = (await cli("statuses", "1234", "--json")).json
    found = {each["status"]: (each["count"], each["fills_a_position"]) for each in said["statuses"]}
    assert found == {"9782": (2, False), "D10100": (1, False), "never-seen": (0, True)}
    assert "no event has named it" in (await cli("statuses", "1234")).stdout
    assert not any(each.encode() in kept_in(tmp_path) for each in (CANDIDATE, WORKFLOW))
    assert (await cli("statuses", "999")).code == 2
