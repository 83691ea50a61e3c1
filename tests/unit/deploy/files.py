"""The files of a deployment, as text."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"


def compose() -> str:
    """Return the compose file without its comments."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def dockerfile() -> str:
    """Return the Dockerfile with its continued lines joined."""
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
