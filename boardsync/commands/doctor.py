"""The command `doctor`."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from activities.providers import Providers, open_http
from boardsync.commands.options import Config, Customer, Json
from boardsync.doctor.clocks import Clocks
from boardsync.doctor.configuration import check_configuration, check_recalled
from boardsync.doctor.findings import Finding, Level
from boardsync.doctor.gateway import check_gateway
from boardsync.doctor.job import check_job
from boardsync.doctor.providers import check_providers
from boardsync.doctor.store import check_store
from boardsync.doctor.temporal import check_temporal
from boardsync.events.sending import listening_at
from boardsync.exits import ExitCode, misused
from boardsync.output import Output
from boardsync.running import run
from config.settings import Settings
from models.base import is_id

COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def doctor(
    gateway: Annotated[
        str | None,
        typer.Option("--gateway", metavar="URL", help="Where the gateway listens. [default: gateway.listen]"),
    ] = None,
    customer: Customer = None,
    job: Annotated[
        str | None,
        typer.Option("--job", metavar="ID", help="With --customer: check this real job end to end, without writing."),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Check an installation: configuration, Temporal, credentials, webhooks, clocks. Exit code 3 where one fails."""

    async def work() -> ExitCode:
        if job is not None:
            return await _one_job(Output(as_json=as_json), customer, job, gateway)
        settings, findings = check_configuration()
        settings = settings if settings is None or customer is None else _only(settings, customer)
        findings += await check_temporal(settings)
        if settings is not None:
            findings += await check_store(settings)
            findings += await check_recalled()
            findings += await _check_outside(settings, (gateway or listening_at(settings)).rstrip("/"))
        return _told(Output(as_json=as_json), findings)

    run(work)


async def _one_job(out: Output, customer_id: str | None, job_id: str, gateway: str | None) -> ExitCode:
    if customer_id is None:
        raise misused("--job goes with --customer")
    if not is_id(job_id):
        raise misused(f"--job: {job_id!r} is no job id: expected 1 to 20 digits")
    settings, findings = check_configuration()
    if settings is not None:
        settings = _only(settings, customer_id)
        listening = (gateway or listening_at(settings)).rstrip("/")
        async with open_http() as http:
            providers = Providers(settings, http)
            findings += await check_job(http, providers, settings.customers[0], job_id, listening)
    return _told(out, findings)


def _only(settings: Settings, customer_id: str) -> Settings:
    """Leave only one customer to be checked.

    Raises CommandFailed where there is none.
    """
    customer = settings.customer(customer_id)
    if customer is None:
        raise misused(f"customer {customer_id} is not in the configuration")
    return settings.model_copy(update={"customers": (customer,)})


def _told(out: Output, findings: list[Finding]) -> ExitCode:
    failed = any(each.level is Level.FAIL for each in findings)
    out.answer({"healthy": not failed, "findings": findings}, findings_view(findings))
    return ExitCode.NOT_DONE if failed else ExitCode.DONE


def findings_view(findings: list[Finding]) -> RenderableType:
    """Render findings; what is wrong with what it means and what to do."""
    table = Table.grid(padding=(0, 2))
    for each in findings:
        words = Text(each.found)
        if each.means is not None:
            words.append(f"\nWhat it means: {each.means}\nWhat to do: {each.remedy}\n")
        table.add_row(Text(each.level.value, style=COLOURS[each.level]), Text(each.check, style="bold"), words)
    counts = {level: sum(each.level is level for each in findings) for level in Level}
    return Group(
        table, "", Text(f"{counts[Level.OK]} ok, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} failed")
    )


async def _check_outside(settings: Settings, listening: str) -> list[Finding]:
    clocks = Clocks(settings, listening)
    async with open_http() as http:
        http.event_hooks["response"].append(clocks.note)
        found = await check_providers(Providers(settings, http)) + await check_gateway(http, settings, listening)
    return found + clocks.findings()
