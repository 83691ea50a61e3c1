"""Does LinkedIn still send its notifications? Asked by a schedule; a run stays open while it does not."""

from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate, VersioningBehavior
from temporalio.exceptions import ActivityError

from models.boards import Attention
from models.events import LinkedInStatus
from models.notices import WebhookNotice
from models.operations import BlockedEndpoint, CheckEndpoints, EndpointReport, EndpointsChecked, EndpointWatch
from models.problems import Category, Problem
from models.states import BoardState, Phase
from models.temporal import (
    ASKED,
    ATTENTION,
    ENDPOINT_HEALTH,
    LINKEDIN_STATE,
    LINKEDIN_STATUS,
    NOTIFICATION,
    PHASE,
    RETRY,
    RUNNING,
    Queue,
    updates_known,
)
from models.words import moment
from workflows.attributes import known_attributes
from workflows.broadcast import lifecycles, signal_each
from workflows.inputs import read
from workflows.patience import retries
from workflows.problems import problem_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.linkedin.endpoints import EndpointActivities

CALL_TIMEOUT = timedelta(minutes=1)
SHOWN = 10

# Every lifecycle but one to which LinkedIn means nothing: a settled one, too, as its job may have been taken down or
# listed again meanwhile.
WAITING = ", ".join(f"'{state.value}'" for state in BoardState if state is not BoardState.IDLE)
CONCERNED = f"{RUNNING} AND {LINKEDIN_STATE.name} IN ({WAITING})"


@workflow.defn(name=ENDPOINT_HEALTH, versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class LinkedInEndpointHealth:
    """Ask LinkedIn whether it has blocked the webhook; if so, ask for a person until it has not.

    Notifications that fell into the blind time are lost, so all lifecycles that LinkedIn concerns are told to read it:
    as soon as the block is seen, and once more when it has ended.
    """

    @workflow.init
    def __init__(self, *watch: Any) -> None:
        """Begin, or take up what an earlier run has left."""
        self._watch, self._unreadable = read(
            EndpointWatch, watch, example='{"every": "PT10M"}', instead=EndpointWatch()
        )
        self._report = self._watch.state or EndpointReport()
        self._woken = False
        self._anew_since: datetime | None = None
        self._known: tuple[str, ...] | None = ()
        """The search attributes that the namespace has: asked as soon as there is something to show."""

    @workflow.run
    async def run(self, *_: Any) -> EndpointReport:
        """Look, and stay while a person is needed."""
        if self._unreadable is not None:
            raise self._unreadable
        while not await self._is_clear():
            await holds_within(lambda: self._woken, self._watch.every, "LinkedIn is asked again")
            if workflow.info().is_continue_as_new_suggested() and not self._woken:
                workflow.continue_as_new(self._watch.model_copy(update={"state": self._report}))
        return self._report

    @workflow.signal(name=RETRY, description="Ask LinkedIn again now")
    def retry(self, *_: Any) -> None:
        """Ask LinkedIn again now."""
        self._woken, self._anew_since = True, workflow.now()

    @workflow.query(name=ASKED, description="What needs a person, if anything does")
    def attention(self) -> Attention | None:
        """Return what needs a person."""
        return self._report.attention

    async def _is_clear(self) -> bool:
        self._woken = False
        try:
            seen = await self._check()
        except ActivityError as error:
            await self._ask(problem_of(error))
            return False
        was_blocked = self._report.blocked_since is not None
        if seen.blocked:
            since = self._report.blocked_since or workflow.now()
            self._update(blocked=seen.blocked, blocked_since=since, checked_at=workflow.now())
            await self._ask(_blocked(seen))
        else:
            self._update(blocked=(), attention=None, checked_at=workflow.now())
        if was_blocked is not bool(seen.blocked):
            await self._hint()
        if not seen.blocked:
            self._publish()
        return not seen.blocked

    async def _check(self) -> EndpointsChecked:
        seen: EndpointsChecked = await workflow.execute_activity_method(
            EndpointActivities.check,
            CheckEndpoints(revalidate=self._report.blocked_since is not None, anew_since=self._anew_since),
            task_queue=Queue.OPERATIONS.value,
            summary="Has LinkedIn blocked the webhook?",
            start_to_close_timeout=CALL_TIMEOUT,
            schedule_to_close_timeout=self._watch.attention_after,
            retry_policy=retries(self._watch.every),
        )
        return seen

    async def _hint(self) -> None:
        hint = LinkedInStatus(received_at=workflow.now())
        token, more = None, True
        while more:
            page = await lifecycles(CONCERNED, token)
            told = await signal_each(page.workflow_ids, LINKEDIN_STATUS, hint)
            self._update(hinted=self._report.hinted + told.reached)
            self._publish()
            token, more = page.next_page_token, page.next_page_token is not None

    async def _ask(self, problem: Problem) -> None:
        if self._known == ():
            self._known = await known_attributes()
        before = self._report.attention
        attention = Attention.of(problem, now=workflow.now(), before=before, retrying=True)
        self._update(attention=attention)
        self._publish()
        if before is None:
            await _tell(attention)

    def _update(self, **fields: Any) -> None:
        self._report = self._report.model_copy(update=fields)

    def _publish(self) -> None:
        workflow.set_current_details(details(self._report))
        attention, shown = self._report.attention, workflow.info().typed_search_attributes
        if shown.get(ATTENTION) == (attention.category.value if attention is not None else None):
            return
        found_by: list[SearchAttributeUpdate[Any]] = [PHASE.value_unset(), ATTENTION.value_unset()]
        if attention is not None:
            found_by = [PHASE.value_set(Phase.ATTENTION.value), ATTENTION.value_set(attention.category.value)]
        if updates := updates_known(found_by, self._known):
            workflow.upsert_search_attributes(updates)


async def _tell(attention: Attention) -> None:
    """Have others told, once for as long as a person is needed."""
    id_ = workflow.uuid4().hex
    await workflow.start_child_workflow(
        NOTIFICATION,
        WebhookNotice(id=f"msg_{id_}", at=workflow.now(), attention=attention),
        id=f"notification-webhook-{id_[:12]}",
        task_queue=Queue.NOTIFICATIONS.value,
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        static_summary="Tell that LinkedIn's webhook needs a person",
    )


def details(report: EndpointReport) -> str:
    """Render what people read of it: Markdown."""
    attention = report.attention
    if attention is None:
        lines = ["### LinkedIn sends its notifications"]
    else:
        lines = [
            "### LinkedIn's notifications need a person",
            "",
            f"Since {moment(attention.since)}.",
            "",
            f"- What happened: {attention.reason}",
            f"- What to do: {attention.remedy}",
            "- Boardsync goes on asking meanwhile; no job is lost, each is also read at intervals.",
        ]
        lines += [_line(each) for each in report.blocked[:SHOWN]]
        if len(report.blocked) > SHOWN:
            lines.append(f"- and {len(report.blocked) - SHOWN} more")
    lines.append("")
    if report.blocked_since is not None:
        lines.append(f"Blocked when first seen: {moment(report.blocked_since)}.")
        lines.append(f"Lifecycles told to read LinkedIn: {report.hinted}.")
    if report.checked_at is not None:
        lines.append(f"LinkedIn last answered {moment(report.checked_at)}.")
    return "\n".join(lines)


def _line(endpoint: BlockedEndpoint) -> str:
    return f"- Blocked: `{endpoint.url or 'an address that LinkedIn does not name'}` of {endpoint.application or '?'}"


def _blocked(seen: EndpointsChecked) -> Problem:
    asked = " LinkedIn has been asked to validate it again." if seen.revalidated else ""
    return Problem(
        category=Category.WEBHOOK_BLOCKED,
        reason=f"LinkedIn has blocked the webhook and sends no notifications: its address failed validation.{asked}",
        remedy="Check that the gateway is reached from outside under the address below, and that client_secret in "
        "[linkedin.parent] and [customers.linkedin] is the present one. Then validate the address again in LinkedIn's "
        "developer portal, tab Webhooks of the parent application, and send `retry` here.",
    )
