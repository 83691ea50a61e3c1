"""What Temporal gets to see, and who may have it decrypted."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr

from config.store import SealingKey, key_bytes
from config.values import Duration, Listen, Secret, Section, Text, host_and_port

TOKEN_LENGTH = 32
"""Characters of a codec server's token, at least."""


def _an_origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != text:
        raise ValueError("expected an origin such as https://temporal.example.com, without a path")
    return text


def _a_long_token(token: SecretStr) -> SecretStr:
    if len(token.get_secret_value()) < TOKEN_LENGTH:
        raise ValueError(f"expected at least {TOKEN_LENGTH} characters: boardsync keys new codec")
    return token


class Temporal(Section):
    """What Boardsync gives Temporal to keep; where Temporal is, the standard `TEMPORAL_*` settings say."""

    encryption_keys: tuple[SealingKey, ...] = ()
    """Encrypt inputs, results, signals, failures: 32 random bytes in base64 each. The first encrypts, all decrypt."""
    encrypt: bool = True
    """`false` only decrypts: while keys are being given to all processes, and to go back to the clear."""

    @property
    def key_bytes(self) -> tuple[bytes, ...]:
        """Return the bytes of all keys."""
        return tuple(key_bytes(each) for each in self.encryption_keys)


class Codec(Section):
    """The codec server, `boardsync codec`: it decrypts for people at the Temporal Web UI and CLI."""

    listen: Listen = "127.0.0.1:8081"
    """Where it listens; on another address than this machine's own put a proxy with a certificate before it."""
    token: Annotated[Secret, AfterValidator(_a_long_token)] | None = None
    """Who has it may read everything: people log in by it, the CLI sends it. At least 32 characters."""
    origins: Annotated[tuple[Annotated[Text, AfterValidator(_an_origin)], ...], Field(max_length=20)] = ()
    """Origins of the Web UI, `https://HOST`; by itself that of `gateway.temporal_ui_url`."""
    session: Duration = timedelta(hours=12)
    """How long a person stays logged in."""

    @property
    def is_local(self) -> bool:
        """Return whether it listens on this machine's own address only."""
        host = host_and_port(self.listen)[0]
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


class CodecFile(Section):
    """What the codec server reads of the configuration: it is given no other secret."""

    temporal: Temporal = Temporal()
    codec: Codec = Codec()
    temporal_ui_url: AnyHttpUrl | None = None
    """That of `[gateway]`."""
    simulated: bool = False
    """Whether all boards of the main file are simulated ones, so that nothing is to be protected."""
