"""Read the files of the configuration: TOML, `env:` and `file:` values, and which files they came from."""

import os
import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from errno import EFBIG, EINVAL
from pathlib import Path
from stat import S_ISREG
from typing import Any

CUSTOMERS = "customers"
"""The key, and the folder beside the main file."""
MAIN = "boardsync.toml"

LARGEST = 16 * 1024 * 1024
"""Bytes: a file of thousands of customers has less."""

NOT_GIVEN = "(a secret that is not given to this process)"
"""Stands for a secret that a process leaves unread: whoever is sent it refuses it."""
CALLS_BOARDS = frozenset({"icims.client_secret", "indeed.client_secret", "indeed.rules.client_secret"})
"""A customer's secrets that only calls to iCIMS and Indeed need; LinkedIn's signs its webhooks, too."""
OF_OTHERS = CALLS_BOARDS | {"codec.token"}
"""What neither the gateway nor the console needs: those, and what opens the codec server."""

_INDEX = re.compile(r"\[[0-9]+\]")
_ID_LINE = re.compile(r"^\s*id\s*=\s*[\"']([0-9]{1,20})[\"']", re.MULTILINE)


class ConfigurationError(Exception):
    """The configuration cannot be used; the message is one line that names the key and what was expected."""


class UnparsableError(ConfigurationError):
    """A file is no TOML; `ids` are the customers that its text seems to be about."""

    def __init__(self, message: str, ids: tuple[str, ...]) -> None:
        """Keep both."""
        super().__init__(message)
        self.ids = ids


Stamp = tuple[int, int, int, int] | None
"""What tells a file from its next version: inode, size, times of writing and of change; None where there is none.

The last tells of a file that may be read only by now, or that took an older one's place with its time of writing.
"""


@dataclass(slots=True)
class Reader:
    """Read files, and remember each with its stamp, taken before it was read: a later change is seen."""

    environ: Mapping[str, str]
    stamps: dict[Path, Stamp] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict, repr=False)
    """Every value that came from elsewhere, and from where."""
    unread: Set[str] = frozenset()
    """Keys, those of a customer without its place, whose `env:` and `file:` values are not for this process."""

    def toml(self, path: Path) -> dict[str, Any]:
        """Parse a file.

        Raises ConfigurationError.
        """
        self._note(path)
        try:
            text = read_text(path)
        except OSError as error:
            raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{path}: expected UTF-8 text") from error
        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
            raise UnparsableError(f"{path}: not valid TOML: {error}", tuple(_ID_LINE.findall(text))) from error

    def customer_files(self, folder: Path) -> list[Path]:
        """Return the files of customers, by name; an editor's own, which begin with a dot, are none.

        Raises ConfigurationError where the folder cannot be listed.
        """
        self._note(folder)
        try:
            names = sorted(each.name for each in folder.iterdir())
        except OSError as error:
            raise ConfigurationError(f"cannot list {folder}: {error.strerror}") from error
        return [folder / name for name in names if name.lower().endswith(".toml") and not name.startswith(".")]

    def resolve(self, value: Any, key: str, base: Path) -> Any:
        """Put the words of `env:NAME` and `file:PATH` in their place, relative to `base`.

        Raises ConfigurationError.
        """
        match value:
            case dict():
                return {k: self.resolve(v, f"{key}.{k}" if key else k, base) for k, v in value.items()}
            case list():
                return [self.resolve(v, f"{key}[{i}]", base) for i, v in enumerate(value)]
            case str() if value.startswith(("env:", "file:")) and self._is_unread(key):
                return NOT_GIVEN
            case str() if value.startswith("env:"):
                return self._remember(self._from_environment(value[4:], key), value)
            case str() if value.startswith("file:"):
                return self._remember(self._from_file(base / value[5:], key), value)
            case _:
                return value

    def _is_unread(self, key: str) -> bool:
        return _INDEX.sub("", key).removeprefix(f"{CUSTOMERS}.") in self.unread

    def _remember(self, text: str, reference: str) -> str:
        self.references.setdefault(text.strip(), reference)
        return text

    def _from_environment(self, name: str, key: str) -> str:
        if not self.environ.get(name):
            raise ConfigurationError(f"{key}: expected the environment variable {name} to be set and not empty")
        return self.environ[name]

    def _from_file(self, path: Path, key: str) -> str:
        self._note(path)
        try:
            text = read_text(path).strip()
        except (OSError, ValueError) as error:  # ValueError: no UTF-8, or no possible path
            raise ConfigurationError(f"{key}: cannot read the file {path}: {error}") from error
        if not text:
            raise ConfigurationError(f"{key}: the file {path} is empty")
        return text

    def _note(self, path: Path) -> None:
        self.stamps.setdefault(path, stamp(path))


def stamp(path: Path) -> Stamp:
    """Return what tells a file, or a folder's list of files, from its next version."""
    try:
        found = os.stat(path)  # noqa: PTH116 -- follows links: what they point to may change
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_text(path: Path) -> str:
    """Return what a file says, with or without the mark that some editors put before UTF-8.

    What could be read without end, or would wait for a writer, is refused.
    Raises OSError and UnicodeDecodeError.
    """
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found = os.fstat(opened)
        if not S_ISREG(found.st_mode):
            raise OSError(EINVAL, "expected a regular file")
        if found.st_size > LARGEST:
            raise OSError(EFBIG, f"expected at most {LARGEST} bytes")
        with os.fdopen(opened, "rb", closefd=False) as file:
            return file.read(LARGEST).decode("utf-8-sig")
    finally:
        os.close(opened)
