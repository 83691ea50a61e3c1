"""The webhooks that the simulated providers send, once they have an address."""

from typing import TYPE_CHECKING

from sandbox.webhooks.icims import IcimsWebhook
from sandbox.webhooks.indeed import IndeedWebhook
from sandbox.webhooks.linkedin import LinkedInWebhook

if TYPE_CHECKING:
    from sandbox.webhooks.surroundings import Surroundings


class Webhooks:
    """One webhook for each provider; nothing is sent while no address is set."""

    def __init__(self, world: "Surroundings") -> None:
        self.icims = IcimsWebhook(world)
        self.linkedin = LinkedInWebhook(world)
        self.indeed = IndeedWebhook(world)

    def stop(self) -> None:
        """Call off whatever is still to be sent."""
        self.icims.stop()
        self.linkedin.stop()
        self.indeed.stop()
