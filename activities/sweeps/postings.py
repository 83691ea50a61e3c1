"""How a closed job's postings at Indeed stand: by their IRIs, and by the listing where those are gone."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from activities.indeed.evidence import no_longer_configured
from activities.indeed.memory import Memory
from activities.indeed.places import Places
from activities.providers import Providers
from activities.sweeps.reading import read_nodes
from clients.errors import ProviderError, unreadable
from clients.indeed.found import FoundJob
from clients.indeed.several import Indeed, SeveralIndeed
from config.values import fill
from models.states import BoardName, Live
from models.sweeps import Found
from store.jobs import IndexedJob


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one board showed."""

    found: Found
    evidence: str
    iri: str | None = None
    """The posting that is not as it was left."""
    live: Mapping[str, bool] = field(default_factory=dict)
    """Which postings are live, by IRI."""


@dataclass(slots=True)
class Looked:
    """What was seen of each job, and of which jobs nothing could be."""

    seen: dict[str, Seen] = field(default_factory=dict)
    errors: dict[str, ProviderError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Job:
    customer_id: str
    job_id: str


async def look_at_each(providers: Providers, customer_id: str, jobs: Mapping[str, IndexedJob | None]) -> Looked:
    """Read the postings of a customer's jobs, each where it is: all that are at one place together."""
    settings, places = providers.indeed_settings(customer_id), Places(providers, Memory(providers.stored))
    groups: dict[Hashable, tuple[Indeed, dict[str, IndexedJob | None]]] = {}
    looked = Looked()
    for job_id, index in jobs.items():
        accounts = _accounts(index)
        if lost := places.left_behind(customer_id, accounts):
            looked.errors[job_id] = ProviderError(
                no_longer_configured(lost), provider=BoardName.INDEED.label, operation="nodes"
            )
            continue
        client = places.known(_Job(customer_id, job_id), tuple(accounts.values()))
        # One whose account is not known is looked for by itself.
        key = job_id if isinstance(client, SeveralIndeed) else id(client)
        groups.setdefault(key, (client, {}))[1][job_id] = index
    for client, some in groups.values():
        names = {job: fill(settings.job_posting_id, customer_id=customer_id, job_id=job) for job in some}
        found = await look_at_indeed(client, some, names)
        looked.seen |= found.seen
        looked.errors |= found.errors
    return looked


def _accounts(index: IndexedJob | None) -> dict[str, str | None]:
    postings = index.postings if index is not None else ()
    return {
        each.posting_id: each.account
        for each in postings
        if each.board == BoardName.INDEED.value and each.live is not False
    }


async def look_at_indeed(client: Indeed, jobs: Mapping[str, IndexedJob | None], names: Mapping[str, str]) -> Looked:
    """Read the postings of these jobs; `names` are their ids at Indeed.

    A posting that `nodes` no longer finds is gone only where two readings of the listing have none of the job, and the
    last of them does not have it by another job's name.
    """
    before = {job: _live_before(index) for job, index in jobs.items()}
    read = await read_nodes(client, [iri for postings in before.values() for iri in postings])
    looked = Looked()
    for job, postings in before.items():
        failed = next((read.errors[iri] for iri in postings if iri in read.errors), None)
        if failed is not None:
            looked.errors[job] = failed
            continue
        found = [posting for iri in postings if (posting := read.found[iri]) is not None]
        missing = [iri for iri in postings if read.found[iri] is None]
        if missing or not postings:
            try:
                listed = await client.directory.find(names[job], fresh=True)
            except ProviderError as error:
                looked.errors[job] = error
                continue
            # One that is listed by another job's name was this job's, and may be live.
            there = (*found, *listed.postings, *listed.by_ids(missing).values())
            found = list({each.employer_job_id: each for each in there}.values())
        if any(each.marks is None and each.live is not Live.NOT_LIVE for each in found):
            looked.errors[job] = unreadable(
                BoardName.INDEED.label, "nodes", "a posting that does not say what an agency has set on it"
            )
            continue
        looked.seen[job] = judged(postings, found)
    return looked


def judged(before: Mapping[str, bool | None], found: list[FoundJob]) -> Seen:
    """Return what the postings of a closed job show; `before` says which were live when they were last seen."""
    live = {each.employer_job_id: each.live is not Live.NOT_LIVE for each in found}
    live = {**dict.fromkeys(before, False), **live}
    marked = [each for each in found if each.marks and each.live is not Live.NOT_LIVE]
    if marked:
        shown = f"{', '.join(marked[0].marks or ())} on {marked[0].name}"
        return Seen(
            Found.LIVE_AGAIN, f"a live posting shows what the agency sets: {shown}", marked[0].employer_job_id, live
        )
    if any(live.values()):
        count = sum(live.values())
        return Seen(Found.STILL_LIVE, f"{count} posting(s) are live, without our changes", live=live)
    if not live:
        return Seen(Found.NOT_SEEN, "Indeed's listing has no posting of the job, and none was ever known")
    ended = next((iri for iri, was in before.items() if was is not False), None)
    if ended is not None:
        return Seen(Found.GONE, f"none of {len(live)} posting(s) is live any more", ended, live)
    return Seen(Found.STILL_OFF, f"none of {len(live)} posting(s) is live", live=live)


def _live_before(index: IndexedJob | None) -> dict[str, bool | None]:
    postings = index.postings if index is not None else ()
    return {each.posting_id: each.live for each in postings if each.board == BoardName.INDEED.value}
