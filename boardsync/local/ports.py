"""Free ports for a stack on one machine."""

import socket
from dataclasses import dataclass

TRIES = 50


class NoPortFree(Exception):  # noqa: N818 -- a state of the machine, told to the user
    """No port in reach is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where each part of the stack listens."""

    temporal: int
    temporal_ui: int
    gateway: int
    console: int
    icims: int
    linkedin: int
    indeed: int
    control: int

    def moved(self) -> list[str]:
        """Return which parts did not get their usual port."""
        names = self.__dataclass_fields__
        pairs = ((name, getattr(USUAL, name), getattr(self, name)) for name in names)
        return [f"{name}: port {usual} is taken, using {got}" for name, usual, got in pairs if usual != got]


USUAL = Ports(
    temporal=7233,
    temporal_ui=8233,
    gateway=8080,
    console=8085,
    control=9100,
    icims=9101,
    linkedin=9102,
    indeed=9103,
)


def choose_ports(*, host: str = "127.0.0.1") -> Ports:
    """Take each part's usual port, or the next free one.

    Raises NoPortFree.
    """
    taken: set[int] = set()
    chosen: dict[str, int] = {}
    for name in USUAL.__dataclass_fields__:
        chosen[name] = _next_free(getattr(USUAL, name), host, taken)
        taken.add(chosen[name])
    return Ports(**chosen)


def _next_free(usual: int, host: str, taken: set[int]) -> int:
    for port in range(usual, usual + TRIES):
        if port not in taken and _is_free(host, port):
            return port
    raise NoPortFree(f"ports {usual} to {usual + TRIES - 1} on {host} are all taken: stop what uses them")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
