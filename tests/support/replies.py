"""Providers' answers as values, and the recorded samples."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clients.http import Response

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> bytes:
    """Return a recorded example, byte for byte."""
    return (SAMPLES / name).read_bytes()


def reply(
    body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None, at: datetime = NOW
) -> Response:
    """Make an answer: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=status, headers=headers or {}, body=raw, received_at=at)
