"""Temporal's own messages as a person may read them: payloads decrypted, words of failures put back in their place."""

import json
from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client

UNREADABLE = (ValidationError, KeyError, RuntimeError)
"""What reading a payload raises: of another release, of an encoding that nobody knows, or without its key."""


async def decode_all(client: Client, messages: Iterable[Message]) -> None:
    """Decrypt every payload within messages, in place, as the client's keys can.

    Raises Undecryptable.
    """
    codec = client.data_converter.payload_codec
    for message in messages:
        payloads = [each for each in _within(message) if isinstance(each, Payload)]
        if codec is not None and payloads:
            for sealed, opened in zip(payloads, await codec.decode(payloads), strict=True):
                # A codec hands back what is in the clear as it is.
                if opened is not sealed:
                    sealed.CopyFrom(opened)
        for each in _within(message):
            if isinstance(each, Failure) and each.HasField("encoded_attributes"):
                _put_back(each)


def _put_back(failure: Failure) -> None:
    try:
        words = json.loads(failure.encoded_attributes.data)
    except ValueError:
        return
    if isinstance(words, dict):
        failure.message = str(words.get("message") or failure.message)
        failure.stack_trace = str(words.get("stack_trace") or "")


def _within(message: Message) -> Iterator[Message]:
    """Return a message and all that it holds."""
    waiting = [message]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Payload):
            continue
        for field, value in each.ListFields():
            if field.type != FieldDescriptor.TYPE_MESSAGE:
                continue
            if isinstance(value, Mapping):
                waiting += [held for held in value.values() if isinstance(held, Message)]
            elif field.is_repeated:
                waiting += value
            else:
                waiting.append(value)
