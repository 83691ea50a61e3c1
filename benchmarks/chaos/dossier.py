"""Everything that a run left of one job, for whoever looks into a violation."""

import json
import re
from collections.abc import Iterable

from temporalio.client import Client, WorkflowHistory

from benchmarks.chaos.checker import Violation
from benchmarks.chaos.evidence import Evidence
from models.base import workflow_id
from tests.support.boards import CUSTOMER

MOST = 10
_JOB = re.compile(r"\b3\d{6}\b")


def jobs_of(violations: Iterable[Violation]) -> list[str]:
    """Return the first jobs that violations name."""
    return list(dict.fromkeys(found for each in violations for found in _JOB.findall(each.what)))[:MOST]


async def dossier(client: Client, seen: Evidence, job: str) -> str:
    """Return what was said of a job, what was asked of the boards, how they stand, and each run's history."""
    lines = [f"wanted {seen.wanted.get(job)}", f"truth {seen.truths.get(job)}"]
    happened = [(each.at, f"sent {each}") for each in seen.sent if each.job == job]
    happened += [(call.at, f"call {call}") for call in seen.calls if job in call.job_ids]
    happened += [(claim.settled_at, f"receipt {claim}") for claim in seen.claims if claim.job == job]
    happened += [(each.began, f"fault {each}") for each in seen.disturbances]
    lines += [f"{at:.2f} {what}" for at, what in sorted(happened)]
    async for run in client.list_workflows(f"WorkflowId = '{workflow_id(CUSTOMER, job)}'"):
        lines.append(f"run {run.run_id}, {run.status}, {run.start_time} to {run.close_time}")
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        lines += _events(history)
    return "\n".join(lines) + "\n"


def _events(history: WorkflowHistory) -> list[str]:
    return [json.dumps(event)[:3000] for event in history.to_json_dict()["events"]]
