"""CPU time of processes, as the operating system counts it."""

import os
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def seconds(process_id: int) -> float:
    """Return the CPU time that a process and the children it has waited for have used.

    Raises OSError where the system does not tell, as outside Linux.
    """
    # The name in parentheses may hold spaces: what follows it counts from the third field (proc(5)).
    fields = (PROC / str(process_id) / "stat").read_text().rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / TICKS


def busy() -> float:
    """Return the CPU time that all programs on the machine have used since it was started.

    Raises OSError where the system does not tell, as outside Linux.
    """
    # user, nice, system, idle, iowait, irq, softirq, steal (proc(5)); a guest's time is in user's already.
    fields = [int(each) for each in (PROC / "stat").read_text().partition("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def memory(process_id: int) -> int:
    """Return the bytes of memory that a process holds.

    Raises OSError where the system does not tell, as outside Linux.
    """
    pages = int((PROC / str(process_id) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Watch:
    """What some processes have used since they were looked at last."""

    def __init__(self, process_ids: Mapping[str, int]) -> None:
        """Begin now."""
        self._ids = dict(process_ids)
        self._before = self._read()

    def lap(self) -> dict[str, float]:
        """Return the seconds that each has used since the last lap."""
        before, self._before = self._before, self._read()
        return {name: self._before[name] - before[name] for name in self._ids}

    def _read(self) -> dict[str, float]:
        return {name: seconds(each) for name, each in self._ids.items()}
