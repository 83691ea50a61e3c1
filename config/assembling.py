"""Put the settings together from parts of which some may be broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.customers import Customer
from config.loading import ConfigurationError, validated
from config.settings import RUNNING, Settings

Before = tuple[Settings, dict[str, Any], Mapping[str, tuple[str, ...]]]
"""The settings that were good last, their main part, and which customers each file was of."""
Broken = tuple[str, str, tuple[str, ...]]
"""A part's place, what is wrong with it, and the customers that it seems to be of."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is broken; what it says holds no secret."""

    place: str
    """The file, or the customer's place in it."""
    message: str
    customer_ids: tuple[str, ...] = ()
    """Whom it concerns, so far as that can be seen."""
    kept: bool = False
    """The last good version goes on; else the customer is left out."""


@dataclass(slots=True)
class Customers:
    """Each customer that was read, and each part that could not be."""

    good: list[tuple[str, Customer]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    hidden: bool = False
    """Customers may be where nothing could be read: that one is missing does not mean that it was removed."""

    def add(self, place: str, customer: Customer) -> None:
        """Add what a part says."""
        self.good.append((place, customer))

    def fail(self, place: str, message: str, ids: tuple[str, ...]) -> None:
        """Add a part that is broken, and the customers that it seems to be of."""
        self.broken.append((place, message, ids))

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Return whom each part is of."""
        yield from ((place, (customer.id,)) for place, customer in self.good)
        yield from ((place, ids) for place, _, ids in self.broken)


def assemble(
    main: dict[str, Any] | None, customers: Customers, *, before: Before | None, place: str
) -> tuple[Settings, dict[str, Any], list[Trouble]]:
    """Return the settings, the main part that they are of, and what is broken and stays as it was.

    Raises ConfigurationError where nothing can be used.
    """
    was = {} if before is None else {each.id: each for each in before[0].customers}
    chosen, troubles = _chosen(customers, was)
    for each in customers.broken:
        chosen |= {id_: was[id_] for id_ in _ids(each, before) if id_ in was and id_ not in chosen}
    if customers.hidden or any(is_new(each, before) for each in customers.broken):
        chosen |= {id_: each for id_, each in was.items() if id_ not in chosen}
    troubles += [
        Trouble(where, message, ids, kept=before is not None and all(id_ in was for id_ in ids))
        for where, message, ids in ((each[0], each[1], _ids(each, before)) for each in customers.broken)
    ]
    if not chosen and troubles and before is None:
        raise ConfigurationError(f"no customer can be used: {troubles[0].message}")
    used = main if main is not None or before is None else before[1]
    return _settings(used or {}, chosen, was, before, troubles, place)


def _ids(broken: Broken, before: Before | None) -> tuple[str, ...]:
    where, _, seen = broken
    return seen or (before[2].get(where, ()) if before is not None else ())


def is_new(broken: Broken, before: Before | None) -> bool:
    """Return whether nobody knows whom a broken part is of, so that it may be the new place of any."""
    return not broken[2] and (before is None or broken[0] not in before[2])


def _chosen(customers: Customers, was: Mapping[str, Customer]) -> tuple[dict[str, Customer], list[Trouble]]:
    """Return what each customer's files say; where two of them differ, nobody can tell which one counts."""
    found: dict[str, list[tuple[str, Customer]]] = {}
    for place, customer in customers.good:
        found.setdefault(customer.id, []).append((place, customer))
    chosen, troubles = {}, []
    for id_, versions in found.items():
        first = versions[0][1]
        if len(versions) > 1:
            where = " and ".join(place for place, _ in versions)
            message = f"customer {id_} is in {where}: leave it in one of them"
            same = all(each == first for _, each in versions)
            troubles.append(Trouble(versions[-1][0], message, (id_,), kept=same or id_ in was))
            if not same and id_ not in was:
                continue
            first = first if same else was[id_]
        chosen[id_] = first
    return chosen, troubles


def _settings(
    main: dict[str, Any],
    chosen: dict[str, Customer],
    was: Mapping[str, Customer],
    before: Before | None,
    troubles: list[Trouble],
    place: str,
) -> tuple[Settings, dict[str, Any], list[Trouble]]:
    if _fault(main, chosen) is None:
        return _built(main, chosen), main, troubles
    # One part does not go with the others. What has not changed comes first, so that what has is what is refused.
    unchanged = {id_: each for id_, each in chosen.items() if was.get(id_) == each}
    if before is not None and main != before[1] and (fault := _fault(main, unchanged or was)) is not None:
        troubles.append(Trouble(place, f"{place}: {fault}", kept=True))
        main = before[1]
    taken = _taken(main, chosen, unchanged, was, troubles)
    fault = _fault(main, taken)
    if fault is None:
        return _built(main, taken), main, troubles
    if before is None:
        raise ConfigurationError(f"{place}: {fault}")
    troubles.append(Trouble(place, f"{place}: {fault}", kept=True))
    return before[0], before[1], troubles


def _taken(
    main: dict[str, Any],
    chosen: Mapping[str, Customer],
    unchanged: Mapping[str, Customer],
    was: Mapping[str, Customer],
    troubles: list[Trouble],
) -> dict[str, Customer]:
    """Return the customers that go together, each added to those before it."""
    taken = dict(unchanged)
    for id_, customer in chosen.items():
        if id_ in unchanged:
            continue
        fault = _fault(main, {**taken, id_: customer})
        if fault is None:
            taken[id_] = customer
            continue
        troubles.append(Trouble(f"customer {id_}", f"customer {id_}: {fault}", (id_,), kept=id_ in was))
        if id_ in was:
            taken[id_] = was[id_]
    return {id_: taken[id_] for id_ in chosen if id_ in taken}


def _fault(main: dict[str, Any], customers: Mapping[str, Customer]) -> str | None:
    try:
        _built(main, customers)
    except ConfigurationError as error:
        return str(error)
    return None


def _built(main: dict[str, Any], customers: Mapping[str, Customer]) -> Settings:
    # Those already validated are taken as they are.
    return validated(Settings, {**main, "customers": tuple(customers.values())}, context=RUNNING)
