"""The connection to Temporal, by the SDK's own `TEMPORAL_*` settings."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig

DEFAULT_ADDRESS = "localhost:7233"


async def connect(*, lazy: bool = False, address: str | None = None) -> Client:
    """Connect as `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_TLS_*` … and the profile file say.

    A lazy client connects at its first call, so that a gateway starts while Temporal is down. A given
    address is that of an embedded server, for which none of those settings hold.
    Raises RuntimeError where a client that is not lazy cannot connect.
    """
    if address is not None:
        return await Client.connect(address, data_converter=pydantic_data_converter, lazy=lazy)
    profile = ClientConfig.load_client_connect_config()
    profile.setdefault("target_host", DEFAULT_ADDRESS)
    return await Client.connect(**profile, data_converter=pydantic_data_converter, lazy=lazy)
