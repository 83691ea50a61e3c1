"""What Boardsync takes from Temporal: payloads that others have written, in whatever encoding."""

import json
from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import CompositePayloadConverter, DefaultPayloadConverter, JSONPlainPayloadConverter

_JSON = PydanticJSONPlainPayloadConverter()
"""One for all: the SDK makes a converter for each lifecycle that a worker holds, and each would have its own adapters
of the same types."""


class TolerantPayloads(CompositePayloadConverter):
    """Read as pydantic does; what cannot be read, and is to be of no certain type, is handed on as it came.

    The SDK would try a workflow again and again whose input it cannot read, and drop a signal without a trace. A
    workflow that takes anything is given a RawValue instead, and says itself what is wrong.
    """

    def __init__(self) -> None:
        """Convert JSON by pydantic, and all else as the SDK does."""
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Read values, each as the type that is asked for, if any."""
        if type_hints is not None:
            return super().from_payloads(payloads, type_hints)
        return [self._read(each) for each in payloads]

    def _read(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:  # noqa: BLE001 -- converters raise whatever they like
            return _as_text(payload)


def _as_text(payload: Payload) -> Any:
    """Read JSON with half characters, each as U+FFFD; return anything else as it is."""
    if payload.metadata.get("encoding") != b"json/plain":
        return RawValue(payload)
    try:
        value = json.loads(payload.data)
        whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return json.loads(whole)
    except (ValueError, RecursionError):
        return RawValue(payload)
