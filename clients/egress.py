"""Where a call to an address of others may go: to the public Internet, unless its host is allowed by name.

Decided for each address at the moment at which a socket to it is made, so that no name can resolve to another address
after it was looked at (DNS rebinding), and that every spelling of an address counts as what it is.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

PUBLIC_ONLY = "boardsync.public_only"
"""The extension of an httpx request that may reach public addresses alone."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses within IPv6 (RFC 6052); the local prefix of RFC 8215 is not public."""


class NotPublic(OSError):  # noqa: N818 -- a refusal, told in words of its own
    """The address is of this machine, a private network or otherwise not of the public Internet."""


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public Internet; an IPv4 address within an IPv6 one counts itself."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(each) for each in _all_of(ip))


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """Make a socket for an address that was resolved, as asyncio would.

    Raises NotPublic.
    """
    family, kind, protocol, _, address = info
    if family not in {socket.AF_INET, socket.AF_INET6} or not is_public(str(address[0])):
        # Always in the same words: what a name resolves to inside is nobody's business.
        raise NotPublic("the address is not public")
    return socket.socket(family=family, type=kind, proto=protocol)


def _all_of(ip: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    if isinstance(ip, IPv4Address):
        return (ip,)
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip in _NAT64 or int(ip) >> 32 == 0:
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    return (ip, *(each for each in (ip.sixtofour, *(ip.teredo or ())) if each is not None))


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and ip.is_site_local:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
