"""What the Temporal Web UI shows of a failure."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError

from models.problems import Category
from runtime.payloads import TolerantPayloads

SPEAKING = frozenset(Category)
ENCODED = "Encoded failure"
"""What the SDK writes in the place of words that are encoded."""


class ReadableFailures(DefaultFailureConverter):
    """Leave out the stack trace of a failure whose words say it all; a bug keeps its own."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Convert an error of ours to Temporal's form."""
        if isinstance(exception, ApplicationError) and exception.type in SPEAKING:
            # Not made in the first place: to format it took a twentieth of a worker's time.
            with _without_trace(exception):
                super().to_failure(exception, payload_converter, failure)
            failure.stack_trace = ""
        else:
            super().to_failure(exception, payload_converter, failure)


@contextmanager
def _without_trace(exception: BaseException) -> Iterator[None]:
    trace = exception.__traceback__
    exception.__traceback__ = None
    try:
        yield
    finally:
        exception.__traceback__ = trace


class EncodedFailures(ReadableFailures):
    """Put a failure's words and trace where the codec encrypts them; its kind stays readable, as Temporal needs it.

    The SDK's `encode_common_attributes` would do so before the trace is left out, and leave older causes as they are.
    """

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Convert an error of ours to Temporal's form; one that was read from Temporal is encoded anew."""
        super().to_failure(exception, payload_converter, failure)
        _encode(failure, payload_converter)


def _encode(failure: Failure, payload_converter: PayloadConverter) -> None:
    each = failure
    while True:
        if each.message != ENCODED:
            words = {"message": each.message, "stack_trace": each.stack_trace}
            each.encoded_attributes.CopyFrom(payload_converter.to_payloads([words])[0])
            each.message, each.stack_trace = ENCODED, ""
        if not each.HasField("cause"):
            return
        each = each.cause


data_converter = replace(
    pydantic_data_converter, payload_converter_class=TolerantPayloads, failure_converter_class=ReadableFailures
)
"""How Boardsync writes to Temporal; what it reads may come from any converter."""
