"""A small file system of its own, which can be filled and emptied at once."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = "6g"
"""Of memory, at most: what a run writes is far less."""
TRIES = 5
PAGE = 4096


class Disk:
    """A folder, where it can be had on a file system of its own."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        """Take a folder that is there."""
        self.folder, self._mounted = folder, mounted

    def fill(self) -> None:
        """Leave no room: a page more than is used."""
        for _ in range(TRIES if self._mounted else 0):
            used = os.statvfs(self.folder)
            taken = (used.f_blocks - used.f_bfree) * used.f_frsize
            # Something may be written between the look and this.
            if _mount("-o", f"remount,size={taken + PAGE}", str(self.folder)):
                return

    def empty(self) -> None:
        """Give room again."""
        if self._mounted:
            _mount("-o", f"remount,size={SIZE}", str(self.folder))


@contextmanager
def disk(folder: Path, *, user: str | None = None) -> Iterator[Disk]:
    """Make a folder, on a file system of its own where this machine allows it."""
    folder.mkdir(parents=True)
    mounted = can_mount() and _mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
    if user is not None:
        shutil.chown(folder, user)
    try:
        yield Disk(folder, mounted=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False, stderr=subprocess.DEVNULL)  # noqa: S603, S607
        with suppress(OSError):
            shutil.rmtree(folder)


def can_mount() -> bool:
    """Return whether a file system can be mounted here, by trying it."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    probe = Path(f"/tmp/boardsync-chaos-{os.getpid()}")  # noqa: S108 -- our process id's own
    probe.mkdir(exist_ok=True)
    try:
        mounted = _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(probe))
        if mounted:
            subprocess.run(["umount", str(probe)], check=False)  # noqa: S603, S607
        return mounted
    finally:
        probe.rmdir()


def _mount(*words: str) -> bool:
    done = subprocess.run(["mount", *words], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603, S607
    return done.returncode == 0
