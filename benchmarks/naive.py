"""The peer: the same card, written plainly, in a process of its own: `python -m benchmarks.naive`.

One workflow, five activities on one queue, one timer, plain httpx, the same calls to the boards as ours for one close.
It keeps no evidence and no receipt, has no read-back loop, no intents that supersede each other, no limits on rates and
no search attributes. What it sends is built by our own pure functions, so that the boards have the same work with it.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from clients.http import Request
from clients.icims import protocol as icims
from clients.indeed import protocol as indeed
from clients.indeed.client import Access
from clients.indeed.search import Search, find_request
from clients.linkedin import protocol as linkedin
from clients.linkedin.posting import Posting, element
from clients.oauth import token_request
from config.customers import Customer, CustomerIndeed, CustomerLinkedIn
from config.loading import load_settings
from config.settings import Settings
from config.values import fill
from models.base import Model
from models.states import Operation
from runtime.connection import connect
from worker import UNSANDBOXED

QUEUE = "naive"
WAIT = timedelta(milliseconds=1)
"""For LinkedIn's task, as in our configuration of this benchmark."""
TIMEOUT = timedelta(minutes=1)


class Close(Model):
    """The job to close, and what is known of it on the way."""

    customer_id: str
    job_id: str
    task_id: str = ""
    posting: str = ""


class Api:
    """Send requests, with a token for each credential."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self.settings, self._http = settings, http
        self._tokens: dict[str, str] = {}

    def customer(self, id_: str) -> tuple[Customer, CustomerLinkedIn, CustomerIndeed]:
        found = self.settings.customer(id_)
        assert found is not None
        assert found.linkedin is not None
        assert found.indeed is not None
        return found, found.linkedin, found.indeed

    async def send(self, request: Request, token: Request) -> Any:
        client_id = str((token.form or {})["client_id"])
        if client_id not in self._tokens:
            self._tokens[client_id] = (await self._exchange(token))["access_token"]
        return await self._exchange(request.authorized(self._tokens[client_id]))

    async def _exchange(self, request: Request) -> Any:
        answer = await self._http.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            params=list(request.params) or None,
            json=request.body,
            data=None if request.form is None else dict(request.form),
        )
        answer.raise_for_status()
        return answer.json()


class Activities:
    """The five steps."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @activity.defn
    async def linkedin_close(self, job: Close) -> str:
        """Read the job at LinkedIn and at iCIMS, and send CLOSE with the whole posting; return the task's id."""
        customer, settings, _ = self._api.customer(job.customer_id)
        status = await self._linkedin_status(job)
        profile = await self._icims_job(job)
        posting = Posting(
            external_job_posting_id=self._external_id(job),
            title=profile["jobtitle"],
            description_parts=(profile.get("overview"), profile.get("responsibilities")),
            location=status["rawLocation"],
            apply_url=fill(customer.icims.apply_url, customer_id=job.customer_id, job_id=job.job_id),
            organization_urn=settings.organization_urn,
            contract_urn=settings.contract_urn,
            listing_type=settings.listing_type,
            listed_at_ms=status["jobPostingInfo"]["listedAt"],
        )
        url = str(self._api.settings.linkedin.api_url).rstrip("/")
        answer = await self._linkedin(job, linkedin.submit_request(url, None, [element(posting, Operation.CLOSE)]))
        return str(answer["elements"][0]["id"])

    @activity.defn
    async def linkedin_confirm(self, job: Close) -> str:
        """Read the task and the listing."""
        url = str(self._api.settings.linkedin.api_url).rstrip("/")
        await self._linkedin(job, linkedin.tasks_request(url, None, [job.task_id]))
        status = (await self._linkedin_status(job))["listingStatus"]
        if status != "NOT_LISTED":
            raise RuntimeError(f"LinkedIn still shows {job.job_id}: {status}")
        return str(status)

    @activity.defn
    async def indeed_find(self, job: Close) -> str:
        """Find the job's posting in Indeed's listing."""
        return (await self._listed(job))[0]

    @activity.defn
    async def indeed_clear(self, job: Close) -> None:
        """Read the posting, and clear it."""
        await self._indeed_job(job)
        _, _, settings = self._api.customer(job.customer_id)
        url = str(self._api.settings.indeed.api_url)
        await self._indeed(job, indeed.clear_request(url, settings.client_id, [job.posting]))

    @activity.defn
    async def indeed_confirm(self, job: Close) -> str:
        """Read the posting, and that it is still the only one."""
        node = (await self._indeed_job(job))["data"]["node"]
        if node["jobData"]["externalPostingMetadata"]["trackingUrls"]:
            raise RuntimeError(f"Indeed still shows a tracking URL on {job.job_id}")
        if await self._listed(job) != [job.posting]:
            raise RuntimeError(f"Indeed has other postings of {job.job_id}")
        return "cleared"

    async def _linkedin_status(self, job: Close) -> Any:
        url, id_ = str(self._api.settings.linkedin.api_url).rstrip("/"), self._external_id(job)
        return (await self._linkedin(job, linkedin.status_request(url, [id_])))["results"][id_]

    def _external_id(self, job: Close) -> str:
        _, settings, _ = self._api.customer(job.customer_id)
        return fill(settings.external_job_posting_id, customer_id=job.customer_id, job_id=job.job_id)

    async def _linkedin(self, job: Close, request: Request) -> Any:
        _, settings, _ = self._api.customer(job.customer_id)
        form = {"client_id": settings.client_id, "client_secret": settings.client_secret.get_secret_value()}
        return await self._api.send(request, token_request(str(self._api.settings.linkedin.token_url), form))

    async def _icims_job(self, job: Close) -> Any:
        customer, urls = self._api.customer(job.customer_id)[0].icims, self._api.settings.icims
        form = {
            "client_id": customer.client_id,
            "client_secret": customer.client_secret.get_secret_value(),
            "audience": icims.AUDIENCE,
        }
        request = icims.job_request(str(urls.api_url).rstrip("/"), job.customer_id, job.job_id)
        return await self._api.send(request, token_request(str(urls.token_url), form))

    async def _listed(self, job: Close) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            _, _, settings = self._api.customer(job.customer_id)
            url = str(self._api.settings.indeed.api_url)
            answer = await self._indeed(job, find_request(url, settings.client_id, Search(), after=after))
            page = answer["data"]["findEmployerJobsPartner"]
            for each in page["employerJobs"]:
                if each["jobData"]["externalPostingMetadata"]["jobPostingId"] == job.job_id:
                    found.append(each["id"])  # noqa: PERF401 -- as written plainly
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def _indeed_job(self, job: Close) -> Any:
        _, _, settings = self._api.customer(job.customer_id)
        url = str(self._api.settings.indeed.api_url)
        return await self._indeed(job, indeed.job_request(url, settings.client_id, job.posting))

    async def _indeed(self, job: Close, request: Request) -> Any:
        _, _, settings = self._api.customer(job.customer_id)
        access = Access(
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            advertiser_id=settings.advertiser_id,
        )
        return await self._api.send(request, access.request(str(self._api.settings.indeed.token_url)))


@workflow.defn
class NaiveClose:
    """Close the job on LinkedIn and clear it at Indeed, side by side, and read both back."""

    @workflow.run
    async def run(self, job: Close) -> list[str]:
        """Run."""
        return list(await asyncio.gather(self._linkedin(job), self._indeed(job)))

    async def _linkedin(self, job: Close) -> str:
        task = await workflow.execute_activity_method(Activities.linkedin_close, job, start_to_close_timeout=TIMEOUT)
        await workflow.sleep(WAIT)
        return await workflow.execute_activity_method(
            Activities.linkedin_confirm, job.model_copy(update={"task_id": task}), start_to_close_timeout=TIMEOUT
        )

    async def _indeed(self, job: Close) -> str:
        posting = await workflow.execute_activity_method(Activities.indeed_find, job, start_to_close_timeout=TIMEOUT)
        found = job.model_copy(update={"posting": posting})
        await workflow.execute_activity_method(Activities.indeed_clear, found, start_to_close_timeout=TIMEOUT)
        return await workflow.execute_activity_method(Activities.indeed_confirm, found, start_to_close_timeout=TIMEOUT)


async def close(client: Client, customer_id: str, job_id: str) -> None:
    """Have a job closed, and wait until it is."""
    job = Close(customer_id=customer_id, job_id=job_id)
    await client.execute_workflow(NaiveClose.run, job, id=f"naive-{customer_id}-{job_id}", task_queue=QUEUE)


def steps(activities: Activities) -> Sequence[Any]:
    """Return the activities to register."""
    return [
        activities.linkedin_close,
        activities.linkedin_confirm,
        activities.indeed_find,
        activities.indeed_clear,
        activities.indeed_confirm,
    ]


async def work() -> None:
    """Work until the process is ended."""
    client = await connect()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[NaiveClose],
            activities=steps(Activities(Api(load_settings(), http))),
            workflow_runner=UNSANDBOXED,
        )
        logging.warning("working on %s", QUEUE)
        await worker.run()


if __name__ == "__main__":
    asyncio.run(work())
