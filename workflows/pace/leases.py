"""Who may use how much of a limit, and until when: leases that never add up to more than the limit."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from models.pace import Lease, Reserve, Reserved

FIRST = timedelta(seconds=1.5)
"""A first lease of much: an isolated call needs no more, and keeps the others waiting no longer."""
RENEWED = timedelta(seconds=4)
"""The lease of who goes on calling: longer than it takes Temporal to move this workflow off a worker that has died,
and no longer than needed, as the dead keep their share for so long."""
ALONE = timedelta(seconds=10)
"""The lease of who calls alone, if it leaves some of the limit: whoever comes next has that at once."""
AFTERWARDS = timedelta(seconds=1.5)
"""A call sent as the lease ends may arrive half a second later, and then counts for one second."""
SOON, LATER = timedelta(milliseconds=50), timedelta(seconds=1)
"""The least and the most that who could have more is told to wait: others may give up theirs at any time."""
LITTLE = 4
"""A fourth of the limit is enough for the first calls of who comes next: who calls alone has the rest at once."""
HYSTERESIS = 10
"""A share that is a tenth of the limit above the fair one is left as it is."""

Demand = tuple[int, int]
"""How much is wanted, and by how many who call side by side."""


def reserve(leases: Sequence[Lease], ask: Reserve, now: datetime) -> tuple[tuple[Lease, ...], Reserved]:
    """Return a holder its share of what others do not hold, and the leases with it.

    What a holder no longer uses is free as soon as its last call counts no more. What it has to leave to others stays
    its own until it says that it knows, by its next ask, or until the lease ends that it had.
    """
    alive = [each for each in leases if each.until + AFTERWARDS > now]
    others = [each for each in alive if each.holder != ask.holder]
    mine = [each for each in alive if each.holder == ask.holder]
    if any(each.number > ask.number for each in mine):
        return tuple(alive), Reserved(count=0, valid_for=0, ask_again_after=0)
    held = {each.holder: max(other.count for other in others if other.holder == each.holder) for each in others}
    demands = {each.holder: (each.wanted, each.callers) for each in others}
    fair = fair_share((ask.wanted, ask.callers), demands.values(), ask.per_second)
    if all(held[holder] or not wanted for holder, (wanted, _) in demands.items()):
        fair = _unless_near(mine, ask, fair)
    alone = not any(wanted for wanted, _ in demands.values())
    if alone and ask.wanted:
        fair = max(fair, _without_a_little(ask.per_second))
    count = min(fair, max(0, ask.per_second - sum(held.values())))
    goes_on = any(each.until > now for each in mine)
    length = _length(count, ask.per_second, alone=alone, goes_on=goes_on) + timedelta(seconds=ask.answer_takes)
    if count >= ask.wanted:
        again = timedelta(0)
    elif count >= fair:
        again = LATER
    else:
        free_at = min((each.until for each in others if each.count), default=now) + AFTERWARDS
        again = min(max(free_at - now, SOON), LATER)
    kept = [part for each in mine if each.count > count for part in _kept(each, ask.using, now)]
    lease = Lease(
        holder=ask.holder, number=ask.number, count=count, wanted=ask.wanted, callers=ask.callers, until=now + length
    )
    answer = Reserved(count=count, valid_for=length.total_seconds(), ask_again_after=again.total_seconds())
    return (*others, *kept, lease), answer


def _length(count: int, limit: int, *, alone: bool, goes_on: bool) -> timedelta:
    """Return for how long a share is leased: the longer, the less anybody else misses it."""
    if count > _without_a_little(limit):
        return RENEWED if goes_on else FIRST
    return ALONE if alone and count else RENEWED


def _without_a_little(limit: int) -> int:
    return limit - -(-limit // LITTLE)


def _unless_near(mine: Sequence[Lease], ask: Reserve, fair: int) -> int:
    """Leave a holder what it has where that is hardly more than fair: what moves is of use to nobody meanwhile."""
    has = max(mine, key=lambda each: each.number).count if mine else 0
    return has if fair < has <= min(ask.using, fair + ask.per_second // HYSTERESIS) else fair


def _kept(lease: Lease, using: int, now: datetime) -> list[Lease]:
    """Return what a holder keeps of an earlier lease until it learns of the new one."""
    if lease.count <= using:
        return [lease]
    over = lease.model_copy(update={"until": min(lease.until, now)})
    return [over, lease.model_copy(update={"count": using})]


def fair_share(asked: Demand, others: Iterable[Demand], limit: int) -> int:
    """Return what one may have beside the others: by how many call, and what others want less is shared out too."""
    (wanted, callers), left = asked, limit
    rest = sorted(others, key=_per_caller)
    weight = callers + sum(theirs for _, theirs in rest)
    for theirs, calling in rest:
        if _per_caller((theirs, calling)) >= _per_caller(asked):
            break
        left -= min(theirs, left * calling // max(1, weight))
        weight -= calling
    return min(wanted, max(1, -(-left * callers // max(1, weight))))


def _per_caller(demand: Demand) -> float:
    return demand[0] / max(1, demand[1])
