"""What the Temporal Web UI shows of a failure."""

from dataclasses import replace

from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError

from models.problems import Category
from runtime.payloads import TolerantPayloads

SPEAKING = frozenset(Category)


class ReadableFailures(DefaultFailureConverter):
    """Leave out the stack trace of a failure whose words say it all; a bug keeps its own."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        """Convert an error of ours to Temporal's form."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, ApplicationError) and exception.type in SPEAKING:
            failure.stack_trace = ""


data_converter = replace(
    pydantic_data_converter, payload_converter_class=TolerantPayloads, failure_converter_class=ReadableFailures
)
"""How Boardsync writes to Temporal; what it reads may come from any converter."""
