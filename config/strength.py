"""Secrets that protect nothing: values that are published, short ones, and such as a person made up.

Which of them a process refuses to start with; where all boards are simulated ones nothing is to be protected.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import SecretStr

from config.egress import refuse_foreign
from config.reading import ConfigurationError
from config.settings import Settings
from config.temporal import CodecFile

OURS = 32
"""Characters, or bytes of a key, of a secret that only Boardsync uses."""
WEBHOOK = 16
"""Characters of a password or key that iCIMS is given for its events."""
THEIRS = 8
"""Characters of a secret that a provider has made: its length is not ours to choose."""
FEWEST = 10
"""Different characters of a secret of ours."""
_PUBLISHED = re.compile(
    r"sandbox|protects|of-no-worth|-secret-\d{4}|linkedin-parent-secret|change[-_ ]?me|hunter2|example|placeholder"
    r"|insert[-_ ]|your[-_ ]|passw0?rd|123456",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Weakness:
    """A secret that is not one; the words hold nothing of it."""

    key: str
    why: str

    @property
    def words(self) -> str:
        """Return what is wrong."""
        return f"{self.key} {self.why}"


def weaknesses(settings: Settings) -> list[Weakness]:
    """Return every secret that protects nothing."""
    found = (Weakness(key, why) for key, secret, least in _all(settings) if (why := _why(secret, least)) is not None)
    return [*found, *_shared(settings)]


def refuse_weak(settings: Settings, before: Settings | None = None) -> None:
    """Raise ConfigurationError for secrets that protect nothing, or go to strangers, unless all boards are simulated.

    While a process runs, those that it began with `before` are no reason to refuse something else.
    """
    refuse_foreign(settings)
    found = [] if settings.simulated else weaknesses(settings)
    known = set(weaknesses(before)) if found and before is not None else set()
    if new := [each for each in found if each not in known]:
        more = f" (and {len(new) - 1} more: boardsync doctor)" if len(new) > 1 else ""
        raise ConfigurationError(f"{new[0].words}: boardsync keys new makes a good one{more}")


def refuse_weak_token(codec: CodecFile) -> None:
    """Raise ConfigurationError for a codec server's token that protects nothing, unless all boards are simulated."""
    token = codec.codec.token
    why = None if token is None or codec.simulated else _why(token, OURS)
    if why is not None:
        raise ConfigurationError(f"codec.token {why}: boardsync keys new codec makes a good one")


def _why(secret: SecretStr, least: int) -> str | None:
    text = secret.get_secret_value()
    if _PUBLISHED.search(text) or _PUBLISHED.search(_decoded(text)):
        return "is a value that is published, or as good as: anybody knows it"
    if len(text) < least:
        return f"is too short: {len(text)} characters, and at least {least} are needed"
    if least == OURS and len(set(text)) < FEWEST:
        return f"is weak: only {len(set(text))} of its characters differ"
    return None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text.rpartition("+")[2], altchars=b"-_", validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _all(settings: Settings) -> Iterator[tuple[str, SecretStr, int]]:
    gateway, parent = settings.gateway, settings.linkedin.parent
    ours: list[tuple[str, SecretStr | None]] = [
        ("gateway.link_secret", gateway.link_secret),
        ("gateway.link_previous_secret", gateway.link_previous_secret),
        ("gateway.token_secret", gateway.token_secret),
        ("gateway.token_previous_secret", gateway.token_previous_secret),
        ("gateway.hire_secret", gateway.hire_secret),
        ("gateway.hire_previous_secret", gateway.hire_previous_secret),
        ("codec.token", settings.codec.token),
        ("store.key", settings.store.key),
        ("ledger.key", settings.ledger.key),
        *((f"store.previous_keys[{at}]", each) for at, each in enumerate(settings.store.previous_keys)),
        *((f"temporal.encryption_keys[{at}]", each) for at, each in enumerate(settings.temporal.encryption_keys)),
    ]
    yield from ((key, secret, OURS) for key, secret in ours if secret is not None)
    if parent is not None:
        yield "linkedin.parent.client_secret", parent.client_secret, THEIRS
    for at, customer in enumerate(settings.customers):
        here, icims, linkedin, indeed = f"customers[{at}]", customer.icims, customer.linkedin, customer.indeed
        theirs: list[tuple[str, SecretStr | None, int]] = [
            ("icims.webhook_secret", icims.webhook_secret, WEBHOOK),
            ("icims.webhook_previous_secret", icims.webhook_previous_secret, WEBHOOK),
            ("icims.client_secret", icims.client_secret, THEIRS),
            ("linkedin.client_secret", linkedin.client_secret if linkedin is not None else None, THEIRS),
            ("indeed.client_secret", indeed.client_secret if indeed is not None else None, THEIRS),
            ("indeed.webhook_secret", indeed.webhook_secret if indeed is not None else None, WEBHOOK),
            ("indeed.refresh_token", indeed.refresh_token if indeed is not None else None, THEIRS),
        ]
        for number, rule in enumerate(indeed.rules if indeed is not None else ()):
            theirs += [
                (f"indeed.rules[{number}].client_secret", rule.client_secret, THEIRS),
                (f"indeed.rules[{number}].webhook_secret", rule.webhook_secret, WEBHOOK),
                (f"indeed.rules[{number}].refresh_token", rule.refresh_token, THEIRS),
            ]
        yield from ((f"{here}.{key}", secret, least) for key, secret, least in theirs if secret is not None)


def _shared(settings: Settings) -> Iterator[Weakness]:
    """Find one value in two places: who has it for one purpose has it for the other."""
    seen: dict[str, str] = {}
    for key, secret, least in _all(settings):
        if least != OURS:
            continue
        text = secret.get_secret_value()
        if text in seen:
            yield Weakness(key, f"is the same as {seen[text]}: each purpose needs a secret of its own")
        seen.setdefault(text, key)
