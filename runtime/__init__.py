"""What every process needs: the connection to Temporal, provisioning, telemetry, logs, stopping."""
