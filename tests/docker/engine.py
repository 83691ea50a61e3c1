"""The Docker engine of this machine, and the images that the files of the deployment name."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDINS = Path(__file__).parent / "standins"
BASE = "boardsync-standin/debian:bookworm"
LABEL = "boardsync.standin"
PACKAGES = "ca-certificates,python3,python3-venv"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

TARGETS: Mapping[str, str] = {
    "python": "python",
    "postgres": "postgres",
    "temporalio/admin-tools": "admin-tools",
    "temporalio/server": "server",
    "temporalio/ui": "ui",
    "caddy": "caddy",
    "prom/prometheus": "prometheus",
}
"""Stand-ins by the repository of the image whose place they take. Grafana has none: no registry at hand has it."""


class Failed(Exception):  # noqa: N818 -- says what a command did
    """A command ended with an error; the message has its last words."""


def run(*command: str, within: float = 600.0, env: Mapping[str, str] | None = None) -> str:
    """Run a command, return what it prints.

    Raises Failed.
    """
    done = subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        timeout=within,
        check=False,
    )
    if done.returncode:
        raise Failed(
            f"{' '.join(command)}: {done.returncode}\n{(done.stdout + done.stderr).decode(errors='replace')[-4000:]}"
        )
    return done.stdout.decode(errors="replace")


def docker(*words: str, within: float = 600.0) -> str:
    """Run the Docker client."""
    return run("docker", *words, within=within)


def why_not() -> str | None:
    """Return why nothing can be run here, if so."""
    if shutil.which("docker") is None:
        return "there is no Docker client"
    try:
        docker("info", "--format", "{{.ServerVersion}}", within=20)
    except (Failed, subprocess.TimeoutExpired):
        return "no Docker engine answers"
    return None


def compose_command() -> Sequence[str] | None:
    """Return how Compose is called here: as the client's plug-in, or as version 1 of its own."""
    try:
        run("docker", "compose", "version", within=20)
    except Failed:
        return ["docker-compose"] if shutil.which("docker-compose") else None
    return ["docker", "compose"]


def has_image(name: str) -> bool:
    """Say whether the engine has an image of that name, real or not."""
    return bool(docker("images", "--quiet", name).strip())


def provide(*names: str) -> None:
    """Make stand-ins for those images that the engine does not have; pull the real ones before, to test with them."""
    for name in names:
        target = TARGETS.get(name.rpartition(":")[0])
        if target is not None and not has_image(name):
            _provide_base()
            _build(target, name)


def _provide_base() -> None:
    """Make a bare Debian from its packages, with the certificate authorities that this machine trusts."""
    if has_image(BASE):
        return
    if shutil.which("debootstrap") is None:
        raise Failed("an image is missing and debootstrap is not installed: pull the image, or install debootstrap")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root))
        if AUTHORITIES.exists():
            shutil.copy(AUTHORITIES, root / "etc/ssl/certs/ca-certificates.crt")
            (root / "etc/pip.conf").write_text(f"[global]\ncert = {AUTHORITIES}\n", encoding="utf-8")
        (root / "etc/apt/apt.conf.d/99lean").write_text('APT::Keep-Downloaded-Packages "false";\n', encoding="utf-8")
        archive = Path(folder) / "root.tar"
        run("tar", "-C", str(root), "-cf", str(archive), ".")
        docker("import", "--change", 'CMD ["bash"]', str(archive), BASE)


def _build(target: str, name: str) -> None:
    """Build one target in a folder that also holds the CLI of this environment."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        for path in STANDINS.iterdir():
            shutil.copy(path, context)
        shutil.copy(Path(sys.executable).with_name("temporal"), context)
        docker("build", "--quiet", "--target", target, "--tag", name, str(context))
