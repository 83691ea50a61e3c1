"""How a limit is shared out among processes: by what each wants, and never more than all of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pace import Lease, Reserve
from workflows.pace import leases as shares
from workflows.pace.leases import fair_share

EPOCH = datetime(2026, 11, 24, tzinfo=UTC)


DEMAND = st.tuples(st.integers(1, 30), st.integers(1, 30))


@given(DEMAND, st.lists(DEMAND, max_size=6), st.integers(1, 20))
def test_a_fair_share_follows_the_work_and_takes_what_others_leave(
    asked: tuple[int, int], others: list[tuple[int, int]], limit: int
) -> None:
    share = fair_share(asked, others, limit)
    wanted, callers = asked
    assert 1 <= share <= wanted
    assert share >= min(wanted, limit * callers // (callers + sum(each for _, each in others)))
    if wanted + sum(each for each, _ in others) <= limit:
        assert share == wanted


def test_who_wants_nothing_takes_nothing_from_the_others() -> None:
    assert fair_share((0, 0), [(20, 6)], 20) == 0
    assert fair_share((20, 6), [(0, 0)], 20) == 20
    assert fair_share((20, 3), [(20, 9)], 20) == 5


def lease(holder: str, count: int, *, seconds: float, number: int = 1) -> Lease:
    return Lease(
        holder=holder, number=number, count=count, wanted=count, callers=6, until=EPOCH + timedelta(seconds=seconds)
    )


def test_an_ask_that_arrives_after_a_later_one_changes_nothing() -> None:
    leases = (lease("a", 20, seconds=4, number=7),)
    late = Reserve(holder="a", number=6, wanted=1, callers=6, using=1, per_second=20)
    kept, share = shares.reserve(leases, late, EPOCH)
    assert (kept, share.count) == (leases, 0)


def test_a_share_that_is_cut_is_its_holders_until_it_must_have_learnt_of_it() -> None:
    hungry = lease("b", 0, seconds=5).model_copy(update={"wanted": 20})
    leases = (lease("a", 20, seconds=4), hungry)
    less = Reserve(holder="a", number=2, wanted=15, callers=6, using=15, per_second=20)
    kept, share = shares.reserve(leases, less, EPOCH)
    assert share.count == 10
    other = Reserve(holder="b", number=2, wanted=20, callers=6, using=0, per_second=20)
    seen = [shares.reserve(kept, other, EPOCH + timedelta(seconds=at))[1].count for at in (0, 1.6, 5.4)]
    assert seen == [0, 5, 5]
    told = Reserve(holder="a", number=3, wanted=20, callers=6, using=10, per_second=20)
    kept, _ = shares.reserve(kept, told, EPOCH + timedelta(seconds=1))
    seen = [shares.reserve(kept, other, EPOCH + timedelta(seconds=at))[1].count for at in (1, 2.6)]
    assert seen == [0, 10]


@pytest.mark.parametrize(("has", "others", "left"), [(12, 8, 12), (13, 7, 10), (12, 0, 10), (8, 8, 10)])
def test_a_share_moves_only_where_that_is_worth_it(has: int, others: int, left: int) -> None:
    hungry = lease("b", others, seconds=4).model_copy(update={"wanted": 20})
    ask = Reserve(holder="a", number=2, wanted=20, callers=6, using=has, per_second=20)
    _, share = shares.reserve((lease("a", has, seconds=4), hungry), ask, EPOCH)
    assert share.count == left


def test_what_others_hold_is_theirs_until_their_last_call_counts_no_more() -> None:
    leases = (lease("a", 15, seconds=4),)
    ask = Reserve(holder="b", number=1, wanted=20, callers=6, using=0, per_second=20)
    kept, share = shares.reserve(leases, ask, EPOCH)
    assert (share.count, share.ask_again_after) == (5, 1.0)
    assert shares.reserve(kept, ask, EPOCH + timedelta(seconds=5.6))[1].count == 20


@pytest.mark.parametrize(("limit", "count"), [(20, 15), (5, 3), (2, 1), (1, 1)])
def test_who_calls_alone_has_much_at_once_and_leaves_the_next_one_some(limit: int, count: int) -> None:
    ask = Reserve(holder="a", number=1, wanted=1, using=0, per_second=limit)
    kept, share = shares.reserve((), ask, EPOCH)
    assert share.count == count
    second = ask.model_copy(update={"holder": "b"})
    kept, share = shares.reserve(kept, second, EPOCH + timedelta(seconds=1))
    assert share.count == min(1, limit - count)
    # From then on each has what is fair, as soon as the first one asks again.
    third = ask.model_copy(update={"number": 2, "wanted": limit, "using": count})
    assert shares.reserve(kept, third, EPOCH + timedelta(seconds=2))[1].count <= max(1, limit - 1)


def test_who_has_given_all_back_keeps_nobody_from_being_alone() -> None:
    kept, _ = shares.reserve((), Reserve(holder="a", number=1, wanted=0, using=0, per_second=20), EPOCH)
    ask = Reserve(holder="b", number=1, wanted=1, using=0, per_second=20)
    assert shares.reserve(kept, ask, EPOCH)[1].count == 15


@pytest.mark.parametrize(("wanted", "renewed", "seconds"), [(1, False, 10), (20, False, 1.5), (20, True, 4)])
def test_a_share_that_leaves_others_none_is_held_for_a_short_time(wanted: int, renewed: bool, seconds: float) -> None:
    ask = Reserve(holder="a", number=1, wanted=wanted, using=0, per_second=20)
    kept, share = shares.reserve((), ask, EPOCH)
    if renewed:
        again = ask.model_copy(update={"number": 2, "using": share.count})
        _, share = shares.reserve(kept, again, EPOCH + timedelta(seconds=1))
    assert share.valid_for == seconds


@pytest.mark.parametrize("limit", [20, 3, 1, 0])
def test_a_holder_of_more_than_a_smaller_limit_allows_is_given_no_more_than_that(limit: int) -> None:
    ask = Reserve(holder="one", number=1, wanted=33, callers=33, using=33, per_second=33)
    held, _ = shares.reserve((), ask, EPOCH)
    less = ask.model_copy(update={"number": 2, "wanted": 33, "using": limit + limit // 10, "per_second": limit})
    held, answer = shares.reserve(held, less, EPOCH + timedelta(seconds=1))
    assert answer.count <= limit
