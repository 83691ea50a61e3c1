"""Watch and steer Boardsync: find jobs, see what happened and why, act by hand, check an installation.

Temporal is found by the standard TEMPORAL_* settings, the configuration by BOARDSYNC_CONFIG or --config.
Exit codes: 0 done; 1 failed or refused; 2 wrong command line or configuration; 3 done in part, or something
needs a person; 130 interrupted.
"""

import typer

from boardsync.commands import (
    acting,
    codec,
    configuring,
    console,
    deploying,
    doctor,
    events,
    index,
    keys,
    ledger,
    local,
    postings,
    reading,
    reconciling,
    runs,
    sending,
    store,
)
from boardsync.commands.options import Config
from models.temporal import CLEAR, CLOSE, CONFIRM, PAUSE, RESUME, RETRY

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(help=__doc__)
def everywhere(config: Config = None) -> None:
    """Take what holds for every command."""


for command in (
    reading.jobs,
    reading.show,
    reading.attention,
    reading.receipt,
    ledger.verify,
    index.stats,
    index.link,
    acting.plain_action(CLOSE),
    acting.update,
    acting.plain_action(CLEAR),
    acting.plain_action(RETRY),
    acting.plain_action(CONFIRM),
    reconciling.reconcile,
    runs.offboard,
    postings.postings,
    runs.run_signal(PAUSE),
    runs.run_signal(RESUME),
    sending.send,
    events.events,
    doctor.doctor,
    codec.codec,
    console.console,
    local.dev,
    local.demo,
):
    app.command()(command)
app.command("bulk-close")(runs.bulk_close)
app.add_typer(configuring.app, name="config")
app.add_typer(deploying.app, name="deploy")
app.add_typer(keys.app, name="keys")
app.add_typer(store.app, name="store")
app.add_typer(ledger.app, name="ledger")
