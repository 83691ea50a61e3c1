"""The commands `config …`: check, show, schema, init."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from boardsync.commands.options import Config, Customer, Json
from boardsync.configuration.checking import check as find_faults
from boardsync.configuration.schema import customer_schema, settings_schema
from boardsync.configuration.showing import lines
from boardsync.configuration.starter import customer_file, main_file
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.output import Output
from boardsync.running import run
from config.loading import has_parts, load_settings, located
from config.parts import load
from config.reading import CUSTOMERS, MAIN

SCHEMAS = {MAIN: "boardsync.schema.json", CUSTOMERS: "customer.schema.json"}

app = typer.Typer(no_args_is_help=True, help="Check the configuration, show it, begin a new one.")


@app.command()
def check(config: Config = None, as_json: Json = False) -> None:
    """Check every file, key and secret, without calling anybody. Exit code 2 where a part is broken."""

    async def work() -> ExitCode:
        customers, wrong = find_faults(located(os.environ), os.environ)
        shown: list[RenderableType] = [Text(each, style="red") for each in wrong]
        usable = f"{customers} customer{'s' * (customers != 1)} can be used"
        faults = f"{len(wrong)} fault{'s' * (len(wrong) != 1)};" if wrong else "Nothing is wrong:"
        shown.append(Text(f"{faults} {usable}."))
        Output(as_json=as_json).answer({"customers": customers, "faults": wrong}, *shown)
        return ExitCode.USAGE if wrong else ExitCode.DONE

    run(work)


@app.command()
def show(customer: Customer = None, config: Config = None, as_json: Json = False) -> None:
    """Show what is in force, with every default, as TOML. Secrets and what comes from elsewhere are not written out."""

    async def work() -> ExitCode:
        main = located(os.environ)
        if not has_parts(main):
            load_settings()  # a single file must be whole
        loaded = load(main, os.environ)
        if customer is not None and loaded.settings.customer(customer) is None:
            raise CommandFailed(f"customer {customer} is not in the configuration, or its file is broken")
        out = Output(as_json=as_json)
        for each in loaded.troubles:
            out.remark(each.message)
        shown = lines(loaded.settings, loaded.references, customer_id=customer)
        out.answer({"toml": "\n".join(shown)}, Text("\n".join(shown)))
        return ExitCode.DONE

    run(work)


@app.command()
def schema(
    of_customer: Annotated[bool, typer.Option("--customer", help="Of a customer's own file.")] = False,
) -> None:
    """Print the JSON Schema of the main file, or of a customer's file, for editors."""

    async def work() -> ExitCode:
        print(customer_schema() if of_customer else settings_schema(), end="")
        return ExitCode.DONE

    run(work)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files are to be.")],
    customer: Customer = None,
    name: Annotated[str | None, typer.Option("--name", help="The customer's name.")] = None,
    as_json: Json = False,
) -> None:
    """Write files to begin with: the main file, schemas, and a customer's file. What is there already stays."""

    async def work() -> ExitCode:
        if name is not None and customer is None:
            raise misused("--name goes with --customer ID")
        wanted = {
            folder / SCHEMAS[MAIN]: settings_schema(),
            folder / SCHEMAS[CUSTOMERS]: customer_schema(),
            folder / MAIN: main_file(SCHEMAS[MAIN]),
        }
        if customer is not None:
            path = folder / CUSTOMERS / f"{customer}.toml"
            wanted[path] = customer_file(customer, name or f"Customer {customer}", f"../{SCHEMAS[CUSTOMERS]}")
            if path.exists():
                raise CommandFailed(f"{path} is there already: nothing was written")
        try:
            (folder / CUSTOMERS).mkdir(parents=True, exist_ok=True)
            made = [path for path, text in wanted.items() if _written(path, text)]
        except OSError as error:
            raise CommandFailed(f"cannot write to {folder}: {error.strerror}") from error
        told = [Text(f"wrote {path}") for path in made] or [Text("Everything is there already.")]
        Output(as_json=as_json).answer({"written": [str(path) for path in made]}, *told)
        return ExitCode.DONE

    run(work)


def _written(path: Path, text: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
