"""Read what a workflow is given: people start workflows by hand, and another release may have written the input."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from models.base import Model

M = TypeVar("M", bound=Model)
IDS = frozenset({"customer_id", "job_id", "job_ids"})


def read(kind: type[M], given: Sequence[Any], *, example: str, instead: M) -> tuple[M, ApplicationError | None]:
    """Read the inputs of a workflow, of which there must be one; none at all stands for an empty one.

    What cannot be read gives `instead`, as signals may come first, and the error that `run` is to raise at once. That
    ends the workflow: one that went on failing would swallow every later event.
    """
    if len(given) > 1:
        return instead, refused(f"{len(given)} inputs, where one is expected")
    try:
        return kind.model_validate(_as_people_write(given[0] if given else None)), None
    except ValidationError as error:
        return instead, refused(what_is_wrong(error, example=example))


def _as_people_write(given: Any) -> Any:
    """Make an object of nothing at all, and texts of ids that were written as whole numbers."""
    if not isinstance(given, dict):
        return {} if given is None else given
    return {key: _as_text(value) if key in IDS else value for key, value in given.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    # By type: true is an int, too, and no id; of 1.0 it is not certain what was meant.
    return str(value) if type(value) is int else value


def refused(why: str) -> ApplicationError:
    """Make the error for an input that cannot be followed."""
    return ApplicationError(f"Nothing was done: {why}.", type="invalid_input", non_retryable=True)


def what_is_wrong(error: ValidationError, *, example: str = '{"by": "Ana", "reason": "slots bought"}') -> str:
    """Return what is wrong with an input, in one line; `example` is what it could have been."""
    # Without the input itself: whatever was pasted into the wrong field may be a secret.
    first = error.errors(include_input=False, include_url=False)[0]
    if not first["loc"] and first["type"] in {"model_type", "model_attributes_type"}:
        return f"expected an object such as {example}"
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message
