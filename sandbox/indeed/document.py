"""What a GraphQL request asks for, found without executing it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    Visitor,
    parse,
    validate,
    value_from_ast_untyped,
    visit,
)

from sandbox.indeed.resolvers import SCHEMAS

_OPERATIONS = {
    "updateSourcedJobPostings": "update",
    "clearSourcedJobPostingUpdates": "clear",
    "node": "node",
    "nodes": "nodes",
    "findEmployerJobsPartner": "find",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and validated query document."""

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    fields: tuple[FieldNode, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the operations asked for, once for each field."""
        return tuple(_OPERATIONS[field.name.value] for field in self.fields)

    def ids(self, variables: dict[str, Any]) -> Iterator[str]:
        """Yield every job id that the fields name, by literal or by variable."""
        for field in self.fields:
            for argument in field.arguments or ():
                if argument.name.value in {"id", "ids", "input"}:
                    yield from _ids(value_from_ast_untyped(argument.value, variables))

    def has_cursor(self, variables: dict[str, Any]) -> bool:
        """Return whether a listing is asked for from a cursor on."""
        arguments = (argument for field in self.fields for argument in field.arguments or ())
        return any(
            argument.name.value in {"after", "before"} and value_from_ast_untyped(argument.value, variables) is not None
            for argument in arguments
        )


class _Fields(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[FieldNode] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in _OPERATIONS:
            self.found.append(node)


@lru_cache(maxsize=512)
def read(query: str, shape: str) -> Document:
    """Parse and validate a query document against the schema of that shape; clients repeat a few, so it is kept."""
    try:
        node = parse(query)
    except GraphQLSyntaxError as error:
        error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
        return Document(None, (error,), ())
    fields = _Fields()
    visit(node, fields)
    return Document(node, tuple(validate(SCHEMAS[shape], node)), tuple(fields.found))


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)
    elif isinstance(value, dict):
        yield from _ids(value.get("updates"))
        yield from _ids(value.get("sourcedPostingId"))
