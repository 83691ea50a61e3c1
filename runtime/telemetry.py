"""What the Temporal SDK tells of itself: metrics for Prometheus, log lines in the chosen form."""

from temporalio.runtime import LoggingConfig, LoggingFormat, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter

from config.loading import ConfigurationError
from models.temporal import CLOSE_SECONDS
from runtime.logs import logs_json

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
CLOSE_BUCKETS = (
    *(1.0, 2.5, 5.0, 10.0, 30.0),
    *(MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY),
)
"""Seconds: from a board that agrees at once to one that needs a person."""


def sdk_runtime(metrics_listen: str | None) -> Runtime:
    """Make the SDK's runtime, of which a process has one; with an address it serves its metrics there.

    Raises ConfigurationError where the address cannot be listened on.
    """
    metrics = None
    if metrics_listen is not None:
        metrics = PrometheusConfig(
            bind_address=metrics_listen,
            counters_total_suffix=True,
            durations_as_seconds=True,
            unit_suffix=True,
            histogram_bucket_overrides={CLOSE_SECONDS: CLOSE_BUCKETS},
        )
    # As the SDK's default, but JSON where our own lines are JSON.
    logging = LoggingConfig(
        TelemetryFilter(core_level="WARN", other_level="ERROR"), format=LoggingFormat.JSON if logs_json() else None
    )
    try:
        return Runtime(telemetry=TelemetryConfig(logging=logging, metrics=metrics))
    except ValueError as error:
        raise ConfigurationError(f"worker.sdk_metrics_listen: cannot listen on {metrics_listen}: {error}") from error
