"""Indeed's errors: nearly always HTTP 200 with ``errors[]``, in one of several documented forms."""

from collections.abc import Iterable
from typing import Any

from graphql import GraphQLError

from sandbox.settings import IndeedSettings

UNAUTHORIZED_CLIENT = "Client is not authorized"
MISSING_PERMISSIONS = (
    "You are missing permissions for this action. Ask your administrator for the permissions "
    "[Hosted_Job Create, Hosted_Job Update, Hosted_Job Read]"
)


class IndeedError(GraphQLError):
    """An error with the code that goes to ``extensions.code``, or with other extensions."""

    def __init__(self, code: str, message: str, extensions: dict[str, Any] | None = None) -> None:
        super().__init__(message, extensions={"code": code} if extensions is None else dict(extensions))


def not_found() -> IndeedError:
    """Return the error for a wrong id; an id that the advertiser may not see looks the same."""
    return IndeedError("NOT_FOUND", "The job is not found.")


def bad_input(message: str) -> IndeedError:
    """Return the error for malformed input."""
    return IndeedError("BAD_USER_INPUT", message)


def as_json(errors: Iterable[GraphQLError], settings: IndeedSettings) -> list[dict[str, Any]]:
    """Return ``errors[]`` in the form that the settings ask for.

    Errors about the document itself keep the form of GraphQL: the settings are about those of the API.
    """
    return [_as_json(error, settings) for error in errors]


def _as_json(error: GraphQLError, settings: IndeedSettings) -> dict[str, Any]:
    extensions = error.extensions or {}
    if not isinstance(error.original_error or error, IndeedError):
        code = extensions.get("code", "BAD_USER_INPUT")
        return {**error.formatted, "extensions": {"code": code, "classification": "ValidationError"}}
    shown: dict[str, Any] = {"extensions": dict(extensions)}
    if settings.error_message_place != "extensions":
        shown["message"] = error.message
    if settings.error_message_place != "top":
        shown["extensions"]["message"] = error.message
    if settings.error_path and error.path:
        shown["path"] = error.path
    return shown
