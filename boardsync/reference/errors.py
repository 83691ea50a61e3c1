"""`docs/errors.md`: every answer of a provider that Boardsync knows, and what follows from it."""

from collections.abc import Sequence

from boardsync.reference.markdown import WRITTEN, code, table
from clients.errors import FOREIGN, ErrorRow
from clients.icims.errors import ERRORS as ICIMS_ERRORS
from clients.indeed.errors import ERRORS as INDEED_ERRORS
from clients.linkedin.errors import ERRORS as LINKEDIN_ERRORS
from clients.oauth import TOKEN_ERRORS
from models.linkedin_statuses import APPLY, LISTING, PLAIN, PROMOTION, Meaning
from models.problems import RETRIED, Category

INTRODUCTION = f"""{WRITTEN}

# What the providers answer, and what follows

Each provider has one table in the code, read from the top: the first row that fits decides. The same table is used for
a request that was refused as a whole, for one element or item of it, and for a task that failed later. An answer that
is not in the table gets its last row, and the provider's own words are always kept beside it.

*Tried again* means that Boardsync goes on by itself; a person is asked only when it lasts. Everything else asks a
person at once: about the job, or, where it is a *cause* that holds up the customer's other jobs alike, once for all
of them, by its provider's name and that of the column, as `linkedin.credentials`. What each category means to an
operator: [operating](operating.md#when-a-job-needs-a-person)."""

TABLES: Sequence[tuple[str, str, Sequence[ErrorRow]]] = (
    ("LinkedIn", "Submissions, tasks and status reads.", LINKEDIN_ERRORS),
    ("Indeed", "Updates, clears and reads; a code stands inside `errors[]`.", INDEED_ERRORS),
    ("iCIMS", "Reads of jobs, and reports of how they stand.", ICIMS_ERRORS),
    ("Access tokens", "The token endpoints of all three.", TOKEN_ERRORS),
    ("Not in a provider's own form", "What stands in front of a provider answers; none of it is final.", FOREIGN),
)

STATUSES: Sequence[tuple[str, str, Sequence[Meaning]]] = (
    (
        "Listing",
        "Why LinkedIn does not list a job. Where the ATS wants it posted it asks a person, and LinkedIn is read on.",
        LISTING,
    ),
    ("LinkedIn Apply", "Noted on the job; it blocks nothing.", APPLY),
    ("Promotion", "Noted on the job; it blocks nothing.", PROMOTION),
)


def render() -> str:
    """Write the page."""
    parts = [INTRODUCTION]
    for title, what, rows in TABLES:
        parts += [f"## {title}", what, _errors(rows)]
    parts += ["## LinkedIn's statuses", _STATUSES]
    for title, what, meanings in STATUSES:
        parts += [f"### {title}", what, _meanings(meanings)]
    parts += ["### Statuses by themselves", table(("status", "meaning"), [(code(k), v) for k, v in PLAIN.items()])]
    return "\n\n".join(parts) + "\n"


_STATUSES = (
    "What LinkedIn says of a job, in a notification or when its status is read. A status that is not in these tables "
    "keeps LinkedIn's own words: as a reason not to list a job it asks a person, anywhere else it is only noted."
)


def _errors(rows: Sequence[ErrorRow]) -> str:
    headings = ("answer", "category", "tried again", "asked once, as", "what it means", "what to do")
    return table(
        headings,
        [(_answer(row), code(row.category), _again(row.category), _cause(row), row.reason, row.remedy) for row in rows],
    )


def _cause(row: ErrorRow) -> str:
    return code(row.cause) if row.cause is not None else ""


def _answer(row: ErrorRow) -> str:
    parts = []
    if isinstance(row.status, int):
        parts.append(str(row.status))
    elif row.status is not None:
        parts.append(f"{row.status.start} to {row.status.stop - 1}")
    if row.code is not None:
        parts.append(code(row.code))
    if row.text is not None:
        parts.append(f"words like {_words(row.text)}")
    return ", ".join(parts) or "anything else"


def _words(pattern: str) -> str:
    """Write a regular expression as people read it."""
    for sign, meant in ((r"\b", ""), (r"\w*", "…"), (".*", "…"), (": ?", ":"), ("?", "")):
        pattern = pattern.replace(sign, meant)
    alternatives = [pattern] if "(" in pattern else pattern.split("|")
    return " or ".join(code(each) for each in alternatives)


def _meanings(meanings: Sequence[Meaning]) -> str:
    headings = ("status", "LinkedIn says", "category", "what it means", "what to do")
    return table(
        headings,
        [
            (
                code(each.status),
                _says(each),
                code(each.category) if each.category else "none",
                each.meaning,
                each.remedy,
            )
            for each in meanings
        ],
    )


def _kind(category: Category | None) -> str:
    return code(category) if category is not None else "none"


def _says(meaning: Meaning) -> str:
    return f"{code(str(meaning.code))}: {meaning.says}" if meaning.code is not None else meaning.says


def _again(category: Category) -> str:
    return "yes" if category in RETRIED else "no"
