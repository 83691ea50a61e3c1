"""iCIMS: how many positions a job has, and how its boards stand, reported back."""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import activity

from activities.problems import failure, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.icims.protocol import Folder
from clients.icims.reports import BoardPost
from config.rules import fields_of
from models.boards import Evidence
from models.calls.icims import IcimsPositions, IcimsReport, IcimsWanted, Positions, Reported, Wanted
from models.problems import Category, Problem
from models.states import Intent
from models.texts import folded


class IcimsActivities:
    """The activities of the queue `icims`."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="icims_positions")
    async def positions(self, call: IcimsPositions) -> Positions:
        """Read how many positions a job has, or how many hires a rule asks for."""
        with reported():
            customer = self._providers.customer(call.customer_id)
            client = self._providers.icims(call.customer_id)
            count, said = await client.hiring(call.job_id, fields_of(customer.closing))
            match customer.closes_when(said):
                case "never":
                    return Positions(count=count or 1, never=True)
                case "first_hire" if customer.closing:
                    return Positions(count=1)
            if count is None:
                raise failure(_no_number(customer.icims.fields.positions))
            return Positions(count=count)

    @activity.defn(name="icims_wanted")
    async def wanted(self, call: IcimsWanted) -> Wanted:
        """Tell from folder and career portals whether iCIMS wants a job posted, as far as the configuration can."""
        with reported():
            settings = self._providers.customer(call.customer_id).icims
            client = self._providers.icims(call.customer_id)
            try:
                folder = await client.folder(call.job_id)
                portals = [name for name in settings.portals if await client.is_on_portal(name, call.job_id)]
            except ProviderError as error:
                if error.problem.category is Category.NOT_FOUND:
                    return _wanted(Intent.UNPOSTED, error.problem.reason)
                if error.problem.category is Category.PERMISSION:
                    return _wanted(None, error.problem.reason)
                raise
            intent = wanted_of(folder, portals, posted_folders=settings.posted_folders, asked_portals=settings.portals)
            place = f"folder {folder.name or folder.id}" if folder is not None else "no folder is shown"
            shown = f"; on the portals: {', '.join(portals) or 'none'}" if settings.portals else ""
            return _wanted(intent, place + shown)

    @activity.defn(name="icims_report")
    async def report(self, call: IcimsReport) -> Reported:
        """Report how every board of a job stands."""
        with reported():
            distributor_id = self._providers.customer(call.customer_id).icims.job_distributor_id
            if distributor_id is None:
                raise failure(NOT_CONFIGURED)
            posts = [
                BoardPost(each.board.label, each.board.value, each.status, each.start, each.end) for each in call.boards
            ]
            await self._providers.icims(call.customer_id).report(call.job_id, distributor_id, posts)
            return Reported(at=datetime.now(UTC))


def wanted_of(
    folder: Folder | None, portals: Sequence[str], *, posted_folders: Sequence[str], asked_portals: Sequence[str]
) -> Intent | None:
    """Return what iCIMS wants of a job; None where folder and portals do not tell."""
    if asked_portals and not portals:
        return Intent.UNPOSTED
    if posted_folders and folder is not None:
        names = {folded(each) for each in (folder.id, folder.name) if each is not None}
        return Intent.POSTED if names & {folded(each) for each in posted_folders} else Intent.UNPOSTED
    return Intent.POSTED if portals else None


def _wanted(intent: Intent | None, answered: str) -> Wanted:
    evidence = Evidence(at=datetime.now(UTC), asked="Does iCIMS want the job posted?", answered=answered)
    return Wanted(intent=intent, evidence=(evidence,))


NOT_CONFIGURED = Problem(
    category=Category.CONFIGURATION,
    reason="Reporting back to iCIMS has been switched off since the lifecycle began.",
    remedy="Set job_distributor_id in [customers.icims] to report again.",
)


def _no_number(field: str) -> Problem:
    return Problem(
        category=Category.INVALID_POSTING,
        reason=f"iCIMS shows no number of positions for the job (field {field}: empty or hidden), so Boardsync "
        "cannot tell whether the hires fill it.",
        remedy=f"Fill the field {field} in iCIMS or let the integration user see it, then send `retry`; or send "
        "`close` if the job is filled.",
    )
