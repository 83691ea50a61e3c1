"""Read docs/runbooks.md: its sections, what brings a job into each state, and what ends it."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

from boardsync.reference.messages import PAGE

PARTS = ("**You see** ", "**Why:** ", "1. ", "**It is over** when ", "**Try it**", "**End it**")


@dataclass(frozen=True)
class Runbook:
    """One section."""

    heading: str
    text: str

    def commands(self, title: str) -> list[list[str]]:
        """Return the commands of a block, each as its words."""
        found = re.search(rf"^\*\*{title}\*\*\n\n```sh\n(.*?)```", self.text, re.MULTILINE | re.DOTALL)
        assert found, f"{self.heading}: no block {title}"
        return [shlex.split(line) for line in found[1].replace("\\\n", " ").splitlines()]

    @property
    def steps(self) -> str:
        """Return what a person is told to do."""
        return "\n".join(re.findall(r"^[0-9]+\. .*$", self.text, re.MULTILINE))


def runbooks() -> list[Runbook]:
    """Return every section in its order."""
    _, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [Runbook(*section.split("\n", 1)) for section in sections]


@dataclass(frozen=True)
class Curl:
    """A command that curl would run."""

    method: str
    port: str
    path: str
    body: Any

    @classmethod
    def of(cls, words: list[str]) -> "Curl":
        """Read the few options that the page uses."""
        method, body, url, rest = "", None, "", words[1:]
        while rest:
            word = rest.pop(0)
            match word:
                case "-s":
                    pass
                case "-u" | "-H":
                    rest.pop(0)
                case "-X":
                    method = rest.pop(0)
                case "-d":
                    body = json.loads(rest.pop(0))
                case _:
                    assert not url, words
                    url = word
        found = re.fullmatch(r"127\.0\.0\.1:([0-9]+)(/.*)", url)
        assert found, words
        return cls(method or ("GET" if body is None else "POST"), found[1], found[2], body)
