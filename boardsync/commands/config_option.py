"""The option that every command takes, apart from the others: the help of all commands needs nothing else."""

import os
from pathlib import Path
from typing import Annotated

import typer

from config.variable import CONFIG_VARIABLE


def _use_config(file: Path | None) -> None:
    # Before and after the command's name alike, so that nobody needs to remember where it goes.
    if file is not None:
        os.environ[CONFIG_VARIABLE] = str(file)


Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help=f"Use this configuration, not {CONFIG_VARIABLE}.", callback=_use_config
    ),
]
