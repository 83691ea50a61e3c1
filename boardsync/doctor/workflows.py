"""Check that no workflow stands still because each of its steps fails."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.running import from_rpc
from models.temporal import FAILING

CHECK = "temporal.workflows"
NAMED = 5


async def check_workflows(client: Client) -> Finding:
    """Ask Temporal for workflows whose tasks fail again and again."""
    try:
        count = (await client.count_workflows(FAILING)).count
        named = [run.id async for run in client.list_workflows(FAILING, limit=NAMED)]
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return _unknown("this server does not say whose steps fail")
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


def _unknown(found: str) -> Finding:
    return bad(
        CHECK,
        found,
        means="It could not be checked; it may well be as it should.",
        remedy="Watch boardsync_oldest_unsettled_seconds, and the worker's log for failed workflow tasks.",
        level=Level.WARN,
    )
