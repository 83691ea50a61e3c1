"""A PostgreSQL server of the tests' own, from the programs that Debian's package `postgresql` brings."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SETTINGS = {
    "listen_addresses": "",  # the socket in the tests' own folder is enough
    "fsync": "off",  # SIGKILL of a writer is tried, a power failure is not
    "max_connections": "200",
    "shared_buffers": "32MB",
}


def programs() -> Path | None:
    """Return the folder of the server's programs; installs them where the tests may."""
    found, apt = _found(), shutil.which("apt-get")
    if found is None and os.geteuid() == 0 and apt:
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(  # noqa: S603 - our own words
                [apt, *arguments],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=100,
            )
        found = _found()
    return found


def _found() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def server_user() -> str | None:
    """Return the user that the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Run a server; the value is the folder of its socket, which is the `host` of a URL."""
    where, user = programs(), server_user()
    if where is None or (os.geteuid() == 0 and user is None):
        reason = "no PostgreSQL here: its programs are not installed, and could not be"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="bs-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    control = [str(where / "pg_ctl"), "-D", str(folder / "data"), "-w", "-t", "60", "-s"]
    try:
        make_cluster(folder / "data")
        log = str(folder / "log")
        _run([*control, "-l", log, "-o", f"{options} -k {folder}", "start"], folder, user)
        try:
            yield str(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_cluster(data: Path) -> None:
    """Make the files of a server, which trusts whoever reaches it; their folder must be the server's user's."""
    where = programs()
    assert where is not None
    _run([str(where / "initdb"), "-D", str(data), "-U", "boardsync", "-A", "trust", "-N"], data.parent, server_user())


def server_command(data: Path, port: int) -> list[str]:
    """Return the command that runs a server on a port of this machine."""
    where = programs()
    assert where is not None
    settings = {**SETTINGS, "listen_addresses": "127.0.0.1", "port": str(port)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    user = server_user()
    changed = [] if user is None else ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    return [*changed, str(where / "postgres"), "-D", str(data), "-k", str(data.parent), *options]


def _run(command: list[str], folder: Path, user: str | None) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
