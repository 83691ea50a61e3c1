"""Watch and steer Boardsync: find jobs, see what happened and why, act by hand, check an installation.

Temporal is found by the standard TEMPORAL_* settings, the configuration by BOARDSYNC_CONFIG or --config.
Exit codes: 0 done; 1 failed or refused; 2 wrong command line or configuration; 3 done in part, or something
needs a person; 130 interrupted.
"""

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from boardsync.commands.config_option import Config


class Lazy(NamedTuple):
    """A command that is imported once somebody runs it: `--help` is to be there at once."""

    where: str
    """Module of `boardsync.commands`, and the function or the Typer app there."""
    help: str
    """The first line of its own help; a test compares them."""


COMMANDS = {
    "jobs": Lazy("reading.jobs", "List jobs, from what Temporal can search for, and count them by phase."),
    "show": Lazy(
        "reading.show", "Show all there is of one job: state, evidence, what happened, what is awaited, where to look."
    ),
    "watch": Lazy("watching.watch", "Watch phases, closes and what needs a person, until Ctrl-C."),
    "open": Lazy("opening.open_job", "Open a job in the browser: its page, the Temporal Web UI, or a board."),
    "attention": Lazy(
        "reading.attention",
        "Show everything that needs a person, the oldest first, and what to do. Exit code 3 where there is any.",
    ),
    "receipt": Lazy(
        "reading.receipt",
        "Export the proof that a job is off the boards, as JSON. Exit code 3 where one is missing.",
    ),
    "verify": Lazy(
        "ledger.verify",
        "Verify one proof file by nothing but the public key: no configuration, no network. Exit code 3 where it "
        "fails.",
    ),
    "stats": Lazy(
        "index.stats", "Show how long closes took, from the event to the proof, and what came back or was missed."
    ),
    "link": Lazy(
        "index.link",
        "Say that a posting at Indeed is a job's, where no listing tells; it is read and cleared with the job.",
    ),
    "close": Lazy(
        "acting.close", "Take jobs down as if the ATS had unposted them; a job without a lifecycle gets one."
    ),
    "update": Lazy("acting.update", "Set fields of jobs at Indeed, such as the title or the tracking URL."),
    "clear": Lazy("acting.clear", "Clear what the agency has set on jobs at Indeed."),
    "retry": Lazy("acting.retry", "Begin again on every board that is not done."),
    "confirm": Lazy("acting.confirm", "Read the boards now, without writing."),
    "reconcile": Lazy(
        "reconciling.reconcile",
        "Compare a customer's jobs in iCIMS, on the boards and in their lifecycles, without any event.",
    ),
    "bulk-close": Lazy(
        "runs.bulk_close",
        "Close many jobs of a customer by their own lifecycles, in one run that can be paused. A dry run without "
        "--act.",
    ),
    "offboard": Lazy(
        "runs.offboard",
        "Leave a client: clear all that the agency has set on its jobs at Indeed. A dry run without --act.",
    ),
    "postings": Lazy(
        "postings.postings",
        "List a customer's postings at Indeed, with how members find each: nowhere, unsponsored, organic and so on.",
    ),
    "pause": Lazy("runs.pause", "Have a run over many jobs begin nothing new; what is under way finishes."),
    "resume": Lazy("runs.resume", "Have a run over many jobs go on, after a pause or after what needed a person."),
    "send": Lazy(
        "sending.send",
        "Send a sample event to a gateway, signed as iCIMS, LinkedIn or Indeed would, and show request and reply.",
    ),
    "events": Lazy(
        "events.events",
        "Show what the senders sent and what became of it; try refused events again once the cause is mended.",
    ),
    "statuses": Lazy(
        "statuses.statuses",
        "Show the candidate statuses that a customer's events named, to choose closing_statuses from.",
    ),
    "doctor": Lazy(
        "doctor.doctor",
        "Check an installation: configuration, Temporal, credentials, webhooks, clocks. Exit code 3 where one fails.",
    ),
    "codec": Lazy(
        "codec.codec",
        "Serve decrypted payloads to people at the Temporal Web UI and CLI who have [codec] token, until Ctrl-C.",
    ),
    "console": Lazy(
        "console.console",
        "Serve pages for people: jobs and what they need, runs, events, the ledger. Ctrl-C stops it.",
    ),
    "dev": Lazy(
        "local.dev",
        "Run everything on this machine until Ctrl-C: Temporal, simulated boards, worker, gateway, console.",
    ),
    "demo": Lazy("local.demo", "Close one job, as iCIMS's own example asks, and show the proof."),
    "config": Lazy("configuring.app", "Check the configuration, show it, begin a new one."),
    "deploy": Lazy("deploying.app", "Let a new build of the worker take over, bit by bit, and take it back."),
    "keys": Lazy("keys.app", "Make secrets, and change them without losing an event."),
    "store": Lazy("store.app", "Look after the store: its tables, what it holds, copies of it."),
    "ledger": Lazy("ledger.app", "The signed log of all receipts: its key, and whether it is whole."),
}


def load(name: str) -> Any:
    """Import a command and make what runs it.

    Raises LookupError for a name that is none.
    """
    module, _, attribute = COMMANDS[name].where.rpartition(".")
    found = getattr(import_module(f"boardsync.commands.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command = get_command(found)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """List the commands from their table, and import one once it is run."""

    def __init__(self, **attrs: Any) -> None:
        """Know the names alone: a mistyped one is answered with the nearest."""
        super().__init__(**attrs)
        names: Any = dict.fromkeys(COMMANDS)
        self.commands = names

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands' names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; None where there is none of this name."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands into the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in COMMANDS.items()])


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata  # noqa: PLC0415 -- it takes a third of the time that the help may take

        typer.echo(f"boardsync {metadata.version('boardsync')}")
        raise typer.Exit


# Without markup the help needs no rich, which takes longer to import than all else here.
app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(help=__doc__)
def everywhere(
    config: Config = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take what holds for every command."""
