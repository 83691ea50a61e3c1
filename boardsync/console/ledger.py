"""`GET /ledger`: the receipts, the newest checkpoint, one receipt with its proof, and the walk over all of them."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from boardsync.console.asked import customer_in, number_in
from boardsync.console.context import Context
from boardsync.console.rendering import reply, trouble
from boardsync.console.security import FIELD
from boardsync.receipts import page
from models.plain_words import plainly
from models.receipts import StoredReceipt
from models.states import BoardName, Live, Outcome
from models.words import INTENTS, outcome_words
from store.errors import StoreUnavailable
from store.ledger import checkpoint
from store.ledger.audit import Audit, audit
from store.ledger.canonical import parsed
from store.ledger.ledger import NotSigned
from store.ledger.tree import LedgerDamaged
from store.ledger.verify import ProofFault, verify_file
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import Moment

logger = logging.getLogger(__name__)

PAGE = 50
RENEW_WHILE_VERIFYING = 3
VERIFY = "/ledger/verify"
NO_KEY = "[ledger] key is not set: nothing is signed, so nothing can be proven to others."


@dataclass(frozen=True, kw_only=True)
class Walk:
    """The last walk over the whole ledger."""

    at: Moment
    found: Audit | None
    failed: str | None = None


class LedgerPages:
    """The ledger."""

    def __init__(self, context: Context) -> None:
        """Read from there."""
        self._context = context
        self._walk: Walk | None = None
        self._walking: asyncio.Task[None] | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with receipts, newest first, and how the ledger stands."""
        customer = customer_in(request.query)
        before = number_in(request.query, "before")
        receipts = await self._context.figures.receipts(customer_id=customer, before=before, limit=PAGE)
        note, key = await self._context.stored.ledger.checkpoint(), self._context.stored.key
        signed = note is not None and checkpoint.is_signed(note)
        kept = {"customer": customer} if customer else {}
        more = f"/ledger?{urlencode({**kept, 'before': receipts[-1].leaf})}" if len(receipts) == PAGE else None
        return reply(
            request,
            "ledger.html",
            renew=RENEW_WHILE_VERIFYING if self._busy else None,
            receipts=[self._line(each) for each in receipts],
            customer=customer or "",
            customers=sorted((each.name, each.id) for each in self._context.settings.customers),
            note=note,
            signed=signed,
            size=checkpoint.peek(note).size if note is not None and signed else 0,
            key=str(key.verifier) if key is not None else None,
            walk=self._walk,
            busy=self._busy,
            token=self._context.forms.token_for(request, VERIFY),
            field=FIELD,
            next_page=more,
            first_page=f"/ledger?{urlencode(kept)}" if before is not None else None,
        )

    async def verify(self, request: web.Request) -> web.Response:
        """Begin to walk over the whole ledger, unless somebody has begun already."""
        self._context.forms.sender(request, await request.post(), VERIFY)
        key = self._context.stored.key
        if key is None:
            return trouble(request, "Nothing to verify by", NO_KEY, status=409)
        if not self._busy:
            self._walking = asyncio.create_task(self._verify(), name="verify the ledger")
        raise web.HTTPSeeOther("/ledger")

    async def receipt(self, request: web.Request) -> web.Response:
        """Answer with one receipt, and whether it is proven right now."""
        found = await self._found(request)
        said: Any = parsed(found.body) if found.body is not None else None
        proven, fault = await self._proven(found)
        return reply(
            request,
            "receipt_page.html",
            receipt=self._line(found),
            said=said,
            intents={str(each): words for each, words in INTENTS.items()},
            boards=[_board(name, board) for name, board in said["boards"].items()] if isinstance(said, dict) else [],
            hash=found.leaf_hash.hex(),
            proven=proven,
            fault=fault,
            key=str(self._context.stored.key.verifier) if self._context.stored.key is not None else None,
        )

    async def proof(self, request: web.Request) -> web.Response:
        """Answer with the proof, as a file that anybody can verify."""
        found = await self._found(request)
        proof = await self._context.stored.ledger.proof(found.leaf)
        if proof is None or proof.extra is None:
            raise web.HTTPNotFound
        return _download(f"receipt-{found.leaf}.tlog-proof", proof.text().encode(), "text/plain")

    async def document(self, request: web.Request) -> web.Response:
        """Answer with the receipt as a page of its own, for who has no console."""
        found = await self._found(request)
        if found.body is None:
            raise web.HTTPNotFound
        checks = await self._context.stored.checks.of_job(found.customer_id, found.job_id)
        key = self._context.stored.key
        mine = [each for each in checks if each.run_id == found.run_id]
        text = page.render(found, key=str(key.verifier) if key is not None else None, checks=mine)
        return _download(f"receipt-{found.leaf}.html", text.encode(), "text/html")

    async def stop(self, _: web.Application) -> None:
        """Give up a walk that is under way."""
        if self._walking is not None:
            self._walking.cancel()
            with suppress(asyncio.CancelledError):
                await self._walking

    @property
    def _busy(self) -> bool:
        return self._walking is not None and not self._walking.done()

    async def _verify(self) -> None:
        try:
            found = await audit(self._context.stored.store, *self._context.stored.verifiers)
            self._walk = Walk(at=Moment.of(datetime.now(UTC)), found=found)
        except StoreUnavailable as error:
            self._walk = Walk(at=Moment.of(datetime.now(UTC)), found=None, failed=str(error))
        if self._walk.found is not None and not self._walk.found.sound:
            logger.warning("the ledger is not whole: %d faults", len(self._walk.found.faults))

    async def _found(self, request: web.Request) -> StoredReceipt:
        leaf = number_in(request.match_info, "leaf")
        found = await self._context.figures.receipt(leaf) if leaf is not None else None
        if found is None:
            raise web.HTTPNotFound
        return found

    async def _proven(self, receipt: StoredReceipt) -> tuple[str | None, str | None]:
        """Verify the receipt as somebody outside would, by its proof and the public key alone."""
        key = self._context.stored.key
        if key is None:
            return None, NO_KEY
        try:
            proof = await self._context.stored.ledger.proof(receipt.leaf)
            if proof is None:
                return None, "There is no proof of it."
            verified = verify_file(proof.text().encode(), *self._context.stored.verifiers)
        except (ProofFault, NotSigned, LedgerDamaged) as error:
            return None, str(error)
        signed = verified.checkpoint
        return f"Entry {verified.leaf} of {signed.size} in the log {signed.origin}", None

    def _line(self, receipt: StoredReceipt) -> dict[str, Any]:
        return {
            "leaf": receipt.leaf,
            "job": f"{receipt.customer_id}/{receipt.job_id}",
            "customer": customer_name(self._context.settings, receipt.customer_id),
            "ended": Moment.of(receipt.ended_at),
            "stored": Moment.of(receipt.stored_at),
            "kept": receipt.body is not None,
            "title": _title(receipt),
        }


def _title(receipt: StoredReceipt) -> str | None:
    said = parsed(receipt.body) if receipt.body is not None else None
    title = said.get("title") if isinstance(said, dict) else None
    return title if isinstance(title, str) else None


def _board(name: str, said: Any) -> dict[str, Any]:
    try:
        board, outcome, live = BoardName(name), said.get("outcome"), said.get("live")
        label, words = board.label, outcome_words(board, outcome and Outcome(outcome), Live(live or Live.UNKNOWN))
    except ValueError:  # a receipt of a newer version may name what this one does not know
        label, words = name, str(said.get("outcome"))
    answers = [
        (Moment.of(datetime.fromisoformat(each["at"])), plainly(each["asked"]), plainly(each["answered"]))
        for each in said.get("answers", ())
    ]
    return {"label": label, "words": words, "proven": bool(said.get("proven")), "answers": answers}


def _download(name: str, content: bytes, kind: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)
