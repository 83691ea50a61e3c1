"""Everything that is known of one job: state, evidence, history, what it waits for, links."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import Field
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError

from boardsync.jobs.lifecycles import NoAnswer, failure_of, handle_of, query_lifecycle, read_receipt
from boardsync.jobs.references import JobRef
from boardsync.jobs.timeline import Moment, activity_names, timeline
from boardsync.jobs.visibility import JobRow, row_of
from config.settings import Settings
from models.base import Model
from models.boards import BoardRecord
from models.lifecycle import Lifecycle, Receipt
from models.states import BoardName
from runtime.decoding import decode_all
from runtime.job_links import job_links
from runtime.stopped import STOPPED_AS
from webhook_gateway.dispatch import Dispatcher


class Step(Model):
    """A call that is under way, or waits for its next try."""

    what: str
    attempt: int
    last_answer: str | None = None
    """Why it has not succeeded yet."""
    next_at: datetime | None = None
    called_off: bool = False


class Dossier(Model):
    """What is known of a job."""

    row: JobRow
    lifecycle: Lifecycle | None = None
    """While it runs, and a worker answers."""
    receipt: Receipt | None = None
    """Once it is closed."""
    remark: str | None = None
    under_way: tuple[Step, ...] = ()
    timeline: tuple[Moment, ...] = ()
    links: dict[str, str] = Field(default_factory=dict)

    @property
    def tracks(self) -> list[tuple[BoardName, BoardRecord]]:
        """Return the boards that the customer uses."""
        known = self.lifecycle or self.receipt
        return known.boards.used if known is not None else []


async def read_dossier(client: Client, job: JobRef, settings: Settings | None) -> Dossier:
    """Read all there is of a job's newest lifecycle; the configuration is for the links.

    Raises CommandFailed where Temporal knows no such job.
    """
    try:
        described = await handle_of(client, job).describe()
        handle = handle_of(client, job, described.run_id)
        events = list((await handle.fetch_history()).events)
        await decode_all(client, [*events, *described.raw_description.pending_activities])
    except RPCError as error:
        raise failure_of(error, job) from error
    lifecycle, receipt, remark = None, None, None
    if described.status is WorkflowExecutionStatus.COMPLETED:
        receipt = await read_receipt(handle)
    else:
        try:
            lifecycle = await query_lifecycle(handle)
        except NoAnswer as error:
            remark = str(error)
    if described.status in STOPPED_AS:
        remark = stopped_remark(described.status, job)
    dossier = Dossier(
        row=row_of(described),
        lifecycle=lifecycle,
        receipt=receipt,
        remark=remark,
        under_way=steps(described, activity_names(events)),
        timeline=timeline(events),
    )
    return dossier.model_copy(update={"links": links(client, job, settings, dossier)})


def stopped_remark(status: WorkflowExecutionStatus | None, job: JobRef) -> str:
    """Say that a lifecycle was ended from outside, what that means and what to do."""
    how = status.name.lower().replace("_", " ") if status is not None else "ended"
    kept = f" Its receipt: boardsync receipt {job}." if status is WorkflowExecutionStatus.CANCELED else ""
    return (
        f"the lifecycle was {how}, see the last events: nothing is done for this job until the ATS sends an event, or "
        f"somebody runs boardsync close {job}.{kept}"
    )


def steps(described: WorkflowExecutionDescription, names: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the calls under way; `names` says, by activity id, what each is for."""
    return tuple(_step(each, names) for each in described.raw_description.pending_activities)


def links(client: Client, job: JobRef, settings: Settings | None, dossier: Dossier) -> dict[str, str]:
    """Return where a person can look: the Web UI and the job's page if configured, what the boards named."""
    found: dict[str, str] = {}
    if settings is not None:
        if (ui := Dispatcher(client, settings).ui_link(job.workflow_id)) is not None:
            found["Temporal Web UI"] = ui
        if (signer := job_links(settings)) is not None:
            found["Job page"] = signer.url(job.customer_id, job.job_id)
    for board, track in dossier.tracks:
        for evidence in track.evidence:
            if (url := evidence.ids.get("url")) is not None:
                found[board.label] = url
    return found


def _step(pending: PendingActivityInfo, names: Mapping[str, str]) -> Step:
    waits = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    planned = pending.next_attempt_schedule_time if pending.HasField("next_attempt_schedule_time") else None
    return Step(
        what=names.get(pending.activity_id, pending.activity_type.name),
        attempt=pending.attempt,
        last_answer=pending.last_failure.message or None,
        next_at=planned.ToDatetime(UTC) if waits and planned is not None else None,
        called_off=pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
    )
