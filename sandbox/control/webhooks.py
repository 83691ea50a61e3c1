"""The control API's part for webhooks: how they stand, and events on demand."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from sandbox.control.requests import customer_of
from sandbox.jobs import views
from sandbox.webhooks.linkedin import Notice
from sandbox.world import World


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: str
    job_id: str


class _StatusNotice(_Job, Notice):
    """A notification to send; the job stays as it is."""


class _Resync(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: str
    job_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    all_open: bool = False


def routes(world: World) -> list[web.RouteDef]:
    """Return the routes under ``/webhooks``."""
    control = _WebhookControl(world)
    return [
        web.get("/webhooks", control.show),
        web.post("/webhooks/linkedin/validate", control.validate),
        web.post("/webhooks/linkedin/status", control.status),
        web.post("/webhooks/linkedin/resync", control.resync),
        web.post("/webhooks/indeed/event", control.event),
    ]


class _WebhookControl:
    def __init__(self, world: World) -> None:
        self._world = world

    async def show(self, _: web.Request) -> web.Response:
        webhooks = self._world.webhooks
        return web.json_response(
            {
                "icims": webhooks.icims.as_json(),
                "linkedin": webhooks.linkedin.as_json(),
                "indeed": webhooks.indeed.as_json(),
            }
        )

    async def validate(self, request: web.Request) -> web.Response:
        await self._world.webhooks.linkedin.validate()
        return await self.show(request)

    async def status(self, request: web.Request) -> web.Response:
        asked = _StatusNotice.model_validate_json(await request.read())
        customer = customer_of(self._world, asked.customer_id)
        posting = views.posting_of(self._world, customer, asked.job_id)
        if posting is None:
            raise web.HTTPNotFound(text="LinkedIn has no such job")
        notice = Notice.model_validate(asked.model_dump(include=set(Notice.model_fields)))
        self._world.webhooks.linkedin.notify(customer, posting, notice)
        return web.json_response({"status": "sent"}, status=202)

    async def resync(self, request: web.Request) -> web.Response:
        asked = _Resync.model_validate_json(await request.read())
        customer = customer_of(self._world, asked.customer_id)
        named = [f"{customer.customer_id}-{each}" for each in asked.job_ids]
        self._world.webhooks.linkedin.resync(customer, [*named, *asked.external_ids], all_open=asked.all_open)
        return web.json_response({"status": "sent"}, status=202)

    async def event(self, request: web.Request) -> web.Response:
        asked = _Job.model_validate_json(await request.read())
        postings = self._world.indeed.of_job(asked.customer_id, asked.job_id)
        if not postings:
            raise web.HTTPNotFound(text="Indeed has no such job")
        for posting in postings:
            self._world.webhooks.indeed.job_changed(posting)
        return web.json_response({"status": "sent"}, status=202)
