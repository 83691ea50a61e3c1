"""Every sender's webhook, put together: for the gateway, and for a person who has a refused event tried again."""

from dataclasses import dataclass

from temporalio.client import Client

from config.settings import Settings
from runtime.job_links import JobLinks, job_links
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.handover import Door
from webhook_gateway.hints import Hints
from webhook_gateway.icims.handover import IcimsDelivery, IcimsHandover
from webhook_gateway.icims.replays import Guard
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.icims.webhook import IcimsWebhook
from webhook_gateway.indeed.handover import IndeedDelivery, IndeedHandover
from webhook_gateway.indeed.index import JobIndex, StoredIndex, VisibilityIndex
from webhook_gateway.indeed.repeats import Repeats
from webhook_gateway.indeed.webhook import IndeedWebhook
from webhook_gateway.linkedin.handover import LinkedInDelivery, ResyncHandover, StatusHandover
from webhook_gateway.linkedin.webhook import LinkedInWebhook
from webhook_gateway.metrics import Book
from webhook_gateway.stored import Stored


@dataclass(frozen=True, slots=True)
class Senders:
    """The webhooks, and the way into Temporal that they share."""

    icims: IcimsWebhook
    linkedin: LinkedInWebhook
    indeed: IndeedWebhook
    door: Door
    links: JobLinks | None
    tokens: TokenIssuer | None
    index: JobIndex
    repeats: Repeats
    guard: Guard


def create_senders(
    client: Client,
    settings: Settings,
    stored: Stored,
    *,
    book: Book | None = None,
    keeps: bool = True,
    before: Senders | None = None,
) -> Senders:
    """Put the webhooks together; where nothing is to be kept, Temporal alone takes events.

    What those before know of events goes over to them.
    """
    dispatcher, hints = Dispatcher(client, settings), Hints(client)
    door = Door(stored.inbox if keeps else None) if before is None else before.door
    repeats = Repeats() if before is None else before.repeats
    guard = Guard() if before is None else before.guard
    links, tokens = job_links(settings), _token_issuer(settings)
    icims, linkedin = IcimsDelivery(settings, dispatcher, hints), LinkedInDelivery(settings, dispatcher, hints)
    index = StoredIndex(stored.jobs, VisibilityIndex(client)) if before is None else before.index
    door.opens_for(IcimsHandover, icims.deliver)
    door.opens_for(StatusHandover, linkedin.tell)
    door.opens_for(ResyncHandover, linkedin.resync)
    door.opens_for(IndeedHandover, IndeedDelivery(hints, index).deliver)
    return Senders(
        icims=IcimsWebhook(settings, door, book, dispatcher=dispatcher, links=links, tokens=tokens, guard=guard),
        linkedin=LinkedInWebhook(settings, door, book),
        indeed=IndeedWebhook(settings, door, book, repeats),
        door=door,
        links=links,
        tokens=tokens,
        index=index,
        repeats=repeats,
        guard=guard,
    )


def _token_issuer(settings: Settings) -> TokenIssuer | None:
    secrets = settings.gateway.token_secrets
    return TokenIssuer(*secrets) if secrets else None
