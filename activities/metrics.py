"""What a worker counts of its calls to providers, for Prometheus."""

from prometheus_client import Counter, Gauge

from clients.http import Observe
from clients.oauth import FETCH
from models.problems import Category
from models.states import BoardName
from models.sweeps import Finding, Found

CALLS = Counter(
    "boardsync_provider_calls",
    "Calls to providers; the result is ok or the category of the problem",
    ("provider", "operation", "result"),
)
RATE_LIMITED = Counter(
    "boardsync_provider_rate_limited",
    "Calls that a provider refused for their rate, as status 429 or in words",
    ("provider",),
)
RECHECKS = Counter("boardsync_rechecks", "Looks at a board after a close, by what they showed", ("board", "found"))
FINDINGS = Counter("boardsync_reconcile_findings", "What reconciliation found, by kind", ("finding",))
CLOSES = Counter(
    "boardsync_closes",
    "Jobs taken off a board whose receipt is stored: kept (proven within [timing] promise), late or unproven",
    ("board", "promise"),
)
KEPT, LATE, UNPROVEN = "kept", "late", "unproven"
TOKENS = Counter("boardsync_tokens_fetched", "OAuth tokens fetched from providers", ("provider",))
TOKENS_OF = Counter(
    "boardsync_credential_tokens_fetched", "OAuth tokens fetched, by credential", ("provider", "client_id")
)
LINKEDIN_RECORDS = Counter(
    "boardsync_linkedin_records_submitted",
    "Elements submitted to LinkedIn: it takes 60,000 a day of each child application",
    ("customer",),
)
ICIMS_LEFT = Gauge(
    "boardsync_icims_requests_left", "Requests of the day that iCIMS said are left, by customer", ("customer",)
)
ICIMS_LIMIT = Gauge(
    "boardsync_icims_requests_limit", "Requests a day that iCIMS said are allowed, by customer", ("customer",)
)

# A counter that begins at 1 has not increased for Prometheus: all begin at 0, so that the first of a kind alerts, too.
for _board in BoardName:
    for _promise in (KEPT, LATE, UNPROVEN):
        CLOSES.labels(_board.value, _promise)
    for _found in Found:
        RECHECKS.labels(_board.value, _found.value)
for _finding in Finding:
    FINDINGS.labels(_finding.value)


def count_close(board: str, promise: str) -> None:
    """Count one close, by how the promise was kept."""
    CLOSES.labels(board, promise).inc()


def count_call(provider: str, operation: str, result: str) -> None:
    """Count one call; operations are names of ours, so their number is bounded."""
    CALLS.labels(provider, operation, result).inc()
    if result == Category.RATE_LIMITED.value:
        RATE_LIMITED.labels(provider).inc()
    if operation == FETCH and result == "ok":
        TOKENS.labels(provider).inc()


def counted_for(client_id: str) -> Observe:
    """Return what counts the calls of one credential; the id names it, and is no secret (RFC 6749, 2.2)."""

    def count(provider: str, operation: str, result: str) -> None:
        count_call(provider, operation, result)
        if operation == FETCH and result == "ok":
            TOKENS_OF.labels(provider, client_id).inc()

    return count


def show_quota(customer_id: str, left: int, limit: int) -> None:
    """Show how many of the day's requests iCIMS has left for a customer, as its newest answer says."""
    ICIMS_LEFT.labels(customer_id).set(left)
    ICIMS_LIMIT.labels(customer_id).set(limit)
