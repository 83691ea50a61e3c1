"""A worker's metrics, for Prometheus: what it counted, and how all lifecycles stand."""

from runtime.metrics.server import serving_metrics

__all__ = ["serving_metrics"]
