"""The executable schema: the SDL with its scalars and resolvers."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from sandbox.content import is_web_url
from sandbox.indeed import mutations, queries

_RESOLVERS: dict[str, dict[str, Callable[..., Any]]] = {
    "Query": {
        "node": queries.node,
        "nodes": queries.nodes,
        "findEmployerJobsPartner": queries.find,
    },
    "Mutation": {"jobsIngest": lambda _root, _info: {}},
    "JobsIngestMutations": {
        "updateSourcedJobPostings": mutations.update,
        "clearSourcedJobPostingUpdates": mutations.clear,
        "expireSourcedJobsBySourcedPostingId": mutations.expire,
    },
}


def _int64(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise GraphQLError(f"Int64 cannot represent {value!r}")
    return value


def _web_url(value: Any) -> str:
    if not isinstance(value, str) or not is_web_url(value):
        raise GraphQLError(f"WebUrl cannot represent {value!r}")
    return value


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise GraphQLError(f"CurrencyCode cannot represent {value!r}")
    return value


_SCALARS = {"Int64": _int64, "WebUrl": _web_url, "CurrencyCode": _currency}


def _build(hidden: frozenset[str]) -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    for name, coerce in _SCALARS.items():
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)  # noqa: S101 (for the type checker)
        scalar.coerce_input_value = coerce
    for name, resolvers in _RESOLVERS.items():
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 (for the type checker)
        for field, resolve in resolvers.items():
            kind.fields[field].resolve = resolve
    salary = schema.type_map["EmployerJobSalary"]
    assert isinstance(salary, GraphQLObjectType)  # noqa: S101 (for the type checker)
    for name in hidden:
        del salary.fields[name]
    return schema


_PLAIN = frozenset({"max", "min"})
_NAMED = frozenset({"currency", "maximumMinor", "minimumMinor", "maximumMajor", "minimumMajor"})
SCHEMAS = {"both": _build(frozenset()), "named": _build(_PLAIN), "plain": _build(_NAMED)}
"""The schema by the shape of a salary: the guide and public clients name its fields differently."""
