"""The connection to Temporal, by the SDK's own `TEMPORAL_*` settings."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime

from config.temporal import Temporal
from runtime.encryption import converter_for

DEFAULT_ADDRESS = "localhost:7233"
PLAIN = Temporal()


class TemporalUnreachable(Exception):  # noqa: N818 -- a state, told to the operator
    """Temporal does not answer where the settings say it is."""


async def connect(
    temporal: Temporal = PLAIN, *, lazy: bool = False, address: str | None = None, runtime: Runtime | None = None
) -> Client:
    """Connect as `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_TLS_*` … and the profile file say.

    What Temporal keeps is encrypted as `temporal` says. A lazy client connects at its first call, so that a gateway
    starts while Temporal is down. A given address is that of an embedded server, for which none of those settings hold.
    Raises TemporalUnreachable where a client that is not lazy cannot connect.
    """
    profile = ClientConfig.load_client_connect_config() if address is None else ClientConnectConfig(target_host=address)
    profile.setdefault("target_host", DEFAULT_ADDRESS)
    try:
        return await Client.connect(**profile, data_converter=converter_for(temporal), lazy=lazy, runtime=runtime)
    except RuntimeError as error:
        raise TemporalUnreachable(
            f"cannot reach Temporal at {profile['target_host']}: start it, or set TEMPORAL_ADDRESS ({error})"
        ) from error
