"""Tell the workflow that stands for a cause which jobs wait for it: many at a time, in one signal."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from temporalio import activity
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from clients.gathering import Gathering
from models.causes import CauseInput, CauseNews, CauseTold, TellCause, cause_id
from models.temporal import COMMON_CAUSE, TOLD, Queue, customer_attributes
from runtime.provisioning import with_known_attributes

RPC_TIMEOUT = timedelta(seconds=10)
AT_ONCE = 500
"""Jobs in one signal."""


class News(Gathering[TellCause, None]):
    """What is told of one cause: each signal is a task of the cause's workflow, so news gathers between two."""

    _apart = 0.25


class CauseActivities:
    """The activity by which lifecycles and causes meet: done by a lifecycle's own worker, or on `operations`."""

    def __init__(self, client: Client) -> None:
        """Use the worker's own connection."""
        self._client = client
        self._told: dict[str, News] = {}

    @activity.defn(name="causes_tell")
    async def tell(self, call: TellCause) -> CauseTold:
        """Have the cause told, starting its workflow where a job waits and it does not run.

        Returns once Temporal has stored it; the same told twice does no harm. A refused secret is met by a customer's
        jobs together: while one signal is under way, the others' news gathers for the next.
        """
        id_ = cause_id(call.customer_id, call.cause)
        if id_ not in self._told:
            # One at a time: of a job that tells twice the later counts.
            self._told[id_] = News(partial(self._tell, id_), largest=AT_ONCE, key=_job, at_once=1)
        await self._told[id_].ask(call)
        return CauseTold()

    async def _tell(self, id_: str, calls: Sequence[TellCause]) -> list[None]:
        await self._signal(id_, calls)
        return [None] * len(calls)

    async def _signal(self, id_: str, calls: Sequence[TellCause]) -> None:
        message, first = news(calls), calls[0]
        if not message.waiting:
            try:
                await self._client.get_workflow_handle(id_).signal(TOLD, message, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            return

        async def start(attributes: TypedSearchAttributes) -> None:
            await self._client.start_workflow(
                COMMON_CAUSE,
                CauseInput(customer_id=first.customer_id, cause=first.cause, every=first.probe_every),
                id=id_,
                task_queue=Queue.OPERATIONS.value,
                start_signal=TOLD,
                start_signal_args=[message],
                search_attributes=attributes,
                static_summary=f"What holds up jobs of customer {first.customer_id}: {first.cause}",
                rpc_timeout=RPC_TIMEOUT,
            )

        await with_known_attributes(self._client, customer_attributes(first.customer_id), start)


def _job(call: TellCause) -> str:
    return call.job_id


def news(calls: Iterable[TellCause]) -> CauseNews:
    """Gather what several jobs tell; of one job that tells twice the later counts."""
    newest = {call.job_id: call for call in calls}
    waiting = [call for call in newest.values() if call.waits]
    left = [call for call in newest.values() if not call.waits]
    return CauseNews(
        waiting=tuple(call.job_id for call in waiting),
        trying=tuple(call.job_id for call in waiting if call.trying),
        passed=tuple(call.job_id for call in left if call.passed),
        left=tuple(call.job_id for call in left if not call.passed),
        problem=next((call.problem for call in waiting if call.problem is not None), None),
        notice=next((call.notice for call in waiting if call.notice is not None), None),
    )
