"""The control API: settings, customers, time, faults and records; jobs and webhooks have files of their own."""

import math

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from sandbox.clock import utc
from sandbox.control import ats, jobs, webhooks
from sandbox.control.requests import customer_of, json_errors, read, read_object
from sandbox.customers import Customer
from sandbox.faults.spec import FaultSpec
from sandbox.records import RecordFilter
from sandbox.world import World


def build(world: World) -> web.Application:
    """Return the application that serves the control API."""
    control = _Control(world)
    app = web.Application(client_max_size=16 * 1024**2, middlewares=[json_errors])
    app.router.add_routes(
        [
            web.get("/healthz", control.healthz),
            web.post("/reset", control.reset),
            web.get("/clock", control.get_clock),
            web.post("/clock", control.post_clock),
            web.get("/settings", control.get_settings),
            web.patch("/settings", control.patch_settings),
            web.get("/customers", control.get_customers),
            web.post("/customers", control.post_customer),
            web.get("/quota/{customer}", control.get_quota),
            web.get("/faults", control.get_faults),
            web.post("/faults", control.post_fault),
            web.delete("/faults", control.delete_faults),
            web.delete("/faults/{id}", control.delete_fault),
            web.get("/records", control.get_records),
            web.delete("/records", control.delete_records),
            web.get("/counts", control.get_counts),
            *ats.routes(world),
            *jobs.routes(world),
            *webhooks.routes(world),
        ]
    )
    return app


class _ClockMove(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    advance: float = Field(gt=0, le=366 * 86_400)


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    async def healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def reset(self, _: web.Request) -> web.Response:
        self._world.reset()
        return web.json_response({"status": "ok"})

    async def get_clock(self, _: web.Request) -> web.Response:
        now = self._world.clock.time()
        return web.json_response({"now": now, "utc": utc(now).isoformat()})

    async def post_clock(self, request: web.Request) -> web.Response:
        self._world.clock.advance((await read(request, _ClockMove)).advance)
        return await self.get_clock(request)

    async def get_settings(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.settings.model_dump(mode="json"))

    async def patch_settings(self, request: web.Request) -> web.Response:
        self._world.settings = self._world.settings.patched(await read_object(request))
        await self._world.webhooks.linkedin.settings_changed()
        return await self.get_settings(request)

    async def get_customers(self, _: web.Request) -> web.Response:
        return web.json_response([one.model_dump() for one in self._world.customers.all()])

    async def post_customer(self, request: web.Request) -> web.Response:
        customer = await read(request, Customer)
        self._world.customers.add(customer)
        return web.json_response(customer.model_dump(), status=201)

    async def get_quota(self, request: web.Request) -> web.Response:
        customer = customer_of(self._world, request.match_info["customer"])
        return web.json_response(self._world.icims_quota(customer.customer_id))

    async def get_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._world.faults.describe())

    async def post_fault(self, request: web.Request) -> web.Response:
        fault_id = self._world.faults.add(await read(request, FaultSpec))
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


def _record_filter(request: web.Request) -> RecordFilter:
    given = {name: request.query.get(name) for name in ("provider", "operation", "job_id", "customer_id")}
    try:
        since, after = float(request.query.get("since", "-inf")), int(request.query.get("after", "0"))
    except ValueError:
        since, after = math.nan, 0
    if math.isnan(since):
        raise web.HTTPBadRequest(text="since and after must be numbers")
    return RecordFilter(**given, since=since, after=after)
