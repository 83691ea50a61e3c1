"""A job's lifecycle, begun as the settings say: for the gateway's events, and for people who close many jobs."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.common import TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from config.customers import Customer
from config.settings import Settings
from models.base import Model, workflow_id
from models.configured import Configured
from models.events import AtsEvent
from models.lifecycle import CONSOLE, RUNBOOKS, JobInput
from models.states import BoardState, Intent, Phase
from models.temporal import JOB_POSTING, Queue, only_known, search_attributes
from models.texts import as_markdown
from runtime.provisioning import known_attributes, with_known_attributes

FIRST_ONE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
"""Refuses to start a lifecycle of a job of which one is completed already; one that runs is signalled all the same."""

# What search attributes say until a worker takes the event up; a hire alone decides nothing yet.
FIRST_STATE = {
    Intent.UNPOSTED: (Phase.CLOSING, BoardState.WORKING),
    Intent.POSTED: (Phase.UPDATING, BoardState.WORKING),
    None: (Phase.OPEN, BoardState.IDLE),
}


def configured_of(settings: Settings, customer: Customer) -> Configured:
    """Return what a customer's lifecycles follow."""
    notices = settings.notices_of(customer.id)
    return Configured(
        boards=customer.boards,
        timing=settings.timing.frozen(),
        report=customer.icims.report and customer.icims.job_distributor_id is not None,
        notify=bool(notices),
        notices=notices,
    )


async def signal_with_start(
    client: Client,
    settings: Settings,
    customer: Customer,
    job_id: str,
    *,
    signal: str,
    message: Model,
    intent: Intent | None,
    rpc_timeout: timedelta,
) -> str:
    """Signal a job's lifecycle, starting it where it does not run; return its workflow id.

    An event of the ATS also says to a lifecycle that runs what the configuration says by now, and which search
    attributes the namespace has. One that starts learns whether it is the job's first: a late event needs not ask then
    whether an earlier one has overtaken it.
    Returns once Temporal has stored it; raises RPCError.
    """
    id_ = workflow_id(customer.id, job_id)
    known = await known_attributes(client)
    follows = configured_of(settings, customer)
    configured: dict[str, Any] = {name: getattr(follows, name) for name in Configured.model_fields}
    configured["known_attributes"] = known
    if isinstance(message, AtsEvent):
        message = message.model_copy(update=configured)
    shown: dict[str, Any] = {"customer_name": customer.name, "links": links_of(settings, customer.id, job_id)}

    async def start(attributes: TypedSearchAttributes, *, first: bool) -> None:
        await client.start_workflow(
            JOB_POSTING,
            JobInput(customer_id=customer.id, job_id=job_id, first=first, **configured, **shown),
            id=id_,
            id_reuse_policy=FIRST_ONE if first else WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            task_queue=Queue.JOB_POSTINGS.value,
            start_signal=signal,
            start_signal_args=[message],
            search_attributes=attributes,
            memo={"customer": customer.name, "links": shown["links"]},
            static_summary=f"Job {job_id} of {customer.name}",
            static_details=_details(customer, job_id, shown["links"]),
            rpc_timeout=rpc_timeout,
        )

    await _first_or_later(client, only_known(_first_attributes(customer, job_id, intent), known), start)
    return id_


async def _first_or_later(client: Client, attributes: TypedSearchAttributes, start: Callable[..., Any]) -> None:
    """Start the first lifecycle of a job; where one is completed already, a later one that knows so."""
    try:
        await with_known_attributes(client, attributes, partial(start, first=True))
    except WorkflowAlreadyStartedError:
        await with_known_attributes(client, attributes, partial(start, first=False))


def _first_attributes(customer: Customer, job_id: str, intent: Intent | None) -> TypedSearchAttributes:
    phase, state = FIRST_STATE[intent]
    boards = [(board, state) for board in customer.boards]
    since = datetime.now(UTC) if state is BoardState.WORKING else None
    return search_attributes(customer.id, job_id, phase, boards, unsettled_since=since)


def links_of(settings: Settings, customer_id: str, job_id: str) -> dict[str, str]:
    """Return where a person can look at a job, by name, as far as the configuration says.

    No signed link to the job's page: whoever reads Temporal would have what opens it.
    """
    found: dict[str, str] = {}
    if settings.console.public_url is not None:
        found[CONSOLE] = f"{str(settings.console.public_url).rstrip('/')}/jobs/{customer_id}/{job_id}"
    if settings.gateway.runbook_url is not None:
        found[RUNBOOKS] = str(settings.gateway.runbook_url)
    return found


def _details(customer: Customer, job_id: str, links: Mapping[str, str]) -> str:
    """Write what the lifecycle is for; what is to be done about it now, its current details say."""
    see = [" · ".join(f"[{name}](<{url}>)" for name, url in links.items())] if links else []
    return "\n\n".join(
        [
            f"### Job {job_id} of {as_markdown(customer.name)}",
            *see,
            "What to do: read *Current Details*. They say how each board stands, and what is asked of a person.",
            f"Keeps job **{job_id}** of **{as_markdown(customer.name)}** (iCIMS customer {customer.id}) in step on its "
            "job boards, and proves it by reading the boards back.",
        ]
    )
