"""Run a command to its end: whatever can be foreseen to go wrong is one line and an exit code."""

import asyncio
import os
from collections.abc import Awaitable, Callable

import typer
from rich.console import Console
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode

from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.output import one_line
from config.loading import CONFIG_VARIABLE, ConfigurationError, load_settings
from config.settings import Settings
from config.temporal import Temporal
from runtime.connection import PLAIN, TemporalUnreachable, connect
from runtime.encryption import Undecryptable
from webhook_gateway.dispatch import TemporalUnavailable

CONNECT_WITHIN = 15.0
"""Seconds; a host that swallows packets would otherwise keep a person waiting for minutes."""

_REFUSED = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED})
_SILENT = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


def run(work: Callable[[], Awaitable[ExitCode]]) -> None:
    """Run a command's work and end with its exit code."""

    async def to_its_end() -> ExitCode:
        return await work()

    try:
        code = asyncio.run(to_its_end())
    except CommandFailed as error:
        code = _said(error, error.code)
    except ConfigurationError as error:
        code = _said(error, ExitCode.USAGE)
    except (TemporalUnreachable, TemporalUnavailable, Undecryptable) as error:
        code = _said(error, ExitCode.FAILED)
    except RPCError as error:
        failure = from_rpc(error)
        code = _said(failure, failure.code)
    except KeyboardInterrupt:
        code = _said("interrupted", ExitCode.INTERRUPTED)
    raise typer.Exit(code)


def settings_if_any() -> Settings | None:
    """Load the configuration where one is named; most of what Temporal tells needs none.

    Raises ConfigurationError.
    """
    return load_settings() if os.environ.get(CONFIG_VARIABLE) else None


async def connected(temporal: Temporal | None = None) -> Client:
    """Connect to Temporal by the standard `TEMPORAL_*` settings, with the keys of the configuration where there is one.

    Raises CommandFailed and ConfigurationError.
    """
    if temporal is None:
        settings = settings_if_any()
        temporal = settings.temporal if settings is not None else PLAIN
    try:
        ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise misused(f"the TEMPORAL_* settings cannot be used: {one_line(str(error))}") from error
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            return await connect(temporal)
    except TemporalUnreachable as error:
        raise CommandFailed(one_line(str(error))) from error
    except TimeoutError as error:
        raise CommandFailed(
            f"Temporal gave no answer within {CONNECT_WITHIN:.0f} s: check TEMPORAL_ADDRESS and the network"
        ) from error


def from_rpc(error: RPCError) -> CommandFailed:
    """Return what a failed call to Temporal means."""
    words = one_line(error.message)
    if error.status in _REFUSED:
        return CommandFailed(f"Temporal refuses this: check TEMPORAL_API_KEY or the TLS certificate ({words})")
    if error.status in _SILENT:
        return CommandFailed(f"Temporal does not answer: try again, or look at the server ({words})")
    if is_missing_namespace(error):
        return misused(f"Temporal has no such namespace: check TEMPORAL_NAMESPACE ({words})")
    if error.status is RPCStatusCode.INVALID_ARGUMENT:
        return misused(f"Temporal does not understand the request: {words}")
    return CommandFailed(f"Temporal answered {error.status.name}: {words}")


def is_missing_namespace(error: RPCError) -> bool:
    """Return whether it is the namespace that Temporal does not find."""
    return error.status is RPCStatusCode.NOT_FOUND and "namespace" in error.message.lower()


def _said(why: object, code: ExitCode) -> ExitCode:
    Console(stderr=True).print(f"boardsync: {why}", style="red", markup=False, highlight=False, soft_wrap=True)
    return code
