"""Tables for spreadsheets: CSV in which nothing that others have written is taken for a formula."""

import csv
import io
from collections.abc import Iterable


def csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Write lines of CSV in which no spreadsheet sees a formula."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [_harmless(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode("utf-8", "replace")


def _harmless(cell: str) -> str:
    # https://owasp.org/www-community/attacks/CSV_Injection; some spreadsheets pass over spaces first.
    begins = cell.lstrip(" \u00a0\u3000")[:1]
    return (
        f"'{cell}"
        if begins in {"=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"} and begins
        else cell
    )
