"""Check that no workflow stands still because each of its steps fails, and that none was stopped and left so."""

from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.running import from_rpc
from models.temporal import FAILING, STOPPED
from runtime.failing import count_failing
from runtime.stopped import SHOWN_FOR, stopped_lifecycles

CHECK = "temporal.workflows"
STOPPED_CHECK = "temporal.stopped"
NAMED = 5
MOST = 1000


async def check_workflows(client: Client) -> Finding:
    """Ask Temporal for workflows whose tasks fail again and again."""
    try:
        count = await count_failing(client)
        if count is None:
            return _unknown("this server does not say whose steps fail")
        named = [run.id async for run in client.list_workflows(FAILING, limit=NAMED)]
    except RPCError as error:
        return _unknown(f"Temporal does not show it: {from_rpc(error)}")
    if not count:
        return good(CHECK, "none stands still because its steps fail")
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return bad(
        CHECK,
        f"each step of {count} workflow(s) fails: {', '.join(named)}{more}",
        means="Events and signals for them are stored and not followed until it is mended; then they go on.",
        remedy="Read the last WorkflowTaskFailed of their history and the worker's log; see docs/alerts.md, "
        "WorkflowsFailing.",
    )


async def check_stopped(client: Client) -> Finding:
    """Look for lifecycles that somebody stopped, and that no event has begun anew."""
    since = datetime.now(UTC) - SHOWN_FOR
    try:
        found = await stopped_lifecycles(client, f"{STOPPED} AND CloseTime > '{since.isoformat()}'", limit=MOST)
    except RPCError as error:
        return _unknown(f"Temporal does not show it: {from_rpc(error)}", check=STOPPED_CHECK)
    if not found:
        return good(STOPPED_CHECK, "no lifecycle was stopped within a week and left so")
    named = ", ".join(f"{run.id} ({run.status.name.lower() if run.status else 'ended'})" for run in found[:NAMED])
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return bad(
        STOPPED_CHECK,
        f"{len(found)} lifecycle(s) were stopped, and none has followed: {named}{more}",
        means="Nothing is done for these jobs: they may still be on their boards.",
        remedy="List them with boardsync jobs --stopped; see docs/alerts.md, LifecyclesStopped.",
        level=Level.WARN,
    )


def _unknown(found: str, *, check: str = CHECK) -> Finding:
    return bad(
        check,
        found,
        means="It could not be checked; it may well be as it should.",
        remedy="Watch boardsync_oldest_unsettled_seconds, and the worker's log for failed workflow tasks.",
        level=Level.WARN,
    )
