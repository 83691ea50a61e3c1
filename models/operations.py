"""What concerns many jobs at once: finding and signalling lifecycles, resyncs, the webhook's own health."""

import hashlib
from datetime import timedelta
from typing import Any

from pydantic import Field

from models.base import Model, Moment, NumericId
from models.boards import Attention, Evidence
from models.calls.common import ProviderCall
from models.lifecycle import Receipt

PAGE_SIZE = 200
"""Lifecycles that are found, or told something, at a time."""


class FindEarlier(Model):
    """Ask for the receipt of the lifecycle that a job had before this one."""

    customer_id: str
    job_id: str
    run_id: str
    """The run that asks."""
    expected: bool
    """There must be one: where Temporal does not show it yet, it is asked again."""


class Earlier(Model):
    """The receipt of the run before; None where there is none, or none that can be read."""

    receipt: Receipt | None = None
    evidence: tuple[Evidence, ...] = ()


class FindStop(Model):
    """Ask who had a run cancelled."""

    workflow_id: str
    run_id: str


class StopFound(Model):
    """What Temporal has recorded of it; None where it tells nothing."""

    by: str | None = None


class ListLifecycles(Model):
    """Ask for one page of the workflows that a visibility query finds."""

    query: str
    page_token: str | None = None
    page_size: int = PAGE_SIZE


class LifecyclePage(Model):
    """One page of workflow ids; no token means that it is the last."""

    workflow_ids: tuple[str, ...]
    next_page_token: str | None = None


class SignalLifecycles(Model):
    """Send the same signal to each of these workflows, where they run."""

    workflow_ids: tuple[str, ...]
    signal: str
    message: dict[str, Any]
    a_second: int | None = None
    """No more of them in a second, fewer where they are slow to hear it; None for as fast as Temporal takes them."""


class KnownAttributes(Model):
    """Which search attributes the namespace has; None for all."""

    names: tuple[str, ...] | None = None


class Signalled(Model):
    """What became of it."""

    reached: int
    missing: tuple[str, ...] = ()
    """Workflow ids of which none runs."""


class ResyncResult(Model):
    """How far a resync has come; the result of the workflow `LinkedInResync`."""

    told: int = 0
    """Lifecycles that were told to send their job again; each decides by itself whether it may."""
    not_open: int = 0
    """Named jobs without a lifecycle that runs: closed, or never heard of. None is started for them."""
    unreadable: int = 0
    """Named ids that no job of this customer can have."""


class ResyncRequest(Model):
    """LinkedIn asks for a customer's jobs again (RESYNC_JOBS): the input of the workflow `LinkedInResync`."""

    customer_id: NumericId
    all_open: bool = False
    job_ids: tuple[NumericId, ...] = ()
    received_at: Moment
    page_size: int = Field(default=50, ge=1, le=PAGE_SIZE)
    """Of jobs that are told at a time; between two pages there is a pause."""
    page_token: str | None = None
    """Carried over by continue-as-new, like what was done so far."""
    done: ResyncResult = ResyncResult()

    @property
    def digest(self) -> str:
        """Stand for what is asked for, so that a repeat is known."""
        asked = "all" if self.all_open else ",".join(sorted(set(self.job_ids)))
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class BlockedEndpoint(Model):
    """A webhook to which LinkedIn sends nothing any more."""

    url: str | None = None
    application: str | None = None


class CheckEndpoints(ProviderCall):
    """Ask LinkedIn which webhooks of the parent application it has blocked."""

    revalidate: bool = False
    """Ask LinkedIn to validate the blocked ones again, where the configuration allows it."""


class EndpointsChecked(Model):
    """What LinkedIn said."""

    blocked: tuple[BlockedEndpoint, ...] = ()
    revalidated: bool = False
    """LinkedIn was asked to validate the blocked ones again."""


class EndpointWatch(Model):
    """The input of the workflow `LinkedInEndpointHealth`."""

    every: timedelta = Field(default=timedelta(minutes=10), gt=timedelta(0))
    attention_after: timedelta = timedelta(hours=4)
    """For how long LinkedIn may fail to answer in silence."""
    state: "EndpointReport | None" = None
    """Carried over by continue-as-new."""


class EndpointReport(Model):
    """How LinkedIn's webhook stands; the result of the workflow `LinkedInEndpointHealth`."""

    attention: Attention | None = None
    blocked: tuple[BlockedEndpoint, ...] = ()
    blocked_since: Moment | None = None
    hinted: int = 0
    """Lifecycles that were told to read LinkedIn, because notifications may have been lost."""
    checked_at: Moment | None = None
