"""Keys for tests, and settings that encrypt with them."""

import base64

from config.settings import Settings
from config.temporal import CodecFile, Temporal

NEW, OLD = bytes(range(32)), bytes(range(32, 64))
CODEC_TOKEN = "a-token-for-the-codec-server-in-tests"


def encoded(key: bytes) -> str:
    """Return a key as the configuration holds it."""
    return base64.b64encode(key).decode()


def temporal_with(*keys: bytes) -> Temporal:
    """Return the section [temporal] with keys, the first of which encrypts."""
    return Temporal.model_validate({"encryption_keys": [encoded(each) for each in keys]})


def encrypting(settings: Settings, *keys: bytes) -> Settings:
    """Return settings that encrypt."""
    return settings.model_copy(update={"temporal": temporal_with(*keys)})


def codec_file(settings: Settings) -> CodecFile:
    """Return what the codec server reads of such a configuration."""
    return CodecFile(temporal=settings.temporal, codec=settings.codec, temporal_ui_url=settings.gateway.temporal_ui_url)
