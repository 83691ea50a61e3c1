"""What LinkedIn's statuses mean, against its documented tables (docs/providers/linkedin.md, Listing reasons)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.events import StatusDetail
from models.linkedin_statuses import APPLY, LISTING, PLAIN, PROMOTION, WORDS_KEPT, Meaning, meaning_of, note_of
from models.problems import Category
from tests.support.replies import sample

TABLES = sample("linkedin_status_codes.txt").decode()
TYPES = {"CUSTOMER_ERROR", "PARTNER_ERROR", "LINKEDIN_ERROR"}
BOUNDS = ("ListingStatusDetails Error Codes", "LinkedinApplyStatus Error Codes", "PromotionStatus Error Codes")


def rows(table: int) -> list[StatusDetail]:
    """Read a documented table: each row has its status, code, type and message in lines of their own."""
    text = TABLES[TABLES.index(BOUNDS[table]) :]
    text = text[: text.index(BOUNDS[table + 1])] if table + 1 < len(BOUNDS) else text
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if line in TYPES]
    return [
        StatusDetail(
            status=lines[place - 2],
            code=int(lines[place - 1]) if lines[place - 1].isdigit() else None,
            type=lines[place],
            message=lines[place + 1],
        )
        for place in places
    ]


DOCUMENTED = [(table, detail) for number, table in enumerate((LISTING, APPLY, PROMOTION)) for detail in rows(number)]


def test_the_documented_tables_were_read_whole() -> None:
    assert [len(rows(number)) for number in range(3)] == [6, 9, 3]
    assert {detail.code for detail in rows(1)} == {1156, 1100, 1101, 1102, 1103, 1151, 1153, 1154, 1155}


@pytest.mark.parametrize(("table", "detail"), DOCUMENTED, ids=lambda each: getattr(each, "message", None))
def test_every_documented_row_has_a_meaning_of_its_own(table: tuple[Meaning, ...], detail: StatusDetail) -> None:
    found = meaning_of(table, detail)
    assert found is not None
    assert (found.says, found.status) == (detail.message, detail.status)
    assert found in table
    assert found.meaning
    assert bool(found.category) == bool(found.remedy)


@pytest.mark.parametrize(("table", "detail"), DOCUMENTED, ids=lambda each: getattr(each, "message", None))
def test_the_message_alone_is_enough(table: tuple[Meaning, ...], detail: StatusDetail) -> None:
    assert meaning_of(table, detail.model_copy(update={"code": None, "type": None})) == meaning_of(table, detail)


@pytest.mark.parametrize("detail", rows(1), ids=lambda each: str(each.code))
def test_the_code_alone_is_enough_for_apply(detail: StatusDetail) -> None:
    bare = StatusDetail(status="NOT_ENABLED", code=detail.code)
    assert meaning_of(APPLY, bare) == meaning_of(APPLY, detail)


@pytest.mark.parametrize("row", [*LISTING, *PROMOTION], ids=lambda row: row.name)
@pytest.mark.parametrize("code", [None, 1000, 1099])
def test_the_name_is_enough_where_the_number_is_not_published(row: Meaning, code: int | None) -> None:
    table = LISTING if row in LISTING else PROMOTION
    for told in (
        StatusDetail(status=row.status, code=code, name=row.name),
        StatusDetail(status=row.status, code=code, message=f"{row.name}: in other words"),
    ):
        assert meaning_of(table, told) == row


def test_a_name_that_several_codes_share_means_no_more_than_the_name() -> None:
    found = meaning_of(APPLY, StatusDetail(status="NOT_ENABLED", name="ENABLING_APPLY_CONNECT_BY_PARTNER_FAILED"))
    assert found is not None
    assert found.meaning == "LinkedIn could not switch LinkedIn Apply on."


def test_the_limit_of_free_applications_is_known_by_its_code() -> None:
    found = meaning_of(APPLY, StatusDetail(status="NOT_ENABLED", code=1157))
    assert found is not None
    assert found.category is Category.OUT_OF_SLOTS


@pytest.mark.parametrize("status", list(PLAIN))
def test_a_plain_status_says_nothing_but_itself(status: str) -> None:
    assert meaning_of(LISTING, StatusDetail(status=status)) is None
    assert note_of(PROMOTION, StatusDetail(status=status)).meaning == PLAIN[status]


def test_an_unknown_reason_not_to_list_a_job_is_a_problem_in_linkedins_words() -> None:
    told = StatusDetail(status="NOT_LISTED", code=1042, type="CUSTOMER_ERROR", message="FULL_MOON: not tonight")
    found = meaning_of(LISTING, told)
    assert found is not None
    assert found.category is Category.CLOSED_BY_BOARD
    assert "code 1042 FULL_MOON: not tonight" in found.meaning


def test_a_fault_of_linkedins_own_asks_for_nothing() -> None:
    found = meaning_of(APPLY, StatusDetail(status="NOT_ENABLED", code=1199, type="LINKEDIN_ERROR"))
    assert found is not None
    assert found.category is Category.TEMPORARY
    assert "LinkedIn tries again" in found.remedy


WORDS = st.none() | st.text(max_size=1000)


@given(
    st.sampled_from([LISTING, APPLY, PROMOTION]),
    st.builds(StatusDetail, status=st.text(max_size=1000), code=st.none() | st.integers(), name=WORDS, message=WORDS),
)
def test_whatever_linkedin_says_becomes_a_note_of_a_bounded_size(
    table: tuple[Meaning, ...], detail: StatusDetail
) -> None:
    note = note_of(table, detail)
    assert note.meaning
    assert len(note.status) <= WORDS_KEPT
    assert len(note.meaning) <= 2 * WORDS_KEPT
