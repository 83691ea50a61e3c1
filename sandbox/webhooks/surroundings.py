"""What webhooks read of the world; the world itself is not imported here, as it owns the webhooks."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.customers import CustomerBook
    from sandbox.linkedin.postings import LinkedInState
    from sandbox.records import RecordBook
    from sandbox.settings import Settings


class Surroundings(Protocol):
    """The parts are read anew each time, as a reset and a change of settings replace them."""

    @property
    def clock(self) -> "Clock":
        """Return the clock of all delays and expiries."""

    @property
    def customers(self) -> "CustomerBook":
        """Return the customers with their secrets."""

    @property
    def records(self) -> "RecordBook":
        """Return the book of calls and deliveries."""

    @property
    def settings(self) -> "Settings":
        """Return the knobs."""

    @property
    def linkedin(self) -> "LinkedInState":
        """Return what LinkedIn holds."""
