"""Compare a whole customer without any event, and mend what may be mended through the lifecycles' own signals."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy, VersioningBehavior

from models.sweeps import (
    ActOn,
    Adopt,
    Adopted,
    Adopting,
    AskTerms,
    Compare,
    Compared,
    Finding,
    ReadWanted,
    Reconciled,
    ReconcileInput,
    Terms,
    ToAct,
    Wanted,
)
from models.temporal import PROGRESS, RECONCILE, Queue, Urgency
from workflows.inputs import read
from workflows.sweeps.details import details

with workflow.unsafe.imports_passed_through():
    from activities.sweeps.reconcile import ReconcileActivities

CALL_TIMEOUT = timedelta(minutes=2)
READ_TIMEOUT = timedelta(hours=1)
"""For 20,000 jobs: 400 reads at LinkedIn and 200 pages at Indeed, behind those of the lifecycles."""
HEARTBEAT = timedelta(seconds=30)
RETRIES = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=15))
WITHIN = timedelta(hours=26)
"""How long a step is tried on: iCIMS's quota of the next day must be seen."""
AT_ONCE = 100
LOOK_AFTER = timedelta(seconds=10)
"""Until there may be room for further jobs; visibility lags behind by a few seconds."""
EXAMPLE = '{"customer_id": "1234"}'
NOBODY = ReconcileInput(customer_id="0")
BY_HAND = (Finding.MISSED_UNPOST, Finding.LIVE_AGAIN)


@workflow.defn(name=RECONCILE, versioning_behavior=VersioningBehavior.PINNED)
class Reconcile:
    """Ask iCIMS what it posts, the boards what they show, the lifecycles what they want; report, or act."""

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Begin, or take up the taking over of jobs where an earlier run has left it."""
        self._asked, self._unreadable = read(ReconcileInput, given, example=EXAMPLE, instead=NOBODY)
        asked = self._asked
        self._result = (
            asked.state.so_far
            if asked.state is not None
            else Reconciled(customer_id=asked.customer_id, dry_run=asked.dry_run)
        )

    @workflow.query(name=PROGRESS, description="How far it has come, and what was found so far")
    def progress(self) -> Reconciled:
        """Return how far it has come."""
        return self._result

    @workflow.run
    async def run(self, *_: Any) -> Reconciled:
        """Work to the end; a run that takes many jobs over continues as new."""
        if self._unreadable is not None:
            raise self._unreadable
        asked = self._asked
        if asked.state is not None:
            return await self._adopt(asked.state)
        terms: Terms = await self._call(
            ReconcileActivities.terms, AskTerms(customer_id=asked.customer_id), "What does it cost in calls?"
        )
        self._update(terms=terms, customer_name=terms.customer_name, stage="done" if asked.dry_run else "reading iCIMS")
        if asked.dry_run:
            return self._result
        wanted: Wanted = await self._call(
            ReconcileActivities.wanted,
            ReadWanted(customer_id=asked.customer_id),
            "Which jobs does iCIMS post?",
            long=True,
        )
        self._update(posted=len(wanted.job_ids), asked=wanted.asked, stage="reading the boards")
        compared = await self._compare(wanted, terms)
        await self._act(compared)
        if asked.adopt and compared.unknown:
            self._update(to_adopt=len(compared.unknown), stage="taking jobs over")
            return await self._adopt(
                Adopting(
                    so_far=self._result,
                    waiting=compared.unknown,
                    wanted_at=compared.wanted_at,
                    day=workflow.now().date(),
                )
            )
        self._update(stage="done")
        return self._result

    async def _compare(self, wanted: Wanted, terms: Terms) -> Compared:
        compared: Compared = await self._call(
            ReconcileActivities.compare,
            Compare(
                customer_id=self._asked.customer_id,
                run_id=workflow.info().run_id,
                wanted=wanted,
                acts_on=BY_HAND if self._asked.act else terms.acts_on,
                unlimited=self._asked.act,
            ),
            "What do the boards show, and what do the lifecycles want?",
            long=True,
        )
        self._update(
            lifecycles=compared.lifecycles,
            counts=compared.counts,
            rows=compared.rows,
            to_act=len(compared.to_act),
            held_back=compared.held_back,
            notes=compared.notes,
            spent=compared.cost.model_copy(update={"icims": compared.cost.icims + wanted.calls}),
        )
        return compared

    async def _act(self, compared: Compared) -> None:
        if not compared.to_act:
            return
        self._update(stage="telling lifecycles")
        for at in range(0, len(compared.to_act), AT_ONCE):
            part = compared.to_act[at : at + AT_ONCE]
            await self._call(
                ReconcileActivities.act,
                ActOn(
                    customer_id=self._asked.customer_id,
                    run_id=workflow.info().run_id,
                    jobs=part,
                    wanted_at=compared.wanted_at,
                ),
                f"Tell {len(part)} lifecycles what was found",
            )
            self._update(acted=self._result.acted + len(part))
        acted = set(compared.to_act)
        rows = (
            row.model_copy(update={"acted": ToAct(finding=row.finding, job_id=row.job_id, board=row.board) in acted})
            for row in self._result.rows
        )
        self._update(rows=tuple(rows))

    async def _adopt(self, state: Adopting) -> Reconciled:
        """Take jobs over, a few at a time; those that are left over by a day's quota wait for the next day."""
        waiting, day, today = state.waiting, state.day, state.begun_today
        a_day = None if self._result.terms is None else self._result.terms.adopted_a_day
        while waiting:
            now = workflow.now()
            if now.date() != day:
                day, today = now.date(), 0
            room = AT_ONCE if a_day is None else min(AT_ONCE, a_day - today)
            if room <= 0:
                midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
                await workflow.sleep(midnight - now, summary="Until iCIMS's quota begins anew")
                continue
            begun: Adopted = await self._call(
                ReconcileActivities.adopt,
                Adopt(customer_id=self._asked.customer_id, job_ids=waiting[:room], wanted_at=state.wanted_at),
                f"Begin up to {min(room, len(waiting))} lifecycles",
            )
            waiting, today = waiting[begun.begun :], today + begun.begun
            self._update(adopted=self._result.adopted + begun.begun)
            if workflow.info().is_continue_as_new_suggested():
                self._continue(state.model_copy(update={"waiting": waiting, "day": day, "begun_today": today}))
            if waiting:
                await workflow.sleep(LOOK_AFTER, summary="Until there is room for further jobs")
        self._update(stage="done")
        return self._result

    def _continue(self, state: Adopting) -> None:
        left = state.model_copy(update={"so_far": self._result})
        workflow.continue_as_new(self._asked.model_copy(update={"state": left}))

    async def _call(self, method: Any, call: Any, summary: str, *, long: bool = False) -> Any:
        return await workflow.execute_activity_method(
            method,
            call,
            task_queue=Queue.OPERATIONS.value,
            summary=summary,
            start_to_close_timeout=READ_TIMEOUT if long else CALL_TIMEOUT,
            schedule_to_close_timeout=WITHIN,
            heartbeat_timeout=HEARTBEAT if long else None,
            retry_policy=RETRIES,
            priority=Priority(priority_key=Urgency.CHECK),
        )

    def _update(self, **fields: Any) -> None:
        self._result = self._result.model_copy(update=fields)
        workflow.set_current_details(details(self._result))
