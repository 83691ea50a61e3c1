"""A folder of configuration with generated customers."""

from pathlib import Path
from typing import Any

from config.live import Live
from config.loading import CONFIG_VARIABLE
from config.settings import Settings
from tests.support.settings import customer, raw_settings, write_toml

URLS = {name: f"http://127.0.0.1:9/{name}" for name in ("icims", "linkedin", "indeed")}


class Folder:
    """Write the files of a configuration, as a person or a deployment does."""

    def __init__(self, path: Path) -> None:
        """Write the main file."""
        self.path = path
        (path / "customers").mkdir()
        self.main = {key: value for key, value in raw_settings(URLS).items() if key != "customers"}
        self.write_main()

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment that names it."""
        return {CONFIG_VARIABLE: str(self.path)}

    def write_main(self, **changed: Any) -> None:
        """Write the main file."""
        self.main |= changed
        self._write(self.path / "boardsync.toml", self.main)

    def write(self, id_: str, *, file: str | None = None, **changed: Any) -> Path:
        """Write a customer's file."""
        path = self.path / "customers" / (file or f"{id_}.toml")
        raw = customer(id_, f"Customer {id_}", application=int(id_), organization=int(id_), contract=int(id_))
        return self._write(path, {**raw, **changed})

    def live(self) -> Live:
        """Load it as a process does."""
        return Live.open(self.environ, look_every=0.01, quiet_for=0.01)

    def _write(self, path: Path, raw: dict[str, Any]) -> Path:
        fresh = path.with_name(f".{path.name}")
        write_toml(fresh, raw)
        fresh.replace(path)
        return path


def names(settings: Settings) -> dict[str, str]:
    """Return the customers' names."""
    return {each.id: each.name for each in settings.customers}


def said(live: Live) -> str:
    """Return what is wrong with it."""
    return " | ".join(each.message for each in live.troubles)
