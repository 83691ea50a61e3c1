"""`reconcile`: what it costs, what it finds, what it does, and how it ends."""

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.lifecycles import in_phase, send

pytestmark = pytest.mark.usefixtures("workers")


async def test_what_it_costs_is_said_and_nothing_is_done(cli: Cli, boards: Boards) -> None:
    said = await cli("reconcile", "1234", "--dry-run")

    assert (said.code, said.stderr.count("calls to iCIMS")) == (0, 1)
    assert "Example Health: about " in said.stdout
    assert "of 1000 a day" in said.stdout
    assert await boards.records(provider="icims") == []


async def test_findings_are_shown_with_what_mends_them_and_need_somebody(
    client: Client, settings: Settings, cli: Cli, boards: Boards, job: str
) -> None:
    await in_phase(await send(client, settings, job, Intent.POSTED), Phase.OPEN)
    await boards.act("unpost", job, lost=True)

    said = await cli("reconcile", "1234")
    assert said.code == 3
    assert "Finding" in said.stdout
    assert "Calls: " in said.stdout

    as_json = (await cli("reconcile", "1234", "--act", "--json")).json
    assert as_json["counts"]["missed unpost"] >= 1
    assert as_json["acted"] >= 1


@pytest.mark.parametrize("customer", ["1234; drop", "abc", "1" * 21])
async def test_what_is_no_customer_is_refused(cli: Cli, customer: str) -> None:
    said = await cli("reconcile", customer)
    assert (said.code, said.stdout) == (2, "")


async def test_a_customer_who_is_not_configured_is_named(cli: Cli) -> None:
    said = await cli("reconcile", "999")
    assert said.code == 1
    assert "999" in said.stderr
