"""Run the sandbox: ``python -m sandbox``."""

import asyncio
import json
import logging
import signal
import sys
from typing import Annotated

import typer

from sandbox.seed import seed
from sandbox.server import Servers
from sandbox.world import World


def main(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    icims_port: Annotated[int, typer.Option(help="0 takes any free port, here and below.")] = 9101,
    linkedin_port: Annotated[int, typer.Option()] = 9102,
    indeed_port: Annotated[int, typer.Option()] = 9103,
    control_port: Annotated[int, typer.Option()] = 9100,
    quiet: Annotated[bool, typer.Option(help="Do not log every request.")] = False,
) -> None:
    """Simulate iCIMS, LinkedIn and Indeed until stopped; print their URLs as one line of JSON."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    ports = {
        "icims": icims_port,
        "linkedin": linkedin_port,
        "indeed": indeed_port,
        "control": control_port,
    }
    try:
        asyncio.run(_serve(host, ports))
    except OSError as error:
        typer.echo(f"The sandbox cannot listen: {error.strerror}. Choose other ports, or 0.", err=True)
        raise typer.Exit(1) from None


async def _serve(host: str, ports: dict[str, int]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with Servers(World(seed=seed), host=host, ports=ports) as servers:
        sys.stdout.write(json.dumps(servers.urls) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    typer.run(main)
