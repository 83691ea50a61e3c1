"""How the console's pages are made: templates in which everything is escaped, shared with the job's page."""

from typing import Any

from aiohttp import web
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from boardsync.console.security import USER
from webhook_gateway.pages.timeline import timeline_of

NAVIGATION: dict[str, str] = {
    "/": "Overview",
    "/jobs": "Jobs",
    "/events": "Events",
    "/ledger": "Ledger",
    "/runs": "Runs",
    "/configuration": "Configuration",
}
TEMPLATES = Environment(
    loader=ChoiceLoader([PackageLoader("boardsync.console"), PackageLoader("webhook_gateway.pages")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["timeline_of"] = timeline_of


def reply(
    request: web.Request, template: str, *, status: int = 200, renew: int | None = None, **shown: Any
) -> web.Response:
    """Answer with a page; `renew` is after how many seconds it loads itself again."""
    here = next((path for path in reversed(NAVIGATION) if request.path.startswith(path)), "/")
    text = TEMPLATES.get_template(template).render(
        navigation=NAVIGATION, here=here, user=request.get(USER), renew=renew, **shown
    )
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8")


def trouble(request: web.Request, heading: str, text: str, *, status: int) -> web.Response:
    """Answer with a page that says why there is none."""
    return reply(request, "trouble.html", status=status, heading=heading, text=text)
