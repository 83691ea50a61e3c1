"""Ready filters for the Temporal Web UI's list: only lifecycles, and none that somebody has stopped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from models.states import Phase
from models.temporal import ATTENTION, JOB_POSTING, PHASE, RUNNING, STOPPED


def filters(now: datetime | None = None) -> Mapping[str, str]:
    """Return visibility queries by what they find; today is the day in UTC."""
    midnight = (now or datetime.now(UTC)).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "needs a person": f"{RUNNING} AND {PHASE.name} = '{Phase.ATTENTION}'",
        "being taken down": f"{RUNNING} AND {PHASE.name} = '{Phase.CLOSING}'",
        "closed today": f"WorkflowType = '{JOB_POSTING}' AND ExecutionStatus = 'Completed' "
        f"AND CloseTime >= '{midnight.isoformat().replace('+00:00', 'Z')}'",
        "stopped by somebody": STOPPED,
        "credentials refused": f"{RUNNING} AND {ATTENTION.name} = 'credentials'",
    }


def filter_url(ui_url: str, query: str, *, namespace: str = "default") -> str:
    """Return the Web UI's list with a filter set."""
    return f"{ui_url.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows?query={quote(query, safe='')}"
