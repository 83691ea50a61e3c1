"""Read what a workflow is given: people start workflows by hand, and another release may have written the input."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from models.base import Model
from models.texts import clipped

M = TypeVar("M", bound=Model)
IDS = frozenset({"customer_id", "job_id", "job_ids"})
JSON = "json/plain"
DAMAGED = "binary/damaged"
"""As the codec names what claims to be encrypted and cannot be opened (runtime/encryption.py)."""
BY_ANA = '{"by": "Ana", "reason": "slots bought"}'


def read(kind: type[M], given: Sequence[Any], *, example: str, instead: M) -> tuple[M, ApplicationError | None]:
    """Read the inputs of a workflow, of which there must be one; none at all stands for an empty one.

    What cannot be read gives `instead`, as signals may come first, and the error that `run` is to raise at once. That
    ends the workflow: one that went on failing would swallow every later event.
    """
    if len(given) > 1:
        return instead, refused(f"{len(given)} inputs, where one is expected")
    if given and isinstance(given[0], RawValue):
        return instead, refused(not_readable(given[0], example=example))
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


def not_readable(given: RawValue, *, example: str = BY_ANA) -> str:
    """Return what is wrong with an input that is no JSON at all, in one line."""
    encoding = given.payload.metadata.get("encoding", b"").decode(errors="replace")
    if encoding == JSON:
        return f"the input is no JSON; expected an object such as {example}"
    if encoding == DAMAGED:
        return (
            "the input is of the encoding binary/encrypted, but was changed on its way or never encrypted by Boardsync"
            f"; expected {JSON}, an object such as {example}"
        )
    return (
        f"the input is of the encoding {clipped(encoding or 'none', 60)}; expected {JSON}, an object such as {example}"
    )


def what_is_wrong(error: ValidationError, *, example: str = BY_ANA) -> str:
    """Return what is wrong with an input, in one line; `example` is what it could have been."""
    # Without the input itself: whatever was pasted into the wrong field may be a secret.
    first = error.errors(include_input=False, include_url=False)[0]
    if not first["loc"] and first["type"] in {"model_type", "model_attributes_type"}:
        return f"expected an object such as {example}"
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message
