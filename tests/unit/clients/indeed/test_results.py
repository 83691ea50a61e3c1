"""Which item of a mutation was refused: by path, by elimination, or unknown (docs/providers/indeed.md, 1d)."""

from typing import Any

import pytest

from clients.errors import ProviderError
from clients.indeed.protocol import read_clear, read_update
from clients.indeed.results import ItemResult
from models.problems import Category
from tests.support.replies import reply

OK = {"jobPosting": {"sourcedPostingId": "u", "employerJobId": "i"}}
NO: dict[str, Any] = {"jobPosting": None}


def error(code: str, *path: object) -> dict[str, Any]:
    shown: dict[str, Any] = {"extensions": {"code": code, "message": f"{code} it is"}}
    return {**shown, "path": ["jobsIngest", "updateSourcedJobPostings", "results", *path]} if path else shown


def results(items: list[Any], errors: list[Any]) -> list[ItemResult]:
    data = {"jobsIngest": {"updateSourcedJobPostings": {"results": items}}}
    return read_update(reply({"data": data, "errors": errors} if errors else {"data": data}), len(items))


def told(found: list[ItemResult]) -> list[tuple[bool, str | None, bool]]:
    return [(each.accepted, each.error.code if each.error else None, each.attributed) for each in found]


@pytest.mark.parametrize(
    ("items", "errors", "expected"),
    [
        ([OK, OK], [], [(True, None, True), (True, None, True)]),
        # The path names the item, whatever its length.
        ([OK, NO], [error("NOT_FOUND", 1, "jobPosting")], [(True, None, True), (False, "NOT_FOUND", True)]),
        ([NO, OK], [error("NOT_FOUND", 0)], [(False, "NOT_FOUND", True), (True, None, True)]),
        (
            [NO, NO],
            [error("FORBIDDEN", 1), error("BAD_USER_INPUT", 0)],
            [(False, "BAD_USER_INPUT", True), (False, "FORBIDDEN", True)],
        ),
        # Without a path: the one that is null.
        ([OK, NO, OK], [error("NOT_FOUND")], [(True, None, True), (False, "NOT_FOUND", True), (True, None, True)]),
        (
            [NO, NO],
            [error("NOT_FOUND", 0), error("FORBIDDEN")],
            [(False, "NOT_FOUND", True), (False, "FORBIDDEN", True)],
        ),
        # Several nulls and no path: nobody can tell.
        (
            [NO, OK, NO],
            [error("NOT_FOUND")],
            [(False, "NOT_FOUND", False), (True, None, True), (False, "NOT_FOUND", False)],
        ),
        # No null: any item may have been written in part.
        (
            [OK, OK],
            [error("DOWNSTREAM_SERVICE_ERROR")],
            [(True, "DOWNSTREAM_SERVICE_ERROR", False), (True, "DOWNSTREAM_SERVICE_ERROR", False)],
        ),
        (
            [OK, OK],
            [error("DOWNSTREAM_SERVICE_ERROR", 0)],
            [(True, "DOWNSTREAM_SERVICE_ERROR", True), (True, None, True)],
        ),
        # Paths that lead nowhere are as good as none.
        ([OK, NO], [error("NOT_FOUND", 7)], [(True, None, True), (False, "NOT_FOUND", True)]),
        ([OK, NO], [error("NOT_FOUND", True)], [(True, None, True), (False, "NOT_FOUND", True)]),
        ([NO], [{"path": "x"}], [(False, "", True)]),
        ([None, {}], [error("NOT_FOUND", 0), error("NOT_FOUND", 1)], [(False, "NOT_FOUND", True)] * 2),
        # Of several errors of one item, the one that ends retries.
        ([NO], [error("INTERNAL_SERVER_ERROR", 0), error("FORBIDDEN", 0)], [(False, "FORBIDDEN", True)]),
    ],
)
def test_each_error_finds_its_item(items: list[Any], errors: list[Any], expected: list[Any]) -> None:
    assert told(results(items, errors)) == expected


def test_a_refusal_without_an_error_is_unexpected() -> None:
    (_, second) = results([OK, NO], [])
    assert second.error is not None
    assert second.error.problem.category is Category.UNEXPECTED


@pytest.mark.parametrize(
    "data", [None, {}, {"jobsIngest": None}, {"jobsIngest": {"clearSourcedJobPostingUpdates": None}}]
)
def test_without_results_the_error_is_that_of_the_whole_request(data: object) -> None:
    with pytest.raises(ProviderError) as caught:
        read_clear(reply({"data": data, "errors": [error("BAD_USER_INPUT")]}), 2)
    assert caught.value.problem.category is Category.INVALID_POSTING
    with pytest.raises(ProviderError) as caught:
        read_clear(reply({"data": data, "errors": [error("429")]}, status=429, headers={"retry-after": "3"}), 2)
    assert caught.value.problem.category is Category.RATE_LIMITED


def test_results_that_name_the_items_in_another_order_are_nobodys() -> None:
    def answer(*shown: str | None) -> list[ItemResult]:
        items = [{"jobPosting": each and {"sourcedPostingId": "u", "employerJobId": each}} for each in shown]
        data = {"jobsIngest": {"updateSourcedJobPostings": {"results": items}}}
        return read_update(reply({"data": data, "errors": [error("CLAIMED")] if None in shown else []}), 2, ["a", "b"])

    assert told(answer("a", None)) == [(True, None, True), (False, "CLAIMED", True)]
    # Indeed may have given a job a new id.
    assert told(answer("c", "b")) == [(True, None, True), (True, None, True)]
    for shown in (("b", "a"), ("b", None), (None, "a")):
        with pytest.raises(ProviderError, match="another order"):
            answer(*shown)
