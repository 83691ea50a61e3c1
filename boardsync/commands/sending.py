"""The command `send`."""

from typing import Annotated

import typer
from rich.text import Text
from temporalio.service import RPCError

from activities.providers import open_http
from boardsync.commands.options import Config, Job, Json
from boardsync.events.samples import Event, Form
from boardsync.events.sending import Sent, Wanted, gateway_url
from boardsync.events.sending import send as send_event
from boardsync.exits import ExitCode
from boardsync.jobs.lifecycles import failure_of, handle_of
from boardsync.jobs.references import JobRef, read_one
from boardsync.output import Output
from boardsync.running import connected, run
from config.loading import load_settings
from models.temporal import INDEED_JOB_ID


def send(
    event: Annotated[Event, typer.Argument(metavar="EVENT", help=f"One of {', '.join(Event)}.")],
    job: Job,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="The gateway. [default: gateway.public_url, else its port]"),
    ] = None,
    status: Annotated[
        str | None, typer.Option("--status", help="The candidate's new status, or LinkedIn's listing status.")
    ] = None,
    old_status: Annotated[str | None, typer.Option("--old-status", help="The candidate's status before.")] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="ID", help="The recruiting workflow whose status changed.")
    ] = None,
    iri: Annotated[
        str | None, typer.Option("--iri", help="The job's id at Indeed. [default: as the lifecycle knows it]")
    ] = None,
    form: Annotated[Form, typer.Option("--form", help="How Indeed writes the event.")] = Form.CLOUDEVENTS,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Send a sample event to a gateway, signed as iCIMS, LinkedIn or Indeed would, and show request and reply."""

    async def work() -> ExitCode:
        settings, target = load_settings(), read_one(job)
        known = iri or (await _employer_job_id(target) if event is Event.INDEED_CHANGED else None)
        wanted = Wanted(
            event=event,
            job=target,
            gateway=(to or gateway_url(settings)).rstrip("/"),
            status=status,
            old_status=old_status,
            candidate=candidate,
            employer_job_id=known,
            form=form,
        )
        async with open_http() as http:
            sent = await send_event(http, settings, wanted)
        Output(as_json=as_json).answer(sent, exchange_view(sent))
        return ExitCode.DONE if sent.accepted else ExitCode.FAILED

    run(work)


def exchange_view(sent: Sent) -> Text:
    """Render a request and its reply as they went over the wire."""
    lines = [f"{sent.method} {sent.url}", *(f"{name}: {value}" for name, value in sent.headers.items())]
    lines += ["", sent.body] if sent.body else []
    lines += ["", f"HTTP {sent.status} after {sent.seconds:g} s"]
    lines += [f"{name}: {value}" for name, value in sent.reply_headers.items()]
    lines += ["", sent.reply] if sent.reply else []
    verdict = Text("\nAccepted.", "green") if sent.problem is None else Text(f"\nNot accepted: {sent.problem}", "red")
    return Text("\n".join(lines)).append_text(verdict)


async def _employer_job_id(job: JobRef) -> str | None:
    client = await connected()
    try:
        found = await handle_of(client, job).describe()
    except RPCError as error:
        raise failure_of(error, job) from error
    return found.typed_search_attributes.get(INDEED_JOB_ID)
