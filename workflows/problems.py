"""Why an activity failed, in words: the problem it carried, or what Temporal says of it."""

from pydantic import TypeAdapter, ValidationError
from temporalio import exceptions
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, FailureError, TimeoutType

from models.problems import Category, Problem

_PROBLEM: TypeAdapter[Problem] = TypeAdapter(Problem)


def was_cancelled(error: FailureError) -> bool:
    """Return whether the activity ended because the lifecycle called it off."""
    return isinstance(error, CancelledError) or isinstance(error.cause, CancelledError)


def problem_of(error: ActivityError) -> Problem:
    """Read the problem out of an activity's failure."""
    cause: BaseException | None = error.cause
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.details:
            try:
                return _PROBLEM.validate_python(cause.details[0])
            except ValidationError:
                break
        cause = cause.__cause__
    if isinstance(error.cause, exceptions.TimeoutError):
        return _timed_out(error.cause)
    return Problem(
        category=Category.UNEXPECTED,
        reason="Boardsync itself failed at this step.",
        remedy="Report it with the failure shown in the history; it tries again meanwhile.",
        provider_text=str(error.cause or error)[:500],
    )


def _timed_out(timeout: exceptions.TimeoutError) -> Problem:
    if timeout.type is TimeoutType.START_TO_CLOSE:
        return Problem(
            category=Category.TEMPORARY,
            reason="The board gave no answer in time, or the worker stopped during the call.",
            remedy="Boardsync tries again by itself. If it lasts, look at the worker's log.",
        )
    return Problem(
        category=Category.TEMPORARY,
        reason="No worker has taken up this step in time.",
        remedy="Start a worker that serves the activity's task queue; the step then goes on by itself.",
    )
