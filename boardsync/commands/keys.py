"""The commands `keys new` and `keys rotate`: secrets for each purpose, and how to change them while all goes on."""

import base64
import os
import secrets
import tomllib
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.text import Text

from boardsync.commands.options import Config, Json
from boardsync.exits import ExitCode, misused
from boardsync.output import Output
from boardsync.running import run
from config.loading import load_settings, located
from config.store import KEY_BYTES
from config.temporal import Temporal
from runtime.encryption import key_id
from store.ledger.notes import NoteError, SigningKey

app = typer.Typer(no_args_is_help=True, help="Make secrets, and change them without losing an event.")


class Purpose(StrEnum):
    """What a secret is for."""

    LINK = "link"
    TOKEN = "token"  # noqa: S105 -- a purpose
    HIRE = "hire"
    STORE = "store"
    ENCRYPTION = "encryption"
    CODEC = "codec"
    LEDGER = "ledger"
    WEBHOOK = "webhook"
    NOTIFICATION = "notification"


PLACES = {
    Purpose.LINK: ("gateway", "link_secret", "link_previous_secret"),
    Purpose.TOKEN: ("gateway", "token_secret", "token_previous_secret"),
    Purpose.HIRE: ("gateway", "hire_secret", "hire_previous_secret"),
    Purpose.STORE: ("store", "key", "previous_keys"),
    Purpose.ENCRYPTION: ("temporal", "encryption_keys", "encryption_keys"),
    Purpose.CODEC: ("codec", "token", None),
    Purpose.LEDGER: ("ledger", "key", None),
}
"""Section and key of a secret of the whole installation, and of its previous value."""
GOOD_FOR = {
    Purpose.LINK: "until link_valid_for has passed (30 days, unless configured)",
    Purpose.TOKEN: "for 15 minutes",
    Purpose.HIRE: "until no lifecycle that counted a hire under it is open",
    Purpose.STORE: "until what it sealed is older than 30 days",
    Purpose.ENCRYPTION: "until Temporal holds nothing encrypted with it: the longest open lifecycle, and the retention",
}
_Purpose = Annotated[Purpose, typer.Argument(metavar="PURPOSE", help=f"What it is for: {', '.join(Purpose)}.")]
_Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Names a ledger, like ledger.example.com.")]


@app.command("new")
def new(purpose: _Purpose, name: _Name = None, as_json: Json = False) -> None:
    """Make a secret for one purpose. It is shown this once: put it into a file that only the processes may read."""

    async def work() -> ExitCode:
        made = make(purpose, name)
        shown = [Text(made["secret"])]
        if "public" in made:
            shown.append(Text(f"# public: {made['public']}"))
        Output(as_json=as_json).answer(made, *shown)
        return ExitCode.DONE

    run(work)


@app.command("rotate")
def rotate(purpose: _Purpose, config: Config = None, name: _Name = None, as_json: Json = False) -> None:
    """Make a new secret, and say step by step how the configuration goes over to it. Nothing is written."""

    async def work() -> ExitCode:
        if purpose not in PLACES:
            raise misused(_by_hand(purpose))
        load_settings()  # what cannot be used is told before a step is
        made = make(purpose, name)
        steps = steps_for(purpose, _raw_value(purpose), made["secret"])
        Output(as_json=as_json).answer(
            {**made, "steps": steps}, Text(made["secret"]), *(Text(f"{at}. {each}") for at, each in enumerate(steps, 1))
        )
        return ExitCode.DONE

    run(work)


def make(purpose: Purpose, name: str | None = None) -> dict[str, str]:
    """Return a new secret; of a ledger's also the public part.

    Raises CommandFailed.
    """
    match purpose:
        case Purpose.STORE | Purpose.ENCRYPTION:
            return {"secret": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}
        case Purpose.NOTIFICATION:
            return {"secret": f"whsec_{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"}
        case Purpose.LEDGER:
            if name is None:
                raise misused("a ledger has a name, by which others know it: --name ledger.example.com")
            try:
                made = SigningKey.new(name)
            except NoteError as error:
                raise misused(str(error)) from error
            return {"secret": made.text(), "public": str(made.verifier)}
        case _:
            return {"secret": secrets.token_urlsafe(48)}


def steps_for(purpose: Purpose, present: Any, new_secret: str) -> list[str]:
    """Return what to do, in order; a present value is named as the file has it, unless it stands there in the open."""
    section, key, previous = PLACES[purpose]
    shown, restart = _shown(present), "restart gateways, workers, console and codec server, one after the other"
    if not present:
        return [f"Set [{section}] {key} to the new value.", f"Then {restart}."]
    if purpose is Purpose.ENCRYPTION:
        keys = ", ".join(_shown(each) for each in present)
        named = key_id(Temporal.model_validate({"encryption_keys": [new_secret]}).key_bytes[0])
        return [
            f"Put the new one last: encryption_keys = [{keys}, NEW]. Then {restart}, so that all can decrypt.",
            f"Put it first: encryption_keys = [NEW, {keys}]. Then {restart}; from then on it encrypts, as {named}.",
            f"Keep the older ones {GOOD_FOR[purpose]}; then take them out.",
        ]
    if previous is None:
        what = "all log in anew"
        if purpose is Purpose.LEDGER:
            what = "the public part of the older one (boardsync ledger key show) goes into previous_keys, for good"
        return [f"Set [{section}] {key} to the new value instead of {shown}; {what}.", "Then restart what uses it."]
    older = f"[{shown}, …]" if purpose is Purpose.STORE else shown
    return [
        f"Set [{section}] {previous} = {older}, which is the present value, and {key} to the new one.",
        f"Then {restart}: the older value stays good meanwhile.",
        f"Keep the older one {GOOD_FOR[purpose]}; then take it out.",
    ]


def _shown(value: Any) -> str:
    is_reference = isinstance(value, str) and value.startswith(("env:", "file:"))
    return f'"{value}"' if is_reference else "(the present value)"


def _raw_value(purpose: Purpose) -> Any:
    section, key, _ = PLACES[purpose]
    raw = tomllib.loads(located(os.environ).read_text(encoding="utf-8"))
    return raw.get(section, {}).get(key)


def _by_hand(purpose: Purpose) -> str:
    if purpose is Purpose.WEBHOOK:
        return (
            "each customer has its own: set webhook_previous_secret to the present one and webhook_secret to one made "
            "by `boardsync keys new webhook`, restart the gateways, then enter it in iCIMS"
        )
    return "each endpoint has its own: set its secret to one made by `boardsync keys new notification`, there and here"
