"""The control API's part for jobs and their postings at Indeed."""

from aiohttp import web

from sandbox.content import JobContent
from sandbox.control.requests import customer_of, read
from sandbox.customers import Customer
from sandbox.icims.jobs import IcimsJob
from sandbox.indeed.jobs import EmployerJob
from sandbox.jobs import changes, views
from sandbox.jobs.specs import BulkSpec, IndeedEdit, JobEdit, JobSpec, Reingestion
from sandbox.world import World


def routes(world: World) -> list[web.RouteDef]:
    """Return the routes under ``/jobs`` and ``/postings``."""
    control = _JobControl(world)
    return [
        web.post("/jobs", control.post_job),
        web.post("/jobs/bulk", control.post_jobs),
        web.get("/jobs/{customer}/{job}", control.get_job),
        web.patch("/jobs/{customer}/{job}", control.patch_job),
        web.post("/jobs/{customer}/{job}/postings", control.post_posting),
        web.post("/jobs/{customer}/{job}/reingest", control.reingest),
        web.get("/postings/{id}", control.get_posting),
        web.patch("/postings/{id}", control.patch_posting),
        web.delete("/postings/{id}", control.delete_posting),
    ]


class _JobControl:
    def __init__(self, world: World) -> None:
        self._world = world

    async def post_job(self, request: web.Request) -> web.Response:
        spec = await read(request, JobSpec)
        customer = customer_of(self._world, spec.customer_id)
        content = JobContent.model_validate(spec.model_dump(include=set(JobContent.model_fields)))
        changes.put(self._world, customer, spec.job_id, content, spec)
        return web.json_response(views.describe(self._world, customer, spec.job_id), status=201)

    async def post_jobs(self, request: web.Request) -> web.Response:
        spec = await read(request, BulkSpec)
        customer = customer_of(self._world, spec.customer_id)
        for number in range(spec.first_job_id, spec.first_job_id + spec.count):
            changes.put(self._world, customer, str(number), JobContent(), spec)
        return web.json_response({"created": spec.count}, status=201)

    async def get_job(self, request: web.Request) -> web.Response:
        customer, job = self._job(request)
        return web.json_response(views.describe(self._world, customer, job.job_id))

    async def patch_job(self, request: web.Request) -> web.Response:
        customer, job = self._job(request)
        changes.edit_job(self._world, customer, job, await read(request, JobEdit))
        return await self.get_job(request)

    async def post_posting(self, request: web.Request) -> web.Response:
        customer, job = self._job(request)
        posting = changes.add_posting(self._world, customer, job, await read(request, IndeedEdit))
        return web.json_response(views.posting_view(self._world, posting), status=201)

    async def reingest(self, request: web.Request) -> web.Response:
        customer, job = self._job(request)
        made = changes.reingest(self._world, customer, job.job_id, await read(request, Reingestion))
        return web.json_response([views.posting_view(self._world, each) for each in made], status=201)

    async def get_posting(self, request: web.Request) -> web.Response:
        return web.json_response(views.posting_view(self._world, self._posting(request)))

    async def patch_posting(self, request: web.Request) -> web.Response:
        posting = self._posting(request)
        customer = customer_of(self._world, posting.customer_id)
        changes.edit_posting(self._world, customer, posting, await read(request, IndeedEdit))
        return await self.get_posting(request)

    async def delete_posting(self, request: web.Request) -> web.Response:
        self._world.indeed.drop(self._posting(request))
        return web.Response(status=204)

    def _job(self, request: web.Request) -> tuple[Customer, IcimsJob]:
        customer = customer_of(self._world, request.match_info["customer"])
        job = self._world.icims.get(customer.customer_id, request.match_info["job"])
        if job is None:
            raise web.HTTPNotFound(text="There is no such job")
        return customer, job

    def _posting(self, request: web.Request) -> EmployerJob:
        posting = self._world.indeed.by_posting(request.match_info["id"])
        if posting is None:
            raise web.HTTPNotFound(text="There is no such posting; use its sourced_posting_id")
        return posting
