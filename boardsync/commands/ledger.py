"""The commands `ledger …` and `verify`: keys, the walk over the whole ledger, and one proof file."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from activities.stored import signing_key, verifier_keys
from boardsync.commands.options import Config, Json
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.jobs.stored import opened
from boardsync.output import Output
from boardsync.running import run
from config.loading import load_settings
from store.ledger.audit import audit
from store.ledger.notes import NoteError, SigningKey, VerifierKey
from store.ledger.verify import ProofFault, verify_file

app = typer.Typer(no_args_is_help=True, help="The signed log of all receipts: its key, and whether it is whole.")
keys = typer.Typer(no_args_is_help=True, help="The key that signs the ledger.")
app.add_typer(keys, name="key")

Published = Annotated[
    list[Path] | None,
    typer.Option("--published", metavar="FILE", help="A checkpoint that was published before; may be repeated."),
]
Key = Annotated[list[str], typer.Option("--key", metavar="KEY", help="The public key; may be repeated.")]


@keys.command("new")
def new(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Names the log, like ledger.example.com.")],
    as_json: Json = False,
) -> None:
    """Make a key for [ledger] key. The private part is a secret, shown this once; the public one is for others."""

    async def work() -> ExitCode:
        try:
            made = SigningKey.new(name)
        except NoteError as error:
            raise misused(str(error)) from error
        answer = {"private": made.text(), "public": str(made.verifier)}
        Output(as_json=as_json).answer(answer, Text(made.text()), Text(f"# public: {made.verifier}"))
        return ExitCode.DONE

    run(work)


@keys.command("show")
def show(config: Config = None, as_json: Json = False) -> None:
    """Show the public key, in the form name+id+base64: what somebody needs to verify a receipt."""

    async def work() -> ExitCode:
        made = signing_key(load_settings())
        if made is None:
            raise CommandFailed("[ledger] key is not set: make one by `boardsync ledger key new --name NAME`")
        Output(as_json=as_json).answer({"public": str(made.verifier)}, Text(str(made.verifier)))
        return ExitCode.DONE

    run(work)


@app.command("verify")
def verify_ledger(
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="KEY", help="An older public key too; may be repeated.")
    ] = None,
    published: Published = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Walk over the whole ledger and name whatever somebody did to it. Exit code 3 where anything is wrong."""

    async def work() -> ExitCode:
        settings = load_settings()
        known = [*verifier_keys(settings), *_keys(key or [])]
        if not known:
            raise misused("nothing to verify by: set [ledger] key, or give the public key by --key")
        async with opened(settings) as stored:
            found = await audit(stored.store, *known, published=_notes(published))
        faults = [fault._asdict() for fault in found.faults]
        words = [Text(f"{fault.kind}: {fault.words}", style="red") for fault in found.faults]
        counted = f"{found.entries} receipts, {found.checkpoints} checkpoints, {found.removed} bodies removed by keep"
        said = Text(f"{counted}: {'whole' if found.sound else f'{len(faults)} faults'}")
        answer = {"sound": found.sound, "entries": found.entries, "checkpoints": found.checkpoints, "faults": faults}
        Output(as_json=as_json).answer(answer, *words, said)
        return ExitCode.DONE if found.sound else ExitCode.NOT_DONE

    run(work)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A proof, as `receipt --proof` writes it.")],
    key: Key,
    published: Published = None,
    as_json: Json = False,
) -> None:
    """Verify one proof file by nothing but the public key: no configuration, no network. Exit code 3 where it fails."""

    async def work() -> ExitCode:
        out = Output(as_json=as_json)
        try:
            found = verify_file(_bytes(file), *_keys(key), published=_notes(published))
        except ProofFault as fault:
            out.answer(
                {"verified": False, "kind": fault.kind, "words": str(fault)}, Text(f"{fault.kind}: {fault}", "red")
            )
            return ExitCode.NOT_DONE
        signed = found.checkpoint
        said = f"Verified: receipt {found.leaf} of {signed.size} in the log {signed.origin}."
        answer = {
            "verified": True,
            "leaf": found.leaf,
            "size": signed.size,
            "log": signed.origin,
            "receipt": found.receipt,
        }
        out.answer(answer, Text(json.dumps(found.receipt, indent=2, ensure_ascii=False)), Text(said, "green"))
        return ExitCode.DONE

    run(work)


def _keys(texts: list[str]) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text) for text in texts]
    except NoteError as error:
        raise misused(f"--key: {error}") from error


def _notes(files: list[Path] | None) -> tuple[str, ...]:
    return tuple(_bytes(file).decode("utf-8", "replace") for file in files or [])


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise misused(f"cannot read {file}: {error.strerror}") from error
