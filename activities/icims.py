"""iCIMS: how many positions a job has, and how its boards stand, reported back."""

from datetime import UTC, datetime

from temporalio import activity

from activities.problems import failure, reported
from activities.providers import Providers
from clients.icims.protocol import BoardPost
from models.calls.icims import IcimsPositions, IcimsReport, Positions, Reported
from models.problems import Category, Problem


class IcimsActivities:
    """The activities of the queue `icims`."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="icims_positions")
    async def positions(self, call: IcimsPositions) -> Positions:
        """Read how many positions a job has."""
        with reported():
            field = self._providers.customer(call.customer_id).icims.fields.positions
            count = await self._providers.icims(call.customer_id).positions(call.job_id)
            if count is None:
                raise failure(_no_number(field))
            return Positions(count=count)

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
