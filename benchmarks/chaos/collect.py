"""Read what Temporal and the store hold after a run, and search all of it for what may be nowhere."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks.chaos.evidence import Claim
from benchmarks.chaos.load import CANDIDATE
from clients.indeed.client import FINDS, MUTATIONS
from clients.linkedin.client import SUBMISSIONS
from models.base import job_of
from models.temporal import JOB_POSTING
from store.database import Store
from store.ledger.audit import audit
from store.ledger.notes import SigningKey
from store.schema import closes, receipts

AT_ONCE = 12
CHUNK = 1 << 20
OVERLAP = 200
_MARKER = re.compile(rb'"user_id":\s*"(\d+)"|"evt_(\d+)"|/jobs/view/(\d+)')
_LIMITS = "|".join(re.escape(each.name.partition("-")[2]) for each in (FINDS, MUTATIONS, SUBMISSIONS))
TOKEN = re.compile(
    rb"\b(?:icims|linkedin|indeed)-(?!%s)(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])" % _LIMITS.encode()
)
"""An access token of the simulated boards: 24 random bytes, which nothing else that is named after a board is.

The names of limits are left out: a database may have anything right after one.
"""
_SHOWN = 14
"""Characters of a token that are shown: enough to tell what it is, and not to use it."""
_CANDIDATE = re.compile(rb"%s[0-9]{9}" % CANDIDATE.encode())


async def delivered_markers(client: Client, jobs: Mapping[str, str]) -> Counter[str]:
    """Count how often each marker is in the history of a lifecycle of its job; `jobs` says which job's it is."""
    found: Counter[str] = Counter()
    slots = asyncio.Semaphore(AT_ONCE)

    async def read(id_: str, run_id: str) -> None:
        named = job_of(id_)
        async with slots:
            async for event in client.get_workflow_handle(id_, run_id=run_id).fetch_history_events():
                if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                    continue
                for payload in event.workflow_execution_signaled_event_attributes.input.payloads:
                    for marker in _markers(payload.data):
                        found[marker] += named is not None and jobs.get(marker) == named[1]

    async with asyncio.TaskGroup() as group:
        async for run in client.list_workflows(f"WorkflowType = '{JOB_POSTING}'"):
            group.create_task(read(run.id, run.run_id))
    return found


def _markers(data: bytes) -> Iterator[str]:
    for match in _MARKER.finditer(data):
        yield next(group for group in match.groups() if group is not None).decode()


async def claims_of(store: Store) -> list[Claim]:
    """Return what each receipt says of each board."""
    query = select(closes, receipts.c.job_id).join(receipts, receipts.c.leaf == closes.c.leaf)
    async with store.reading() as connection:
        rows = (await connection.execute(query)).mappings().all()
    return [
        Claim(
            job=row["job_id"],
            leaf=row["leaf"],
            board=row["board"],
            outcome=row["outcome"],
            proven=row["proven"],
            asked_at=row["asked_at"].timestamp(),
            settled_at=row["settled_at"].timestamp(),
        )
        for row in rows
    ]


async def ledger_faults(store: Store, key: SigningKey) -> list[str]:
    """Walk the ledger; return what is wrong with it."""
    return [fault.words for fault in (await audit(store, key.verifier)).faults]


def secrets_in(raw: Mapping[str, Any]) -> dict[str, bytes]:
    """Return every secret of a configuration, by its key."""
    found: dict[str, bytes] = {}

    def walk(value: Any, place: str) -> None:
        if isinstance(value, Mapping):
            for name, each in value.items():
                walk(each, f"{place}.{name}" if place else name)
        elif isinstance(value, list):
            for at, each in enumerate(value):
                walk(each, f"{place}[{at}]")
        elif isinstance(value, str) and re.search(r"secret$|(?:^|\.)key$", place):
            found[place] = value.encode()

    walk(raw, "")
    return found


def search(files: Iterable[Path], secrets: Mapping[str, bytes], canary: bytes) -> tuple[list[str], bool]:
    """Search files for secrets, tokens and candidates' ids; return what was found where, and whether the canary was."""
    found: set[str] = set()
    seen = False
    for file in files:
        for part in _parts(file):
            seen |= canary in part
            found |= {f"{file.name}: {name}" for name, value in secrets.items() if value in part}
            tokens = {match[0][:_SHOWN].decode() for match in TOKEN.finditer(part)}
            found |= {f"{file.name}: an access token, {each}…" for each in tokens}
            found |= {f"{file.name}: a candidate's id"} if _CANDIDATE.search(part) else set()
    return sorted(found), seen


def _parts(file: Path) -> Iterator[bytes]:
    """Read a file piece by piece; the pieces overlap, so that nothing is cut in two."""
    rest = b""
    try:
        with file.open("rb") as opened:
            while part := opened.read(CHUNK):
                yield rest + part
                rest = part[-OVERLAP:]
    except FileNotFoundError:  # a file of a running database that has just gone
        return


def files_in(*folders: Path) -> Sequence[Path]:
    """Return all files of some folders."""
    return [each for folder in folders for each in sorted(folder.rglob("*")) if each.is_file()]
