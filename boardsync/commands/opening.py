"""The command `open`: where a person can look at a job, opened in the browser."""

import webbrowser
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from boardsync.commands.options import Config, Job, Json
from boardsync.exits import CommandFailed, ExitCode
from boardsync.jobs.dossier import read_dossier
from boardsync.jobs.references import read_one
from boardsync.output import Output
from boardsync.running import connected, run, settings_if_any
from models.states import BoardName


class Place(StrEnum):
    """What can be opened."""

    PAGE = "page"
    UI = "ui"
    LINKEDIN = "linkedin"
    INDEED = "indeed"

    @property
    def label(self) -> str:
        """Return what the link is called where a job is shown."""
        named = {Place.PAGE: "Job page", Place.UI: "Temporal Web UI"}
        return named[self] if self in named else BoardName(self.value).label


def open_job(
    job: Job,
    at: Annotated[Place | None, typer.Option("--at", help="What to open. [default: the page, else the Web UI]")] = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the addresses, and open nothing.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Open a job in the browser: its page, the Temporal Web UI, or a board."""

    async def work() -> ExitCode:
        wanted = read_one(job)
        links = (await read_dossier(await connected(), wanted, settings_if_any())).links
        place = at or next((each for each in (Place.PAGE, Place.UI) if each.label in links), None)
        if place is None or place.label not in links:
            raise CommandFailed(_unknown(place, links))
        Output(as_json=as_json).answer({"links": links}, *(Text(f"{name}: {url}") for name, url in links.items()))
        if not only_print and not as_json:
            webbrowser.open(links[place.label])
        return ExitCode.DONE

    run(work)


def _unknown(place: Place | None, links: dict[str, str]) -> str:
    what = place.label if place is not None else "the job's page and the Web UI"
    why = (
        "the board has not named the posting's address"
        if place in {Place.LINKEDIN, Place.INDEED}
        else "name the configuration by --config, with [gateway] public_url, link_secret and temporal_ui_url"
    )
    known = f"; known: {', '.join(links)}" if links else ""
    return f"no address of {what} is known: {why}{known}"
