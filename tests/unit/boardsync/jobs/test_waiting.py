"""When a wait for a job is over."""

from datetime import UTC, datetime

from boardsync.jobs.dossier import Step
from boardsync.jobs.waiting import JobState, judge
from models.boards import Attention, Boards, LinkedInRecord
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Outcome, Phase

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def lifecycle(phase: Phase, *, retrying: bool | None = None) -> Lifecycle:
    asked = retrying is not None and Attention(
        reason="Still listed.", category=Category.STILL_SHOWN, remedy="Close it.", since=NOW, retrying=retrying
    )
    track = LinkedInRecord(since=NOW, outcome=Outcome.CLOSED, attention=asked or None)
    return Lifecycle(customer_id="1", job_id="2", phase=phase, boards=Boards(linkedin=track))


TRIED = Step(what="Read", attempt=2, last_answer="still listed")


def test_a_job_stands_once_it_is_settled_or_nothing_more_can_be_said() -> None:
    assert judge(lifecycle(Phase.CLOSING), []) is None
    assert judge(lifecycle(Phase.UPDATING), [TRIED]) is None
    settled = judge(lifecycle(Phase.OPEN), [TRIED])
    assert settled is not None
    assert (settled.settled, settled.said) == (True, "Closed on LinkedIn: it no longer lists the job.")
    asks = judge(lifecycle(Phase.ATTENTION, retrying=False), [TRIED.model_copy(update={"last_answer": None})])
    assert asks == JobState(phase=Phase.ATTENTION, settled=False, said="LinkedIn: Still listed. Close it.")


def test_attention_that_is_being_looked_into_counts_once_each_call_was_tried_anew() -> None:
    retrying = lifecycle(Phase.ATTENTION, retrying=True)
    assert judge(retrying, [TRIED, TRIED.model_copy(update={"last_answer": None, "attempt": 1})]) is None
    assert judge(retrying, [TRIED.model_copy(update={"called_off": True})]) is None
    assert judge(retrying, [TRIED]) is not None
    assert judge(retrying, []) is not None
