"""The example of a configuration, with changes, and what is complained of in it."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.loading import ConfigurationError, parse_settings
from config.settings import Settings
from tests.support.replies import SAMPLES, sample

EXAMPLE = tomllib.loads(sample("boardsync.toml").decode())
ENVIRON = {
    "BOARDSYNC_LINK_SECRET": "hunter2-link",
    "ICIMS_1234_WEBHOOK_SECRET": "hunter2-webhook",
    "ICIMS_1234_SECRET": "hunter2-icims",
    "LINKEDIN_1234_SECRET": "hunter2-linkedin",
    "INDEED_1234_SECRET": "hunter2-indeed",
    "INDEED_1234_WEBHOOK_SECRET": "hunter2-indeed-webhook",
}
MISSING = object()
Path_ = tuple[str | int, ...]


def load(raw: dict[str, Any], environ: dict[str, str] | None = None, *, base: Path = SAMPLES) -> Settings:
    return parse_settings(raw, ENVIRON if environ is None else environ, base=base)


def changed(path: Path_, value: object) -> dict[str, Any]:
    """Return the example with another value at a path, or without the key."""
    raw = copy.deepcopy(EXAMPLE)
    place: Any = raw
    for part in path[:-1]:
        place = place[part]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return raw


def complaint(raw: dict[str, Any], environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(raw, environ)
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert "hunter2" not in message
    return message


CUSTOMER: Path_ = ("customers", 0)
