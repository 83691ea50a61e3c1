"""When a lifecycle changes what it can be found by: as seldom as possible, and never too late for who searches."""

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from models.boards import Attention, Boards, IndeedPosting, IndeedRecord, LinkedInRecord
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import BoardState, Intent, JobStatus, Phase
from models.temporal import SEARCH_ATTRIBUTES, search_attributes
from workflows.lifecycle.search_attributes import search_attribute_updates

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
IRI = "iri-1"
ASKED = Attention(since=AT, category=Category.OUT_OF_SLOTS, reason="No slot.", remedy="Buy one, then send `retry`.")


def lifecycle(
    phase: Phase, linkedin: BoardState, indeed: BoardState, *, asks: bool = False, found: bool = True
) -> Lifecycle:
    return Lifecycle(
        customer_id="1234",
        job_id="1209",
        intent=Intent.UNPOSTED if phase in {Phase.CLOSING, Phase.CLOSED} else Intent.POSTED,
        phase=phase,
        boards=Boards(
            linkedin=LinkedInRecord(since=AT, state=linkedin, asked_at=AT, attention=ASKED if asks else None),
            indeed=IndeedRecord(
                since=AT, state=indeed, asked_at=AT, postings=(IndeedPosting(id=IRI),) if found else ()
            ),
        ),
    )


class Shown:
    """What visibility shows, as Temporal keeps it."""

    def __init__(self, begun: Lifecycle, known: tuple[str, ...] | None = None) -> None:
        states = [(board, track.state) for board, track in begun.boards.used]
        first = search_attributes(begun.customer_id, begun.job_id, begun.phase, states, AT)
        self.pairs = {pair.key.name: pair for pair in first if known is None or pair.key.name in known}
        self.known, self.upserts = known, 0

    def see(self, now: Lifecycle) -> dict[str, Any]:
        shown = TypedSearchAttributes(list(self.pairs.values()))
        updates = search_attribute_updates(now, shown, self.known)
        self.upserts += bool(updates)
        for each in updates:
            if each.value is None:
                del self.pairs[each.key.name]
            else:
                self.pairs[each.key.name] = SearchAttributePair(each.key, each.value)
        return {name: pair.value for name, pair in self.pairs.items()}


WORKING, CONFIRMING, SETTLED = BoardState.WORKING, BoardState.CONFIRMING, BoardState.SETTLED
CLOSING = lifecycle(Phase.CLOSING, WORKING, WORKING, found=False)


def test_a_close_is_one_upsert_and_all_is_told_at_its_end() -> None:
    shown = Shown(CLOSING)
    for linkedin, indeed in [(WORKING, WORKING), (CONFIRMING, WORKING), (CONFIRMING, SETTLED)]:
        shown.see(lifecycle(Phase.CLOSING, linkedin, indeed))
    assert shown.upserts == 0
    assert shown.see(lifecycle(Phase.CLOSED, SETTLED, SETTLED)) == {
        "CustomerId": "1234",
        "JobId": "1209",
        "Phase": "closed",
        "LinkedInState": "settled",
        "IndeedState": "settled",
        "IndeedJobId": IRI,
    }
    assert shown.upserts == 1


def test_what_needs_a_person_is_told_at_once_and_taken_back_at_once() -> None:
    shown = Shown(CLOSING)
    seen = shown.see(lifecycle(Phase.ATTENTION, BoardState.ATTENTION, CONFIRMING, asks=True))
    assert (seen["Phase"], seen["Attention"], seen["LinkedInState"]) == ("attention", "out_of_slots", "attention")
    assert (seen["IndeedState"], seen["UnsettledSince"]) == ("confirming", AT)
    seen = shown.see(lifecycle(Phase.ATTENTION, BoardState.ATTENTION, SETTLED, asks=True))
    assert seen["IndeedState"] == "settled"
    seen = shown.see(lifecycle(Phase.CLOSING, WORKING, SETTLED))
    assert (seen["Phase"], "Attention" in seen) == ("closing", False)
    assert shown.upserts == 3


def test_a_board_that_settles_while_the_job_is_open_is_told_and_one_that_moves_on_is_not() -> None:
    shown = Shown(lifecycle(Phase.OPEN, BoardState.IDLE, SETTLED))
    assert shown.see(lifecycle(Phase.OPEN, SETTLED, SETTLED))["LinkedInState"] == "settled"
    shown.see(lifecycle(Phase.UPDATING, WORKING, SETTLED))
    before = shown.upserts
    shown.see(lifecycle(Phase.UPDATING, CONFIRMING, SETTLED))
    assert shown.upserts == before == 2


def test_since_when_a_job_waits_is_unset_once_it_does_not() -> None:
    shown = Shown(lifecycle(Phase.UPDATING, WORKING, WORKING))
    later = lifecycle(Phase.ATTENTION, BoardState.ATTENTION, SETTLED, asks=True)
    linkedin = later.boards.linkedin
    assert linkedin is not None
    older = linkedin.model_copy(update={"asked_at": AT - timedelta(hours=1)})
    assert (
        shown.see(later.model_copy(update={"boards": later.boards.model_copy(update={"linkedin": older})}))[
            "UnsettledSince"
        ]
        == older.asked_at
    )
    assert "UnsettledSince" not in shown.see(lifecycle(Phase.OPEN, SETTLED, SETTLED))


def test_what_the_namespace_lacks_is_never_written_and_causes_no_write() -> None:
    names = [key.name for key in SEARCH_ATTRIBUTES]
    for lacking in ({"Phase"}, {"Attention"}, {"LinkedInState", "IndeedState"}, set(names)):
        shown = Shown(CLOSING, tuple(name for name in names if name not in lacking))
        for now in (
            lifecycle(Phase.ATTENTION, BoardState.ATTENTION, SETTLED, asks=True),
            lifecycle(Phase.CLOSED, SETTLED, SETTLED),
        ):
            seen = shown.see(now)
            assert not lacking & set(seen)
            before = shown.upserts
            assert shown.see(now) == seen
            assert shown.upserts == before


def test_a_posted_job_that_nobody_finds_is_told_at_rest_and_taken_back_with_the_close() -> None:
    def stands(hidden: JobStatus | None, phase: Phase = Phase.OPEN, intent: Intent = Intent.POSTED) -> Lifecycle:
        now = lifecycle(phase, SETTLED, SETTLED)
        assert now.boards.indeed is not None
        indeed = now.boards.indeed.model_copy(update={"hidden": hidden})
        return now.model_copy(update={"intent": intent, "boards": now.boards.model_copy(update={"indeed": indeed})})

    shown = Shown(stands(None))
    assert "IndeedHidden" not in shown.see(stands(None))
    assert shown.see(stands(JobStatus.NOWHERE))["IndeedHidden"] == "nowhere"
    before = shown.upserts
    shown.see(stands(JobStatus.NOWHERE))
    assert shown.upserts == before
    assert "IndeedHidden" not in shown.see(stands(JobStatus.NOWHERE, Phase.CLOSING, Intent.UNPOSTED))
