"""The console: where it listens, and by whose word it knows who acts."""

from ipaddress import ip_address
from typing import Annotated

from pydantic import AnyHttpUrl, Field, StringConstraints, model_validator

from config.values import Listen, Section, Text, host_and_port

Header = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]
HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}$", to_lower=True)]


class Console(Section):
    """The pages for people; see docs/console.md before it listens on more than this machine."""

    listen: Listen = "127.0.0.1:8085"
    """Address and port of the console."""
    public_url: AnyHttpUrl | None = None
    """Where your people open it: the Temporal Web UI links each job to its page there."""
    user_header: Header | None = None
    """The header in which the proxy of your single sign-on names who is logged in; without it nobody can act."""
    user: Annotated[Text, Field(max_length=200)] | None = None
    """Who acts on a machine of one person, without a proxy; only where the console listens on loopback alone."""
    hosts: tuple[HostName, ...] = ()
    """Names under which the console is opened, beside the address that it listens on and localhost."""

    @property
    def host(self) -> str:
        """Return the address to listen on."""
        return host_and_port(self.listen)[0]

    @property
    def port(self) -> int:
        """Return the port to listen on."""
        return host_and_port(self.listen)[1]

    @model_validator(mode="after")
    def _one_word_for_who_acts(self) -> "Console":
        if self.user is None:
            return self
        if self.user_header is not None:
            raise ValueError("user and user_header exclude each other: one says who acts")
        if not _is_loopback(self.host):
            raise ValueError("user needs a console that listens on loopback alone: else anybody would act in this name")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
