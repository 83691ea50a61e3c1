"""The control API's part for what a recruiter does in iCIMS."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from sandbox.control.requests import customer_of, read
from sandbox.icims.jobs import portal_url
from sandbox.webhooks.icims import Action
from sandbox.world import World


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    customer_id: str
    job_ids: tuple[str, ...] = Field(min_length=1)
    action: Action
    lost: bool = False
    """Whether the event gets lost on its way."""
    stays_on_portal: bool = False
    """Whether the career portals go on as before: only the partner's boards are meant."""


def routes(world: World) -> list[web.RouteDef]:
    """Return the route ``/ats``."""

    async def act(request: web.Request) -> web.Response:
        asked = await read(request, _Action)
        customer = customer_of(world, asked.customer_id)
        found = [world.icims.get(customer.customer_id, job_id) for job_id in asked.job_ids]
        jobs = [job for job in found if job is not None]
        if len(jobs) < len(found):
            raise web.HTTPNotFound(text="iCIMS does not have all of these jobs")
        for job in jobs:
            if asked.action != "view" and not asked.stays_on_portal:
                job.portals = world.settings.icims.portals[:1] if asked.action == "post" else ()
                job.updated_at = world.clock.time()
            page = portal_url(job, customer.name, next(iter(world.settings.icims.portals), "jobs"))
            world.webhooks.icims.job_event(
                customer.customer_id, job.job_id, asked.action, portal_url=page, lost=asked.lost
            )
        return web.json_response({"events": len(jobs)}, status=202)

    return [web.post("/ats", act)]
