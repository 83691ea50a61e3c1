"""Check the store: is it there, do its tables fit, and what it costs to have no keys."""

from activities.stored import signing_key
from boardsync.doctor.findings import Finding, Level, bad, good
from config.loading import ConfigurationError
from config.settings import Settings
from store.admin import Gap, StoreStatus, status
from store.database import Store
from store.errors import StoreUnavailable
from store.inbox import Inbox
from store.silence import silent_customers

CHECK = "store"


async def check_store(settings: Settings) -> list[Finding]:
    """Check everything that concerns the store."""
    tables = await _tables(settings)
    waiting = [await _inbox(settings), *await _silent(settings)] if tables[0].level is Level.OK else []
    return [*tables, *waiting, _sealing(settings), _signing(settings)]


async def _tables(settings: Settings) -> list[Finding]:
    means = "Boards are closed all the same; each lifecycle waits with its receipt until the store takes it."
    try:
        found = await status(settings.store.url)
    except StoreUnavailable as error:
        if error.reason == "away" and settings.store.url.startswith("sqlite"):
            remedy = "Start a worker, which makes the file, or run `boardsync store migrate`; run doctor where it is."
            return [bad(CHECK, "there is no store yet where [store] url says", means=means, remedy=remedy)]
        return [bad(CHECK, f"{error.reason}: {error}", means=means, remedy="Mend what is named; no event is lost.")]
    if not found.current:
        remedy = "Run `boardsync store migrate`."
        return [bad(CHECK, f"its tables are at {found.revision}, not at {found.head}", means=means, remedy=remedy)]
    return [_whole(found), *(_gap(each) for each in found.gaps[-1:])]


async def _inbox(settings: Settings) -> Finding:
    check, means = (
        f"{CHECK}.inbox",
        "Their senders were told that they are kept; the boards stay as they are until then.",
    )
    remedy = "Start Temporal and a gateway: they are delivered by themselves, in order of receipt for each job."
    try:
        async with Store(settings.store.url) as store:
            backlog = await Inbox(store).backlog()
    except StoreUnavailable as error:
        return bad(check, f"{error.reason}: {error}", means=means, remedy="Mend what is named.", level=Level.WARN)
    if not backlog.count:
        return good(check, "no event waits for Temporal")
    since = "" if backlog.oldest is None else f", the oldest since {backlog.oldest:%F %T} UTC"
    said = "" if backlog.error is None else f" ({backlog.error})"
    found = f"{backlog.count} events wait for Temporal{since}{said}"
    return bad(check, found, means=means, remedy=remedy, level=Level.WARN)


async def _silent(settings: Settings) -> list[Finding]:
    try:
        async with Store(settings.store.url) as store:
            silent = await silent_customers(
                store, [each.id for each in settings.customers], settings.timing.silent_after
            )
    except StoreUnavailable:  # said of the inbox already
        return []
    return [
        bad(
            f"events.{each.customer_id}",
            f"no event of customer {each.customer_id} came since {each.since:%F %R} UTC; never before was there none "
            f"for longer than {each.longest.total_seconds() / 86400:.1f} days",
            means="What the customer posts, edits and unposts in iCIMS may not arrive: jobs stay on the boards.",
            remedy="See in iCIMS that the integration is active and sends to the gateway, and what `boardsync events "
            "--refused` shows; `boardsync reconcile` finds what was missed. If it is quiet there, raise silent_after "
            "in [timing].",
            level=Level.WARN,
        )
        for each in silent
    ]


def _whole(found: StoreStatus) -> Finding:
    return good(CHECK, f"{found.database}, {found.rows.get('receipts', 0)} receipts, {found.rows.get('jobs', 0)} jobs")


def _gap(gap: Gap) -> Finding:
    return bad(
        f"{CHECK}.gaps",
        f"{gap.count} {gap.what} were not stored from {gap.since:%F %T} to {gap.until:%F %T}",
        means="The event log has a hole there. Events and receipts are not affected.",
        remedy="Find out why the store was away then.",
        level=Level.WARN,
    )


def _sealing(settings: Settings) -> Finding:
    if settings.store.key is not None:
        return good(f"{CHECK}.key", "tokens are shared by all processes, sealed")
    return bad(
        f"{CHECK}.key",
        "[store] key is not set",
        means="Each process fetches tokens of its own: several may revoke each other's, a single-use refresh token "
        "is lost at a restart, and refused events cannot be replayed.",
        remedy="Set it to what `boardsync store key` prints, the same for all processes, and restart them.",
        level=Level.WARN,
    )


def _signing(settings: Settings) -> Finding:
    check = "ledger.key"
    try:
        key = signing_key(settings)
    except ConfigurationError as error:
        return bad(check, str(error), means="The worker does not start.", remedy="Correct [ledger] key.")
    if key is not None:
        return good(check, f"receipts are signed by {key.verifier}")
    return bad(
        check,
        "[ledger] key is not set: checkpoints are unsigned",
        means="Receipts are kept, but nobody else can verify them, and nobody sees a past that was rewritten.",
        remedy="Run `boardsync ledger key new --name ledger.example.com`, set the private part, restart the workers: "
        "they sign what is there.",
        level=Level.WARN,
    )
