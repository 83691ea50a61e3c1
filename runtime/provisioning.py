"""What Boardsync needs of a Temporal server: its search attributes."""

import asyncio
import logging
import time
import weakref
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from models.temporal import SEARCH_ATTRIBUTES, type_name

logger = logging.getLogger(__name__)

KNOWN_FOR = 60.0
"""Seconds after which a namespace is asked again for its search attributes."""
FIRST_ANSWER_WITHIN = 1.0

T = TypeVar("T")


class ProvisioningError(Exception):
    """The server lacks something and does not let us add it; the message says how a person does."""


async def attribute_types(client: Client) -> Mapping[str, IndexedValueType.ValueType] | None:
    """Return the custom search attributes that the namespace has; None where the server does not let us ask.

    Raises RPCError.
    """
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        # As on Temporal Cloud, where an administrator creates them: they may well be there.
        if error.status in {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}:
            return None
        raise
    return listed.custom_attributes


def unusable(
    keys: Iterable[SearchAttributeKey[Any]], types: Mapping[str, IndexedValueType.ValueType] | None
) -> list[SearchAttributeKey[Any]]:
    """Return those of some search attributes that a namespace lacks, or has with another type; none if unknown."""
    return [] if types is None else [key for key in keys if types.get(key.name) != int(key.indexed_value_type)]


async def usable_attributes(client: Client) -> tuple[str, ...] | None:
    """Return which of the search attributes the namespace has, None where it has all or does not let us ask.

    Raises RPCError.
    """
    missing = unusable(SEARCH_ATTRIBUTES, await attribute_types(client))
    return tuple(key.name for key in SEARCH_ATTRIBUTES if key not in missing) if missing else None


def how_to_create(client: Client, keys: Iterable[SearchAttributeKey[Any]]) -> str:
    """Return the command by which a person creates search attributes."""
    named = " ".join(f"--name {key.name} --type {type_name(key)}" for key in sorted(keys, key=lambda key: key.name))
    return f"temporal operator search-attribute create --namespace {client.namespace} {named}"


async def with_known_attributes(
    client: Client,
    attributes: TypedSearchAttributes,
    start: Callable[[TypedSearchAttributes], Awaitable[T]],
) -> T:
    """Start a workflow with the search attributes that the namespace has: none of them is worth an event.

    All are tried first, and nothing is asked while that works. Raises RPCError.
    """
    try:
        return await start(attributes)
    except RPCError as error:
        if not concerns_attributes(error):
            raise
        reason = error.message
    try:
        types = await attribute_types(client)
    except RPCError:
        types = None
    keys = [pair.key for pair in attributes]
    missing = keys if types is None else unusable(keys, types)
    names = ", ".join(key.name for key in missing)
    logger.error(
        "a workflow is started without the search attributes %s (%s); run: %s",
        *(names or "it wanted", reason, how_to_create(client, missing or keys)),
    )
    known = TypedSearchAttributes([pair for pair in attributes if pair.key not in missing])
    try:
        return await start(known)
    except RPCError as error:
        if not concerns_attributes(error):
            raise
    # The server has listed what it does not know yet itself.
    return await start(TypedSearchAttributes.empty)


class _Known:
    """Which search attributes a namespace had when it was asked last."""

    def __init__(self, client: Client) -> None:
        self._client = weakref.ref(client)
        self._names: tuple[str, ...] | None = None
        self._asked_at = -KNOWN_FOR
        self._asking: asyncio.Task[None] | None = None

    async def names(self) -> tuple[str, ...] | None:
        if time.monotonic() - self._asked_at >= KNOWN_FOR:
            first = self._asked_at < 0
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._ask())
            if first:
                await asyncio.wait([self._asking], timeout=FIRST_ANSWER_WITHIN)
        return self._names

    async def _ask(self) -> None:
        client = self._client()
        with suppress(RPCError, RuntimeError):
            self._names = None if client is None else await usable_attributes(client)


_KNOWN: "weakref.WeakKeyDictionary[Client, _Known]" = weakref.WeakKeyDictionary()


async def known_attributes(client: Client) -> tuple[str, ...] | None:
    """Return which of the search attributes the namespace has, None where it has all or does not say.

    Asked once a minute, beside the events: none of them waits for it but the first, for a second at most.
    """
    return await _KNOWN.setdefault(client, _Known(client)).names()


def concerns_attributes(error: RPCError) -> bool:
    """Return whether a request was refused for a search attribute that the namespace lacks or types differently."""
    return error.status is RPCStatusCode.INVALID_ARGUMENT and "search attribute" in error.message.lower()


async def register_search_attributes(client: Client) -> None:
    """Register the search attributes that the namespace lacks.

    Where that is not permitted, a warning says how a person does it. Raises ProvisioningError.
    """
    missing = list(SEARCH_ATTRIBUTES)
    try:
        types = await attribute_types(client)
        if types is None:
            _ask_a_person(client, missing)
            return
        missing = [key for key in SEARCH_ATTRIBUTES if key.name not in types]
        if wrong := [key.name for key in unusable(SEARCH_ATTRIBUTES, types) if key.name in types]:
            logger.error("the search attributes %s have another type; remove them and start a worker", ", ".join(wrong))
        if missing:
            await _add(client, missing)
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:  # another worker was quicker
            return
        if error.status in {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}:
            _ask_a_person(client, missing)
            return
        raise ProvisioningError(
            f"the search attributes {_names(missing)} could not be registered ({error.message}); "
            f"run: {how_to_create(client, missing)}"
        ) from error


async def _add(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    wanted = {key.name: IndexedValueType.ValueType(int(key.indexed_value_type)) for key in keys}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
    )
    logger.info("registered the search attributes %s", _names(keys))


def _ask_a_person(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    how = how_to_create(client, keys)
    logger.warning("cannot check the search attributes %s; if lifecycles do not start, run: %s", _names(keys), how)


def _names(keys: Iterable[SearchAttributeKey[Any]]) -> str:
    return ", ".join(sorted(key.name for key in keys))
