"""The control API: settings, customers, jobs, faults and records, as plain JSON without authentication."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from sandbox import jobs
from sandbox.content import JobContent
from sandbox.control import webhooks
from sandbox.customers import Customer
from sandbox.faults import FaultSpec
from sandbox.records import RecordFilter
from sandbox.world import World

M = TypeVar("M", bound=BaseModel)


def build(world: World) -> web.Application:
    """Return the application that serves the control API."""
    control = _Control(world)
    app = web.Application(client_max_size=16 * 1024**2, middlewares=[_json_errors])
    app.router.add_routes(
        [
            web.get("/healthz", control.healthz),
            web.post("/reset", control.reset),
            web.get("/settings", control.get_settings),
            web.patch("/settings", control.patch_settings),
            web.get("/customers", control.get_customers),
            web.post("/customers", control.post_customer),
            web.post("/jobs", control.post_job),
            web.post("/jobs/bulk", control.post_jobs),
            web.get("/jobs/{customer}/{job}", control.get_job),
            web.patch("/jobs/{customer}/{job}", control.patch_job),
            web.get("/faults", control.get_faults),
            web.post("/faults", control.post_fault),
            web.delete("/faults", control.delete_faults),
            web.delete("/faults/{id}", control.delete_fault),
            web.get("/records", control.get_records),
            web.delete("/records", control.delete_records),
            web.get("/counts", control.get_counts),
            *webhooks.routes(world),
        ]
    )
    return app


@web.middleware
async def _json_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return _problem(400, "; ".join(problems))
    except web.HTTPException as error:
        return _problem(error.status, error.text or error.reason)


def _problem(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The body must be a JSON object")
    return body


async def _read(request: web.Request, model: type[M]) -> M:
    return model.model_validate(await _body(request))


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    async def healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def reset(self, _: web.Request) -> web.Response:
        self._world.reset()
        return web.json_response({"status": "ok"})

    async def get_settings(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.settings.model_dump(mode="json"))

    async def patch_settings(self, request: web.Request) -> web.Response:
        self._world.settings = self._world.settings.patched(await _body(request))
        await self._world.webhooks.linkedin.settings_changed()
        return await self.get_settings(request)

    async def get_customers(self, _: web.Request) -> web.Response:
        return web.json_response([one.model_dump() for one in self._world.customers.all()])

    async def post_customer(self, request: web.Request) -> web.Response:
        customer = await _read(request, Customer)
        self._world.customers.add(customer)
        return web.json_response(customer.model_dump(), status=201)

    async def post_job(self, request: web.Request) -> web.Response:
        spec = await _read(request, jobs.JobSpec)
        customer = self._customer(spec.customer_id)
        content = JobContent.model_validate(spec.model_dump(include=set(JobContent.model_fields)))
        jobs.put(self._world, customer, spec.job_id, content, spec)
        return web.json_response(jobs.describe(self._world, customer, spec.job_id), status=201)

    async def post_jobs(self, request: web.Request) -> web.Response:
        spec = await _read(request, jobs.BulkSpec)
        customer = self._customer(spec.customer_id)
        for number in range(spec.first_job_id, spec.first_job_id + spec.count):
            jobs.put(self._world, customer, str(number), JobContent(), spec)
        return web.json_response({"created": spec.count}, status=201)

    async def get_job(self, request: web.Request) -> web.Response:
        customer = self._customer(request.match_info["customer"])
        shown = jobs.describe(self._world, customer, request.match_info["job"])
        if shown is None:
            raise web.HTTPNotFound(text="There is no such job")
        return web.json_response(shown)

    async def patch_job(self, request: web.Request) -> web.Response:
        customer = self._customer(request.match_info["customer"])
        job_id = request.match_info["job"]
        job = self._world.icims.get(customer.customer_id, job_id)
        if job is None:
            raise web.HTTPNotFound(text="There is no such job")
        change = await _read(request, jobs.JobEdit)
        employer = self._world.indeed.get(customer.customer_id, job_id)
        jobs.edit(self._world, job, jobs.posting_of(self._world, customer, job_id), employer, change)
        return await self.get_job(request)

    async def get_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.faults.describe())

    async def post_fault(self, request: web.Request) -> web.Response:
        fault_id = self._world.faults.add(await _read(request, FaultSpec))
        return web.json_response({"id": fault_id}, status=201)

    async def delete_faults(self, _: web.Request) -> web.Response:
        self._world.faults.clear()
        return web.Response(status=204)

    async def delete_fault(self, request: web.Request) -> web.Response:
        if not self._world.faults.remove(request.match_info["id"]):
            raise web.HTTPNotFound(text="There is no such fault")
        return web.Response(status=204)

    async def get_records(self, request: web.Request) -> web.Response:
        records = self._world.records.select(_record_filter(request))
        return web.json_response([record.as_json() for record in records])

    async def delete_records(self, _: web.Request) -> web.Response:
        self._world.records.clear()
        return web.Response(status=204)

    async def get_counts(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.records.counts(_record_filter(request)))

    def _customer(self, customer_id: str) -> Customer:
        customer = self._world.customers.get(customer_id)
        if customer is None:
            raise web.HTTPNotFound(text=f"There is no customer {customer_id}")
        return customer


def _record_filter(request: web.Request) -> RecordFilter:
    given = {name: request.query.get(name) for name in ("provider", "operation", "job_id", "customer_id")}
    try:
        since = float(request.query.get("since", "-inf"))
    except ValueError:
        since = math.nan
    if math.isnan(since):
        raise web.HTTPBadRequest(text="since must be a number")
    return RecordFilter(**given, since=since)
