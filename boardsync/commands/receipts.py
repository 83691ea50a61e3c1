"""What the store keeps of a job, for the command `receipt`: shown, exported as a proof, as a page, on paper."""

from pathlib import Path

from pydantic import JsonValue

from activities.stored import Stored
from boardsync.exits import CommandFailed, ExitCode
from boardsync.jobs.references import JobRef
from boardsync.jobs.stored import opened
from boardsync.receipts import page
from models.receipts import StoredReceipt
from store.ledger import checkpoint
from store.ledger.canonical import parsed

GONE = "its body was removed after its time ([ledger] keep); only its hash is left"


async def stored_receipt(job: JobRef) -> dict[str, JsonValue]:
    """Return what the ledger says of a job's newest end.

    Raises CommandFailed where it has none, and ConfigurationError.
    """
    async with opened() as stored:
        receipt = await _newest(stored, job)
    said = parsed(_body(receipt, job))
    return said if isinstance(said, dict) else {}


async def export(job: JobRef, *, proof: Path | None, html: Path | None, pdf: Path | None) -> list[str]:
    """Write the files that are wanted and return what was written.

    Raises CommandFailed where there is no receipt, no signature, no room, or nothing that makes a PDF.
    """
    async with opened() as stored:
        receipt = await _newest(stored, job)
        body = _body(receipt, job)
        written = []
        if proof is not None:
            found = await stored.ledger.proof(receipt.leaf)
            if found is None or found.extra != body:
                raise CommandFailed(f"the receipt of job {job} has no proof: run boardsync ledger verify")
            written.append(_write(proof, found.text().encode()))
        if html is not None or pdf is not None:
            text = await _page(stored, receipt, job)
            if html is not None:
                written.append(_write(html, text.encode()))
            if pdf is not None:
                written.append(_write(pdf, _pdf(text)))
    return written


async def _page(stored: Stored, receipt: StoredReceipt, job: JobRef) -> str:
    note, checks = await stored.ledger.checkpoint(), await stored.checks.of_job(job.customer_id, job.job_id)
    signed = note is not None and checkpoint.is_signed(note) and stored.key is not None
    mine = [each for each in checks if each.run_id == receipt.run_id]
    return page.render(receipt, key=str(stored.key.verifier) if signed and stored.key else None, checks=mine)


async def _newest(stored: Stored, job: JobRef) -> StoredReceipt:
    found = await stored.ledger.receipt(job.customer_id, job.job_id)
    if found is None:
        raise CommandFailed(
            f"job {job} has no receipt in the store: it has not ended yet or is not known, see boardsync show {job}"
        )
    return found


def _body(receipt: StoredReceipt, job: JobRef) -> bytes:
    if receipt.body is None:
        raise CommandFailed(f"the receipt of job {job} is number {receipt.leaf} in the ledger; {GONE}")
    return receipt.body


def _write(file: Path, content: bytes) -> str:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandFailed(f"cannot write {file}: {error.strerror}", ExitCode.USAGE) from error
    return str(file)


def _pdf(html: str) -> bytes:
    try:
        from weasyprint import HTML  # noqa: PLC0415 -- an extra: only who prints needs it and the libraries below it
    except (ImportError, OSError) as error:
        raise CommandFailed(
            "a PDF needs WeasyPrint: install boardsync[pdf] and the system's Pango, or print the page of --html"
        ) from error
    # No address is followed: the page needs none.
    made: bytes = HTML(string=html, url_fetcher=_nothing).write_pdf()
    return made


def _nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError("A receipt loads nothing from outside")
