"""Where Boardsync may connect to: the providers' own hosts, and public addresses; anything else is allowed by name."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

from pydantic import StringConstraints

from config.reading import ConfigurationError
from config.values import Section

if TYPE_CHECKING:
    from config.settings import Settings

HostName = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^\s/@?#]{1,253}$")]

OWN = {
    "icims": ("icims.com", "icims.eu"),
    "linkedin": ("linkedin.com",),
    "indeed": ("indeed.com",),
}
"""The domains under which each provider's API and tokens are (docs/providers)."""


class Egress(Section):
    """Hosts that Boardsync may connect to beside the ordinary ones."""

    private_hosts: tuple[HostName, ...] = ()
    """Hosts of notifications, as their URL has them, that may be on this machine or in a private network."""
    provider_hosts: tuple[HostName, ...] = ()
    """Hosts beside the providers' own that `api_url` and `token_url` may name, such as a proxy of yours."""


def may_be_private(settings: "Settings", host: str) -> bool:
    """Return whether a notification's host may be of this machine or of a private network."""
    host = host.lower().strip("[]")
    if host in {each.strip("[]") for each in settings.egress.private_hosts}:
        return True
    # Where all boards are simulated ones, so may be who is told: under this machine's own names.
    return settings.simulated and _is_this_machine(host)


def foreign(settings: "Settings") -> Iterator[tuple[str, str]]:
    """Return each provider's address that is not at its own host, by key and host."""
    if settings.simulated:
        return
    for provider, key, url in settings.provider_urls:
        host = (url.host or "").lower().strip("[]")
        own = any(host == domain or host.endswith(f".{domain}") for domain in OWN[provider])
        if host not in settings.egress.provider_hosts and not (own and url.scheme == "https"):
            yield key, host


def refuse_foreign(settings: "Settings") -> None:
    """Raise ConfigurationError where credentials would go to a host that is not the provider's own."""
    for key, host in foreign(settings):
        raise ConfigurationError(
            f"{key}: {host} is not a host of the provider by https, and its credentials would go there: correct it, or "
            "name the host in [egress] provider_hosts"
        )


def _is_this_machine(host: str) -> bool:
    try:
        ip = ip_address(host)
    except ValueError:
        return host == "localhost"
    return ip.is_loopback and getattr(ip, "ipv4_mapped", None) is None
