"""Lifecycles that somebody stopped are shown wherever jobs are, until a newer one follows."""

import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client, WorkflowExecutionStatus

from config.settings import Settings
from models.states import Intent, Phase
from runtime.metrics.census import take_census
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.lifecycles import eventually, in_phase, send

pytestmark = pytest.mark.usefixtures("workers")


def counted(how: str) -> float:
    return REGISTRY.get_sample_value("boardsync_lifecycles_stopped", {"how": how}) or 0.0


async def test_a_cancelled_and_a_terminated_lifecycle_are_shown_everywhere_until_the_next_event(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await lifecycle.cancel(reason="by mistake")

    async def rows() -> list[tuple[str, str]]:
        said = await cli("jobs", "--query", f"JobId = '{job}'", "--json")
        return [(each["status"], each["phase"]) for each in said.json["jobs"]]

    await eventually(rows, lambda seen: seen == [("canceled", "cancelled")])
    listed = await cli("jobs", "--stopped", "--query", f"JobId = '{job}'")
    assert "stopped: canceled" in listed.stdout
    shown = await cli("show", f"1234/{job}")
    assert shown.code == 0
    for part in ("by mistake", "nothing is done", f"boardsync close 1234/{job}", "The boards are read once more."):
        assert part in " ".join(shown.stdout.split()), part
    said = (await cli("receipt", f"1234/{job}")).json
    assert (said["phase"], said["stopped"]["reason"]) == ("cancelled", "by mistake")
    found = {each["check"]: each for each in (await cli("doctor", "--json")).json["findings"]}
    assert lifecycle.id in found["temporal.stopped"]["found"]
    await take_census(client)
    assert counted("canceled") >= 1

    again = await send(client, settings, job, Intent.POSTED)
    await eventually(rows, lambda seen: [status for status, _ in seen] == ["running"])
    assert not (await cli("jobs", "--stopped", "--query", f"JobId = '{job}'", "--json")).json["jobs"]
    await again.terminate(reason="an accident")
    await eventually(rows, lambda seen: [status for status, _ in seen] == ["terminated"])
    assert (await again.describe()).status is WorkflowExecutionStatus.TERMINATED
    assert "an accident" in " ".join((await cli("show", f"1234/{job}")).stdout.split())


async def test_who_asks_for_a_phase_is_not_shown_what_was_stopped_in_it(
    client: Client, settings: Settings, boards: Boards, cli: Cli, job: str
) -> None:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await lifecycle.terminate()
    query = ("--query", f"JobId = '{job}'", "--json")
    await eventually(lambda: cli("jobs", "--stopped", *query), lambda said: len(said.json["jobs"]) == 1)
    assert (await cli("jobs", "--phase", "open", *query)).json["jobs"] == []
    counts = (await cli("jobs", "--count", *query)).json["counts"]
    assert counts == {"stopped": 1}
