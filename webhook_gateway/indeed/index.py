"""Which lifecycles know an Indeed job: asked once for many events that come together."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from temporalio.client import Client

from models.base import workflow_id
from models.indeed_ids import spellings
from models.states import BoardName
from models.temporal import CUSTOMER_ID, INDEED_JOB_ID, RUNNING
from store.errors import StoreUnavailable, within
from store.jobs import Jobs
from webhook_gateway.dispatch import RPC_TIMEOUT, answering

JOBS_AT_ONCE = 50
"""Jobs in one question: a query of some 10,000 characters."""
QUESTIONS_AT_ONCE = 4
STORE_WITHIN = 1.0
"""Seconds in which the store has to answer: Temporal knows the running ones, too."""

Question = tuple[str, frozenset[str]]
"""A job's id at Indeed, and the customers that it may be of."""


class JobIndex(Protocol):
    """Find lifecycles by a job's id at Indeed."""

    async def lifecycles_of(self, employer_job_id: str, customer_ids: Sequence[str]) -> Sequence[str]:
        """Return the workflow ids of the running lifecycles of these customers that know a job, in any spelling.

        Raises TemporalUnavailable where that cannot be told now.
        """
        ...


class VisibilityIndex:
    """Find lifecycles by Temporal's visibility; equal questions are asked once, and others that wait together."""

    def __init__(self, client: Client) -> None:
        """Use a client that may not be connected yet."""
        self._client = client
        self._waiting: dict[Question, asyncio.Future[Sequence[str]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def lifecycles_of(self, employer_job_id: str, customer_ids: Sequence[str]) -> Sequence[str]:
        """Return the workflow ids of the running lifecycles of these customers that know a job, in any spelling.

        Raises TemporalUnavailable.
        """
        key = (employer_job_id, frozenset(customer_ids))
        answer = self._waiting.get(key)
        if answer is None:
            answer = self._waiting[key] = asyncio.get_running_loop().create_future()
            self._go_on()
        # One sender that goes away takes the answer from nobody.
        return await asyncio.shield(answer)

    def _go_on(self) -> None:
        if len(self._asking) < QUESTIONS_AT_ONCE:
            task = asyncio.create_task(self._ask_all())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask_all(self) -> None:
        while self._waiting:
            # What is asked now is answered now: an event that comes meanwhile asks anew.
            asked = {key: self._waiting.pop(key) for key in list(self._waiting)[:JOBS_AT_ONCE]}
            try:
                found = await self._ask(list(asked))
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is for those who asked
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # retrieved, also where nobody waits any more
                continue
            for key, answer in asked.items():
                answer.set_result(found[key])

    async def _ask(self, keys: Sequence[Question]) -> Mapping[Question, Sequence[str]]:
        known_as = {key: spellings(key[0]) for key in keys}
        query = _query(
            sorted({each for names in known_as.values() for each in names}),
            sorted({each for _, customers in keys for each in customers}),
        )
        async with answering():
            listed = self._client.list_workflows(query, rpc_timeout=RPC_TIMEOUT)
            found = [
                (
                    each.id,
                    each.typed_search_attributes.get(INDEED_JOB_ID),
                    each.typed_search_attributes.get(CUSTOMER_ID),
                )
                async for each in listed
            ]
        return {
            key: [id_ for id_, job, customer in found if job in known_as[key] and customer in key[1]] for key in keys
        }


class StoredIndex:
    """Find lifecycles by the store's job index; what it does not know, or cannot tell soon, by another index."""

    def __init__(self, jobs: Jobs, otherwise: JobIndex) -> None:
        """Take the index that every worker writes."""
        self._jobs, self._otherwise = jobs, otherwise

    async def lifecycles_of(self, employer_job_id: str, customer_ids: Sequence[str]) -> Sequence[str]:
        """Return the workflow ids of the lifecycles of these customers that know a job; not all of them may run.

        Raises TemporalUnavailable where the store does not know the job and Temporal does not answer.
        """
        try:
            async with within(STORE_WITHIN):
                found = await self._jobs.jobs_of(BoardName.INDEED.value, employer_job_id)
        except StoreUnavailable:
            found = ()
        known = [workflow_id(customer, job) for customer, job in found if customer in customer_ids]
        return known or await self._otherwise.lifecycles_of(employer_job_id, customer_ids)


def _query(employer_job_ids: Sequence[str], customer_ids: Sequence[str]) -> str:
    # Quoted safely: ids with quotes or backslashes are refused where they are read, customers' ids are digits.
    jobs = ", ".join(f"'{each}'" for each in employer_job_ids)
    customers = ", ".join(f"'{each}'" for each in customer_ids)
    return f"{RUNNING} AND {INDEED_JOB_ID.name} IN ({jobs}) AND {CUSTOMER_ID.name} IN ({customers})"
