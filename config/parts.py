"""The configuration in parts: the main file, and each customer by itself, so that one that is broken harms no other."""

import json
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

from config.assembling import Customers, Trouble, assemble
from config.customers import Customer
from config.loading import ConfigurationError, has_parts, is_for_a_newer_version, validated, without_unknown_keys
from config.reading import CUSTOMERS, Reader, Stamp, UnparsableError
from config.settings import RUNNING, Settings
from models.base import ID

__all__ = ["Loaded", "Trouble", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read, with the last good version of what is broken."""

    settings: Settings
    troubles: tuple[Trouble, ...]
    """What is broken and left out, or kept as it was."""
    unknown: tuple[str, ...]
    """Keys that were passed over, as the files are written for a newer version."""
    stamps: Mapping[Path, Stamp]
    """Every file that was read, as it was."""
    references: Mapping[str, str] = field(repr=False)
    """Every value that came by `env:` or `file:`, and by which."""
    main: dict[str, Any] = field(repr=False)
    places: Mapping[str, tuple[str, ...]]
    """Which customers each file was of."""
    good: Mapping[str, tuple[str, str]] = field(repr=False, default_factory=dict)
    """The place of each customer who was read as good, and what stands there: with `env:` and `file:` as written."""


@dataclass(slots=True)
class _Found:
    """What the files say, part by part."""

    main: dict[str, Any] | None = None
    error: str | None = None
    customers: Customers = field(default_factory=Customers)
    unknown: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """What stands at each place that is good."""


def load(
    main: Path,
    environ: Mapping[str, str],
    before: Loaded | None = None,
    *,
    strict: bool = False,
    unread: Set[str] = frozenset(),
) -> Loaded:
    """Read all parts; what is broken stays as it was before. Where this is strict, no unknown key is passed over.

    Raises ConfigurationError where nothing can be used.
    """
    reader = Reader(environ, unread=unread)
    found = _read(reader, main, strict=strict)
    troubles: list[Trouble] = []
    if found.main is None:
        if before is None:
            raise ConfigurationError(found.error or f"{main}: cannot be used")
        troubles.append(Trouble(place=str(main), message=found.error or "", kept=True))
    was = None if before is None else (before.settings, before.main, before.places)
    settings, used, more = assemble(found.main, found.customers, before=was, place=str(main))
    return Loaded(
        settings=settings,
        troubles=(*troubles, *more),
        unknown=tuple(found.unknown),
        stamps=reader.stamps,
        references=reader.references,
        main=used,
        places=_places(found.customers, settings, before),
        good={
            customer.id: (place, found.texts[place])
            for place, customer in found.customers.good
            if settings.customer(customer.id) == customer
        },
    )


def with_recalled(
    main: Path,
    environ: Mapping[str, str],
    now: Loaded,
    kept: Mapping[str, tuple[str, str]],
    *,
    unread: Set[str] = frozenset(),
) -> Loaded:
    """Read all parts as if the `kept` versions, place and text of each customer, had been good before.

    Raises ConfigurationError.
    """
    reader = Reader(environ, unread=unread)
    customers, places = {each.id: each for each in now.settings.customers}, dict(now.places)
    for id_, (place, text) in kept.items():
        try:
            customer = validated(Customer, reader.resolve(json.loads(text), "", main.parent))
        except (ConfigurationError, ValueError):  # a secret that is gone, or what this version does not know
            continue
        if customer.id == id_ and id_ not in customers:
            customers[id_], places[place] = customer, (id_,)
    try:
        settings = validated(Settings, {**now.main, CUSTOMERS: tuple(customers.values())}, context=RUNNING)
    except ConfigurationError:
        return now
    return load(main, environ, replace(now, settings=settings, places=places), unread=unread)


def apart(main: Path, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings' input with the customers that are good, and what is wrong with each other part by itself."""
    found = _read(Reader(environ), main, strict=True)
    wrong = [*([found.error] if found.error is not None else []), *(each[1] for each in found.customers.broken)]
    return {**(found.main or {}), CUSTOMERS: tuple(each for _, each in found.customers.good)}, wrong


def _places(customers: Customers, settings: Settings, before: Loaded | None) -> dict[str, tuple[str, ...]]:
    """Return whom each part is of; one of whom nothing can be read is of those whom no other one is of."""
    places = dict(customers.places())
    named = {id_ for ids in places.values() for id_ in ids}
    missing = tuple(each.id for each in settings.customers if each.id not in named)
    known = {} if before is None else before.places
    return {place: ids or known.get(place, missing) for place, ids in places.items()}


def _read(reader: Reader, main: Path, *, strict: bool) -> _Found:
    found = _Found()
    try:
        raw = reader.toml(main)
    except ConfigurationError as error:
        found.error = str(error)
        found.customers.hidden = not has_parts(main)
        raw = {}
    listed = raw.pop(CUSTOMERS, [])
    lenient = is_for_a_newer_version(raw) and not strict
    if found.error is None:
        try:
            found.main, passed = _main(reader, raw, main.parent, lenient=lenient)
            found.unknown += passed
        except ConfigurationError as error:
            found.error = f"{main}: {error}"
    if not isinstance(listed, list):
        found.error, found.main, found.customers.hidden = f"{main}: customers: expected a list of tables", None, True
        listed = []
    for number, each in enumerate(listed):
        _add(found, reader, f"{main.name}: {CUSTOMERS}[{number}]", each, main.parent, lenient=lenient)
    if has_parts(main):
        _read_folder(found, reader, main.parent, lenient=lenient)
    elif not listed and found.error is None:
        # A folder that has gone with all customers is more likely lost than meant.
        found.customers.hidden = True
    return found


def _main(reader: Reader, raw: dict[str, Any], base: Path, *, lenient: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    resolved: dict[str, Any] = reader.resolve(raw, "", base)
    return without_unknown_keys(Settings, resolved) if lenient else (resolved, ())


def _read_folder(found: _Found, reader: Reader, base: Path, *, lenient: bool) -> None:
    try:
        files = reader.customer_files(base / CUSTOMERS)
    except ConfigurationError as error:
        found.customers.fail(f"{CUSTOMERS}/", str(error), ())
        found.customers.hidden = True
        return
    for path in files:
        place = f"{CUSTOMERS}/{path.name}"
        try:
            raw = reader.toml(path)
        except UnparsableError as error:
            found.customers.fail(place, str(error), error.ids)
            continue
        except ConfigurationError as error:
            found.customers.fail(place, str(error), ())
            continue
        several = raw.get(CUSTOMERS) if set(raw) == {CUSTOMERS} else None
        if isinstance(several, list):
            for number, each in enumerate(several):
                _add(found, reader, f"{place}: {CUSTOMERS}[{number}]", each, base, lenient=lenient)
        else:
            _add(found, reader, place, raw, base, lenient=lenient)


def is_id(value: object) -> TypeGuard[str]:
    """Return whether something can be a customer's id at all: one that is mistyped is not another customer."""
    return isinstance(value, str) and re.fullmatch(ID, value) is not None


def _add(found: _Found, reader: Reader, place: str, raw: Any, base: Path, *, lenient: bool) -> None:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    try:
        resolved = reader.resolve(raw, "", base)
        if lenient:
            resolved, passed = without_unknown_keys(Customer, resolved)
            found.unknown += [f"{place}: {key}" for key in passed]
        found.customers.add(place, validated(Customer, resolved))
        found.texts[place] = json.dumps(raw, default=str)
    except ConfigurationError as error:
        found.customers.fail(place, f"{place}: {error}", (id_,) if is_id(id_) else ())
