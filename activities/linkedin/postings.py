"""LinkedIn: post a job, close a job, and read back what became of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import activity

from activities.heartbeats import to_its_end, with_heartbeats
from activities.linkedin.evidence import listing_evidence, not_sent_again, shown, skipped, task_evidence
from activities.linkedin.judgement import (
    close_problem,
    expiry_passed,
    gone,
    moved_from,
    next_operation,
    not_known,
    not_shown_yet,
    plainly_closed,
    post_problem,
    same_place,
    still_listed,
    task_is,
    unanswered,
    unfinished,
    would_be_lost,
)
from activities.linkedin.posting import NO_WORKPLACE, WORKPLACE_UNKNOWN, closing_posting, posting_to_send
from activities.linkedin.submissions import (
    before_the_close,
    earlier_try,
    submit,
    until_done,
    until_shown,
)
from activities.problems import failure, not_yet, reported
from activities.providers import Providers
from clients.errors import ProviderError
from clients.linkedin.client import LinkedInClient
from clients.linkedin.errors import PROVIDER
from clients.linkedin.posting import element
from clients.linkedin.protocol import Listing, PostingStatus, TaskState, TaskStatus
from config.customers import CustomerLinkedIn
from config.values import fill
from models.boards import Evidence
from models.calls.linkedin import (
    LinkedInClose,
    LinkedInClosed,
    LinkedInConfirm,
    LinkedInConfirmPosted,
    LinkedInLook,
    LinkedInPost,
    LinkedInSeen,
    LinkedInSubmitted,
    LinkedInWatch,
)
from models.problems import IN_DOUBT, Category, Problem
from models.states import Operation, Outcome
from models.temporal import TITLE_LIMIT
from models.texts import title_of

SEEN, ABSENT = "seen", "absent"
"""What a read-back tells of itself, so that its next try knows: LinkedIn had the job, or knew none the last time."""


class LinkedInActivities:
    """What a lifecycle does at LinkedIn."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="linkedin_close")
    async def close(self, call: LinkedInClose) -> LinkedInSubmitted:
        """Submit CLOSE with the whole posting, unless LinkedIn already shows the job closed.

        LinkedIn is read first, so that a repeat, or a try after a lost answer, writes nothing twice. A write that lists
        the job is awaited for a while, so that a close is carried out last. One that waits to be sent is
        taken back where the job is wanted posted again.
        """
        with reported():
            return await with_heartbeats(self._close(call))

    async def _close(self, call: LinkedInClose) -> LinkedInSubmitted:
        client, settings = self._providers.linkedin(call.customer_id)
        external_id = _external_id(settings, call)
        pending = await before_the_close(client, call.earlier, call.settle, call.backoff)
        before = await client.status(external_id)
        read = listing_evidence(external_id, before)
        seen = before is not None
        if before is not None and plainly_closed(before) and not call.earlier:
            return LinkedInSubmitted(seen=seen, listed_at=before.listed_at, evidence=(read,), **shown(before))
        posting = await closing_posting(self._providers, call, external_id, before)
        built = element(posting, Operation.CLOSE)
        answer = await to_its_end(submit(client, built, external_id, customer_id=call.customer_id))
        return answer.model_copy(
            update={
                "listed": before is not None and before.listing is Listing.LISTED,
                "listed_at": before.listed_at if before is not None else None,
                "seen": seen,
                "pending": pending,
                **shown(before),
                "title": title_of(posting.title, TITLE_LIMIT),
                "evidence": (read, *answer.evidence),
            }
        )

    @activity.defn(name="linkedin_confirm_closed")
    async def confirm_closed(self, call: LinkedInConfirm) -> LinkedInClosed:
        """Read task and listing; succeed once LinkedIn shows the job as not listed, whatever became of the task.

        The outcome is None where the close is to be sent again: LinkedIn failed at it, an earlier write that was under
        way when it was sent may have been carried out after it, or none was sent and the job is only withheld by now.
        """
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            task, evidence = await self._end_of(client, call)
            if call.earlier:
                return LinkedInClosed(evidence=evidence)
            status = await client.status(external_id)
            evidence = (*evidence, listing_evidence(external_id, status))
            noted = [each for each in (SEEN, ABSENT) if each in activity.info().heartbeat_details]
            if status is None and ABSENT not in noted:
                activity.heartbeat(*noted, ABSENT)
                raise not_yet(not_known(), call.backoff)
            if status is None:
                return LinkedInClosed(outcome=Outcome.GONE if SEEN in noted else Outcome.NOT_FOUND, evidence=evidence)
            if status.listing is Listing.NOT_LISTED:
                # Where no close was sent, as it was closed already, it may have come back and only be withheld by now.
                closed = call.task_id is not None or call.conflict or plainly_closed(status)
                return LinkedInClosed(outcome=Outcome.CLOSED if closed else None, evidence=evidence, **shown(status))
            activity.heartbeat(SEEN)
            problem = close_problem(task)
            if problem is None:
                raise not_yet(still_listed(status, conflict=call.conflict), call.backoff)
            if problem.category is Category.FED_FROM_ELSEWHERE and task_is(task, TaskState.PROCESSED):
                raise not_yet(problem.model_copy(update={"shown": True}), call.backoff)
            if problem.retried:
                return LinkedInClosed(problem=problem, evidence=evidence)
            raise failure(problem.model_copy(update={"shown": True}))

    @activity.defn(name="linkedin_look")
    async def look(self, call: LinkedInLook) -> LinkedInSeen:
        """Read whether a job that was off LinkedIn is listed again: LIVE, CLOSED or NOT_FOUND."""
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            status = await client.status(external_id)
            if status is None:
                return _seen(external_id, status, outcome=Outcome.NOT_FOUND)
            if status.listing is Listing.NOT_LISTED:
                return _seen(external_id, status, outcome=Outcome.CLOSED)
            if status.listing is Listing.LISTED:
                return _seen(external_id, status, outcome=Outcome.LIVE)
            raise not_yet(still_listed(status, conflict=False), call.backoff)

    async def _end_of(
        self, client: LinkedInClient, call: LinkedInConfirm
    ) -> tuple[TaskStatus | None, tuple[Evidence, ...]]:
        """Return how the task of a close has ended, once nothing of ours is under way.

        Raises ApplicationError to read again.
        """
        await until_done(client, call.earlier, call.settle, call.backoff, Category.STILL_SHOWN)
        if call.task_id is None:
            return None, ()
        task = await client.task(call.task_id)
        problem = close_problem(task)
        if problem is not None and unfinished(task):
            raise not_yet(problem, call.backoff)
        return task, (task_evidence(call.task_id, task),)

    @activity.defn(name="linkedin_watch")
    async def watch(self, call: LinkedInWatch) -> LinkedInSeen:
        """Read how a job that the ATS wants posted stands, and say what is to be done about it.

        Where a person is asked already, LinkedIn is read on until it says something else.
        """
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            await until_shown(client, call.earlier, call.settle, call.backoff, Category.NOT_TAKEN)
            status = await client.status(external_id)
            creates = settings.on_post == "create"
            operation = next_operation(status, call, creates=creates, now=_now())
            if operation is not None:
                return _seen(external_id, status, operation=operation)
            if status is not None and status.listing is Listing.LISTED:
                problem = would_be_lost(status, call, creates=creates)
                if problem is not None and call.asked == problem.words:
                    raise not_yet(problem, call.backoff)
                return _seen(external_id, status, not_sent_again(status, call), outcome=Outcome.LIVE, problem=problem)
            if not (call.created or call.seen_listed or call.taken_down):
                if creates:
                    raise not_yet(not_shown_yet(status), call.backoff)
                return _seen(external_id, status)
            if status is not None and status.listing is not Listing.NOT_LISTED:
                raise not_yet(not_shown_yet(status), call.backoff)
            problem = gone(status, taken_down=call.taken_down, creates=creates)
            if call.asked == problem.words:
                raise not_yet(problem, call.backoff)
            return _seen(external_id, status, problem=problem)

    @activity.defn(name="linkedin_post")
    async def post(self, call: LinkedInPost) -> LinkedInSubmitted:
        """Submit what LinkedIn, read first, gives reason to: CREATE, UPDATE, RENEW or nothing.

        A try that LinkedIn did not answer may have been taken, though LinkedIn may show it only minutes later: until
        then it is read and nothing is sent again.
        """
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            before = await client.status(external_id)
            read = listing_evidence(external_id, before)
            operation = next_operation(before, call, creates=settings.on_post == "create", now=_now())
            tried, tried_at = earlier_try()
            if operation is None and before is not None and not before.is_certain:
                # What LinkedIn has not said yet, or said in words that nobody knows, is no reason to send nothing.
                raise not_yet(not_shown_yet(before), call.backoff)
            if operation is None:
                return LinkedInSubmitted(operation=tried, seen=before is not None, evidence=(read,))
            in_doubt = tried is operation and _now() < tried_at + call.settle
            if in_doubt and operation is not Operation.UPDATE:
                raise not_yet(unanswered(operation), call.backoff)
            posting = await posting_to_send(self._providers, call, external_id, before, operation)
            if posting is None and call.resync:
                return LinkedInSubmitted(seen=True, evidence=(read, skipped(NO_WORKPLACE)))
            if posting is None:
                raise ProviderError(WORKPLACE_UNKNOWN, provider=PROVIDER, operation="submit")
            built = element(posting, operation)
            told = (operation.value, _now().isoformat())
            activity.heartbeat(*told)
            writing = to_its_end(submit(client, built, external_id, customer_id=call.customer_id))
            try:
                answer = await with_heartbeats(writing, *told)
            except ProviderError as error:
                if error.problem.category not in IN_DOUBT:
                    activity.heartbeat()
                raise
            return answer.model_copy(
                update={
                    "location": posting.location,
                    "moved_from": moved_from(before, last=call.sent_location, now=posting.location),
                    "seen": before is not None,
                    "title": title_of(posting.title, TITLE_LIMIT),
                    "evidence": (read, *answer.evidence),
                }
            )

    @activity.defn(name="linkedin_confirm_posted")
    async def confirm_posted(self, call: LinkedInConfirmPosted) -> LinkedInSeen:
        """Read task and listing; succeed once LinkedIn lists the job, and shows of an edit what it can show."""
        with reported():
            client, settings = self._providers.linkedin(call.customer_id)
            external_id = _external_id(settings, call)
            task, evidence, problem = None, [], None
            if call.task_id is not None:
                task = await client.task(call.task_id)
                evidence.append(task_evidence(call.task_id, task))
                problem = post_problem(task)
                if problem is not None and problem.retried:
                    raise not_yet(problem, call.backoff)
            status = await client.status(external_id)
            listed = status is not None and status.listing is Listing.LISTED
            # A job that is listed is listed, whatever became of the task; an edit is another matter.
            if problem is not None and not (listed and call.operation is not Operation.UPDATE):
                raise failure(problem)
            if status is None or status.listing is not Listing.LISTED or expiry_passed(status, _now()):
                return _seen(external_id, status, evidence, problem=_not_listed(status, call))
            if same_place(status.location, call.moved_from):
                raise not_yet(not_shown_yet(status, location=call.location), call.backoff)
            proven = call.operation is Operation.UPDATE and _succeeded(task)
            evidence.append(_proof(status, call, proven=proven))
            return _seen(external_id, status, evidence, outcome=Outcome.UPDATED if proven else Outcome.LIVE)


def _not_listed(status: PostingStatus | None, call: LinkedInConfirmPosted) -> Problem:
    """Return why a job that was sent is not listed.

    Raises ApplicationError to read again, where that may be a matter of time or a person is asked already.
    """
    if status is None or status.listing is not Listing.NOT_LISTED or status.detail is None:
        raise not_yet(not_shown_yet(status), call.backoff)
    problem = gone(status, taken_down=False, creates=True)
    if call.asked == problem.words:
        raise not_yet(problem, call.backoff)
    return problem


def _succeeded(task: TaskStatus | None) -> bool:
    return task is not None and task.state is TaskState.SUCCEEDED


def _proof(status: PostingStatus, call: LinkedInConfirmPosted, *, proven: bool) -> Evidence:
    """Say exactly what was proven: LinkedIn shows neither title nor description back."""
    location = f"the location is shown as {status.location}" if status.location else "no location is shown"
    if same_place(status.location, call.location):
        location = "the location is the one sent"
    if call.operation is not Operation.UPDATE:
        answered = f"the job is listed; {location}"
    elif proven:
        answered = (
            f"the task succeeded, the job is listed, {location}; LinkedIn shows no title and description to compare"
        )
    else:
        answered = f"the job is listed, {location}; whether the edit was taken is not known any more"
    return Evidence(at=_now(), asked="What is proven", answered=answered)


def _seen(
    external_id: str,
    status: PostingStatus | None,
    evidence: Sequence[Evidence] = (),
    *,
    outcome: Outcome | None = None,
    operation: Operation | None = None,
    problem: Problem | None = None,
) -> LinkedInSeen:
    return LinkedInSeen(
        outcome=outcome,
        operation=operation,
        problem=problem,
        seen=status is not None,
        evidence=(*evidence, listing_evidence(external_id, status)),
        **shown(status),
    )


def _external_id(
    settings: CustomerLinkedIn,
    call: LinkedInClose | LinkedInConfirm | LinkedInLook | LinkedInWatch | LinkedInPost | LinkedInConfirmPosted,
) -> str:
    return fill(settings.external_job_posting_id, customer_id=call.customer_id, job_id=call.job_id)


def _now() -> datetime:
    return datetime.now(UTC)
