"""Tell others of a job, the webhook or the ledger: whom, and one try at each."""

from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from prometheus_client import Counter
from temporalio import activity

from activities.providers import Providers
from clients.errors import ProviderError
from clients.http import send
from clients.notifications.protocol import PAGE, PROVIDER, notice_request, read_answer
from config.egress import may_be_private
from config.notifications import NotificationEndpoint
from models.base import workflow_id
from models.notices import Delivery, DeliveryCall, DeliveryResult, JobNotice, Notice, NoticePlan
from runtime.job_links import job_links

TRIES = Counter(
    "boardsync_notification_tries",
    "Tries to tell an endpoint; given_up is the last one that failed",
    ("endpoint", "type", "result"),
)


class NotificationActivities:
    """The activities of the queue `notifications`. Addresses and secrets are looked up here, and are in no payload."""

    def __init__(self, providers: Providers) -> None:
        """Share settings and connections."""
        self._providers, self._http = providers, providers.http

    @activity.defn(name="notification_plan")
    async def plan(self, notice: Notice) -> NoticePlan:
        """Return which endpoints want to be told, and how the tries are spaced."""
        wanted = [
            each.name for each in self._providers.settings.notifications if each.wants(notice.type, _customer(notice))
        ]
        return NoticePlan(endpoints=tuple(wanted), waits=self._providers.settings.timing.notify_again)

    @activity.defn(name="notification_deliver")
    async def deliver(self, call: DeliveryCall) -> Delivery:
        """Tell one endpoint, once; what it answers is no error, whatever it is."""
        endpoint = self._endpoint(call)
        if endpoint is None:
            answered = "not told: the configuration no longer names this endpoint for this"
            return Delivery(at=datetime.now(UTC), result=DeliveryResult.WITHDRAWN, answered=answered)
        answer = await self._post(endpoint, call.notice)
        given_up = call.last and answer.result is DeliveryResult.FAILED
        TRIES.labels(endpoint.name, call.notice.type.value, "given_up" if given_up else answer.result.value).inc()
        return answer

    async def _post(self, endpoint: NotificationEndpoint, notice: Notice) -> Delivery:
        url = endpoint.url.get_secret_value()
        request = notice_request(
            url,
            notice,
            form=endpoint.format,
            secret=endpoint.secret.get_secret_value() if endpoint.secret is not None else None,
            links=self._links(notice),
            now=datetime.now(UTC),
            public_only=not may_be_private(self._providers.settings, urlsplit(url).hostname or ""),
        )
        try:
            return read_answer(await send(self._http, request, provider=PROVIDER))
        except ProviderError as error:
            return Delivery(at=datetime.now(UTC), result=DeliveryResult.FAILED, answered=error.problem.reason)

    def _endpoint(self, call: DeliveryCall) -> NotificationEndpoint | None:
        named = next((each for each in self._providers.settings.notifications if each.name == call.endpoint), None)
        wanted = named is not None and named.wants(call.notice.type, _customer(call.notice))
        return named if wanted else None

    def _links(self, notice: Notice) -> dict[str, str]:
        """Return where a person can look: the job's page first, which needs no account."""
        if not isinstance(notice, JobNotice):
            return {}
        found: dict[str, str] = {}
        if (pages := job_links(self._providers.settings)) is not None:
            # Signed for the time of the notice, so that each try says the same.
            found[PAGE] = pages.url(notice.customer_id, notice.job_id, at=notice.at)
        base = self._providers.settings.gateway.temporal_ui_url
        if base is None:
            return found
        namespace = quote(activity.info().namespace, safe="")
        lifecycle = quote(workflow_id(notice.customer_id, notice.job_id), safe="")
        found["lifecycle"] = f"{str(base).rstrip('/')}/namespaces/{namespace}/workflows/{lifecycle}"
        return found


def _customer(notice: Notice) -> str | None:
    return notice.customer_id if isinstance(notice, JobNotice) else None
