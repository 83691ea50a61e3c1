"""The way of every provider call: who and what it names, its faults, the answer, the record."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.customers import Customer, Provider
from sandbox.faults import presets, rewriting, streams
from sandbox.faults.book import FiredFaults, JobRef
from sandbox.faults.spec import FaultSpec
from sandbox.records import Record
from sandbox.tokens import Grant, TokenState

if TYPE_CHECKING:
    from sandbox.world import World

log = logging.getLogger("sandbox")


class RefusalError(Exception):
    """End a call with this reply."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


class Call:
    """One call to a provider, and what is known of it so far."""

    def __init__(self, world: "World", provider: Provider, operation: str, request: web.Request, body: bytes) -> None:
        self.world = world
        self.provider: Provider = provider
        self.operation = operation
        self.request = request
        self.body = body
        self.now = world.clock.time()
        self.customer_id: str | None = None
        self.jobs: tuple[JobRef, ...] = ()
        self.detail = ""
        self.aspects: tuple[str, ...] = ()
        self.faults = FiredFaults()
        self.applied = False
        self.throttled = False
        self.answered = True
        self.fields: dict[str, list[str]] = {}
        self.repeated: dict[str, list[str]] = {}
        self.written: list[str] = []

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or None when it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as a form; of a repeated name the first value counts."""
        pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return dict(reversed(pairs))

    @property
    def token(self) -> str | None:
        """The bearer token presented."""
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    @property
    def token_state(self) -> TokenState:
        """Whether the token presented is good."""
        return self.world.tokens.state(self.provider, self.token)

    @property
    def grant(self) -> Grant | None:
        """What the token presented stands for, expired or not."""
        return self.world.tokens.find(self.provider, self.token)

    @property
    def customer(self) -> Customer | None:
        """The customer that the call acts for."""
        return self.world.customers.get(self.customer_id or "")

    def name_caller(self) -> None:
        """Set the customer that the token stands for."""
        if grant := self.grant:
            self.customer_id = grant.customer_id


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of a provider.

    ``identify`` sets customer and jobs in the call, whatever the body is, and changes nothing else.
    ``plain_error`` makes the provider's usual error reply, for faults that bring no body.
    """

    provider: Provider
    operation: str
    identify: Callable[[Call], None]
    handle: Callable[[Call], web.Response]
    plain_error: Callable[[int, str], web.Response]

    def on(self, world: "World") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return the aiohttp handler that serves it."""

        async def serve(request: web.Request) -> web.StreamResponse:
            call = Call(world, self.provider, self.operation, request, await request.read())
            status: int | None = 500
            try:
                self.identify(call)
                response = await self._answer(call)
                status = response.status if call.answered else None
                return response
            finally:
                _record(call, status)

        return serve

    async def _answer(self, call: Call) -> web.StreamResponse:
        call.faults = call.world.faults.take(call.provider, call.operation, call.customer_id, call.jobs, call.aspects)
        trap = call.faults.stream()
        if trap is not None and trap.kind != "padded" and not trap.work:
            return await streams.stream(call.request, trap, web.Response())
        response = await self._reply(call)
        if response.content_type == "application/json":
            if fault := call.faults.first("rewrite"):
                response = rewriting.rewritten(response, fault.values)
            if fault := call.faults.first("surrogate"):
                response = rewriting.spoiled(response, fault.fields)
        if fault := call.faults.first("slow_answer"):
            await call.world.clock.sleep(fault.seconds)
        return await streams.stream(call.request, trap, response) if trap else response

    async def _reply(self, call: Call) -> web.Response:
        world = call.world
        if slow := call.faults.first("slow"):
            await world.clock.sleep(slow.seconds)
            call.now = world.clock.time()
        if call.faults.first("expire_token") and call.token:
            world.tokens.expire(call.token)
        if call.faults.first("drop"):
            return _hang_up(call)
        if fault := call.faults.first("http"):
            return self._faulty(call, fault)
        if call.faults.first("garbage"):
            return web.Response(text="<html><body>It works!</body></html>", content_type="text/html")
        response = self._handle(call)
        if call.faults.first("lost_answer"):
            return _hang_up(call)
        if fault := call.faults.first("http_after"):
            return self._faulty(call, fault)
        return response

    def _handle(self, call: Call) -> web.Response:
        try:
            return self.handle(call)
        except RefusalError as refusal:
            return refusal.response

    def _faulty(self, call: Call, fault: FaultSpec) -> web.Response:
        if fault.preset is not None:
            seen = presets.reply(fault.preset, call.operation)
            status = fault.status if "status" in fault.model_fields_set else seen.status
            response = web.Response(status=status, text=seen.text, content_type=seen.content_type)
        elif fault.body is None:
            response = self.plain_error(fault.status, fault.message)
        elif isinstance(fault.body, str):
            response = web.Response(status=fault.status, text=fault.body)
        else:
            response = web.json_response(fault.body, status=fault.status)
        response.headers.update(fault.headers)
        call.throttled = response.status == 429
        return response


def _hang_up(call: Call) -> web.Response:
    if call.request.transport is not None:
        call.request.transport.close()
    call.answered = False
    return web.Response(status=500)


def _record(call: Call, status: int | None) -> None:
    records = call.world.records
    record = Record(
        n=records.next_number(),
        at=call.now,
        provider=call.provider,
        operation=call.operation,
        customer_id=call.customer_id,
        job_ids=tuple(dict.fromkeys(job.job_id for job in call.jobs)),
        detail=call.detail,
        status=status,
        applied=call.applied,
        throttled=call.throttled or status == 429,
        fault=str(call.faults) or None,
        fields=call.fields,
        repeated=call.repeated,
        written=tuple(dict.fromkeys(call.written)),
    )
    records.add(record)
    log.info(
        "%s.%s %s %s customer=%s jobs=%s%s",
        record.provider,
        record.operation,
        record.detail or "-",
        record.status or "no answer",
        record.customer_id or "-",
        ascii(",".join(record.job_ids[:3])),
        f" fault={record.fault}" if record.fault else "",
    )
